/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The library sees the partition through an I/O manager of ours: it can write nothing, read nothing beside the
 * partition, and ask only so often.
 */
#include "ext.h"

#include <stdlib.h>
#include <string.h>

#include <ext2fs/ext2fs.h>

#include "text.h"

enum {
        SUPERBLOCK = 1024,
        MAGIC_AT = 56,
        MAGIC = 0xef53,
        READS_MAX = 8192,
        READ_MAX = 8 * 1024 * 1024,
        NAME_MAX_SHOWN = 64
};

struct window {
        const struct image *image;
        uint64_t start, size;
        unsigned reads;
};

static struct window *opening; /* ext2fs_open2() hands on no pointer, and images are opened one at a time */

static errcode_t window_open(const char *name, int flags, io_channel *channel);

static errcode_t window_close(io_channel channel)
{
        if (--channel->refcount > 0)
                return 0;
        free(channel->name);
        free(channel);
        return 0;
}

static errcode_t window_block_size(io_channel channel, int size)
{
        channel->block_size = size;
        return 0;
}

/* A negative count is a number of bytes. */
static errcode_t window_read64(io_channel channel, unsigned long long block, int count, void *to)
{
        struct window *window = channel->private_data;
        uint64_t size = count < 0 ? (uint64_t) - (int64_t)count : (uint64_t)count * (uint64_t)channel->block_size;
        uint64_t at = block * (uint64_t)channel->block_size;

        if (window->reads++ >= READS_MAX || size > READ_MAX || channel->block_size <= 0 ||
            block > window->size / (uint64_t)channel->block_size || size > window->size - at ||
            !image_read(window->image, window->start + at, to, (size_t)size))
                return EXT2_ET_SHORT_READ;
        return 0;
}

static errcode_t window_read(io_channel channel, unsigned long block, int count, void *to)
{
        return window_read64(channel, block, count, to);
}

static errcode_t window_write(io_channel channel, unsigned long block, int count, const void *from)
{
        (void)channel, (void)block, (void)count, (void)from;
        return EXT2_ET_RO_FILSYS;
}

static errcode_t window_flush(io_channel channel)
{
        (void)channel;
        return 0;
}

static struct struct_io_manager window_manager = {
        .magic = EXT2_ET_MAGIC_IO_MANAGER,
        .name = "a partition of an image",
        .open = window_open,
        .close = window_close,
        .set_blksize = window_block_size,
        .read_blk = window_read,
        .write_blk = window_write,
        .flush = window_flush,
        .read_blk64 = window_read64,
};

static errcode_t window_open(const char *name, int flags, io_channel *ret)
{
        io_channel channel = calloc(1, sizeof(*channel));

        (void)flags;
        if (channel)
                channel->name = strdup(name);
        if (!channel || !channel->name) {
                free(channel);
                return EXT2_ET_NO_MEMORY;
        }
        channel->magic = EXT2_ET_MAGIC_IO_CHANNEL;
        channel->manager = &window_manager;
        channel->block_size = SUPERBLOCK;
        channel->refcount = 1;
        channel->private_data = opening;
        *ret = channel;
        return 0;
}

bool ext_is_here(const struct image *image, uint64_t start, uint64_t size)
{
        uint8_t magic[2];

        return size >= 2 * SUPERBLOCK && image_read(image, start + SUPERBLOCK + MAGIC_AT, magic, 2) &&
               image_le16(magic) == MAGIC;
}

/* Files ------------------------------------------------------------------------------------------------------------ */

struct visit {
        ext2_filsys fs;
        struct guest_walk *walk;
        unsigned partition;
        const char *folder;
};

static bool ext_bytes(const struct image *image, uint64_t offset, void *to, size_t size)
{
        ext2_file_t file = image->context;
        unsigned got = 0;

        return size <= READ_MAX && ext2fs_file_llseek(file, offset, EXT2_SEEK_SET, NULL) == 0 &&
               ext2fs_file_read(file, to, (unsigned)size, &got) == 0 && got == size;
}

static void file_visit(struct visit *visit, ext2_ino_t inode, const char *name)
{
        struct ext2_inode what;
        struct guest_file file;
        ext2_file_t handle;
        char path[200];

        if (ext2fs_read_inode(visit->fs, inode, &what) || !LINUX_S_ISREG(what.i_mode) ||
            ext2fs_file_open(visit->fs, inode, 0, &handle))
                return;
        (void)text_format(path, sizeof(path), "partition %u: %s/%s", visit->partition, visit->folder, name);
        file = (struct guest_file){
                path, name, {.size = EXT2_I_SIZE(&what), .block_size = 512, .context = handle, .read = ext_bytes}};
        visit->walk->stopped |= !visit->walk->file(visit->walk->context, &file);
        ext2fs_file_close(handle);
}

static int entry_visit(struct ext2_dir_entry *entry, int offset, int block_size, char *buffer, void *context)
{
        struct visit *visit = context;
        char name[NAME_MAX_SHOWN];
        size_t length = (size_t)ext2fs_dirent_name_len(entry);

        (void)offset, (void)block_size, (void)buffer;
        visit->walk->entries++;
        if (length < sizeof(name) && entry->inode) {
                (void)text_escape(name, sizeof(name), entry->name, length);
                file_visit(visit, entry->inode, name);
        }
        return visit->walk->stopped ? DIRENT_ABORT : 0;
}

void ext_files_walk(const struct image *image, uint64_t start, uint64_t size, unsigned partition,
                    struct guest_walk *walk)
{
        static const char *const folders[] = {"/boot", "/boot/grub", "/boot/grub2", "/boot/loader/entries",
                                              "",      "/grub",      "/grub2",      "/loader/entries"};
        struct window window = {image, start, size, 0};
        struct visit visit = {.walk = walk, .partition = partition};

        opening = &window;
        if (ext2fs_open2("partition", NULL, EXT2_FLAG_64BITS | EXT2_FLAG_SOFTSUPP_FEATURES, 0, 0, &window_manager,
                         &visit.fs)) {
                walk->why = "an ext file system cannot be opened";
                return;
        }
        walk->volumes++;
        for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]) && !walk->stopped; i++) {
                ext2_ino_t inode;

                visit.folder = folders[i];
                if (ext2fs_namei(visit.fs, EXT2_ROOT_INO, EXT2_ROOT_INO, *folders[i] ? folders[i] : "/", &inode) == 0)
                        (void)ext2fs_dir_iterate(visit.fs, inode, 0, NULL, entry_visit, &visit);
        }
        (void)ext2fs_close_free(&visit.fs);
}
