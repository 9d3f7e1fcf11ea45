/* SPDX-License-Identifier: BSD-2-Clause */
/* The ESP becomes a consistent FAT16 file system that holds the files of \EFI\BOOT, and nothing else. */
#include "edit_disk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
        SECTOR = 512,
        ROOT_ENTRIES = 512,
        ROOT_SECTORS = ROOT_ENTRIES * 32 / SECTOR,
        FILES_MAX = 8,
        FILE_MAX = 16 * 1024 * 1024,
};

struct kept {
        uint8_t name[11];
        uint8_t *data;
        uint32_t size;
};

struct layout {
        uint64_t start; /* of the partition */
        uint32_t sectors, cluster_sectors, fat_sectors;
        uint32_t next; /* the next free cluster */
};

static int kept_read(struct edit *edit, struct kept kept[FILES_MAX], unsigned *ret_count)
{
        struct fat fat;
        struct fat_entry entry;
        const char *why;
        unsigned count = 0;
        int status = edit_fat_open(edit, &fat);
        struct fat_dir dir;

        if (status < 0)
                return status;
        if (fat_find(&fat, "\\EFI\\BOOT", &entry, &why) != FAT_FOUND)
                return edit_fail(edit, -ENOENT, "format-fat16: the ESP has no \\EFI\\BOOT");
        dir = fat_dir_at(&fat, entry.first);
        while (count < FILES_MAX && fat_dir_next(&dir, &entry) == FAT_DIR_ENTRY) {
                struct fat_file file = fat_file(&fat, entry.first, entry.size);

                if (entry.attributes & (FAT_DIRECTORY | FAT_VOLUME) || entry.size > FILE_MAX)
                        continue;
                memcpy(kept[count].name, entry.raw, 11);
                kept[count].size = entry.size;
                kept[count].data = malloc(entry.size ? entry.size : 1);
                if (!kept[count].data)
                        return edit_fail(edit, -ENOMEM, "format-fat16: no memory");
                if (!fat_file_read(&file, 0, kept[count++].data, entry.size))
                        return edit_fail(edit, -EIO, "format-fat16: %s cannot be read", entry.short_name);
        }
        *ret_count = count;
        return 0;
}

/* The smallest power of two that leaves fewer clusters than FAT32 has. */
static int layout_choose(struct edit *edit, struct layout *ret)
{
        struct esp esp;
        int status = edit_esp(edit, &esp);

        if (status < 0)
                return status;
        *ret = (struct layout){.start = esp.start, .sectors = (uint32_t)(esp.size / SECTOR), .next = 2};
        for (ret->cluster_sectors = 1; ret->cluster_sectors < 128; ret->cluster_sectors *= 2)
                if (ret->sectors / ret->cluster_sectors < 65500)
                        break;
        ret->fat_sectors = (ret->sectors / ret->cluster_sectors + 2) / (SECTOR / 2) + 1;
        if (esp.size / SECTOR > 65500u * 128 || ret->sectors / ret->cluster_sectors < 5000)
                return edit_fail(edit, -EINVAL, "format-fat16: the ESP is too large or too small for FAT16");
        return 0;
}

static uint64_t layout_fat(const struct layout *l, unsigned copy)
{
        return l->start + SECTOR * (uint64_t)(1 + copy * l->fat_sectors);
}

static uint64_t layout_cluster(const struct layout *l, uint32_t cluster)
{
        return layout_fat(l, 2) + SECTOR * (ROOT_SECTORS + (uint64_t)(cluster - 2) * l->cluster_sectors);
}

static int boot_sector_write(struct edit *edit, const struct layout *l)
{
        uint8_t b[SECTOR] = {0xeb, 0x3c, 0x90};

        memcpy(b + 3, "VMSPEC  ", 8);
        b[11] = SECTOR & 0xff;
        b[12] = SECTOR >> 8;
        b[13] = (uint8_t)l->cluster_sectors;
        b[14] = 1;
        b[16] = 2;
        b[17] = ROOT_ENTRIES & 0xff;
        b[18] = ROOT_ENTRIES >> 8;
        b[21] = 0xf8;
        b[22] = (uint8_t)l->fat_sectors;
        b[23] = (uint8_t)(l->fat_sectors >> 8);
        for (unsigned i = 0; i < 4; i++)
                b[32 + i] = (uint8_t)(l->sectors >> 8 * i);
        b[36] = 0x80;
        b[38] = 0x29;
        memcpy(b + 43, "NO NAME    FAT16   ", 19);
        b[510] = 0x55;
        b[511] = 0xaa;
        return edit_write(edit, l->start, b, sizeof(b));
}

static int range_clear(struct edit *edit, uint64_t from, uint64_t to)
{
        static const uint8_t zero[SECTOR];
        int status = 0;

        for (; from < to && status == 0; from += SECTOR)
                status = edit_write(edit, from, zero, sizeof(zero));
        return status;
}

static int fat_word(struct edit *edit, const struct layout *l, uint32_t cluster, uint32_t value)
{
        int status = edit_write_number(edit, layout_fat(l, 0) + 2 * (uint64_t)cluster, value, 2);

        return status < 0 ? status : edit_write_number(edit, layout_fat(l, 1) + 2 * (uint64_t)cluster, value, 2);
}

/* Takes a chain that is large enough and links it; returns where it begins. */
static int chain_take(struct edit *edit, struct layout *l, uint32_t size, uint32_t *ret_first)
{
        uint32_t bytes = l->cluster_sectors * SECTOR, count = size / bytes + (size % bytes != 0);
        int status = 0;

        *ret_first = count ? l->next : 0;
        if (l->next + count > (l->sectors - 1 - 2 * l->fat_sectors - ROOT_SECTORS) / l->cluster_sectors)
                return edit_fail(edit, -ENOSPC, "format-fat16: the files do not fit");
        for (uint32_t i = 0; i < count && status == 0; i++, l->next++)
                status = fat_word(edit, l, l->next, i + 1 < count ? l->next + 1 : 0xffff);
        return status;
}

static int slot_write(struct edit *edit, uint64_t at, const void *name, uint8_t attributes, uint32_t first,
                      uint32_t size)
{
        uint8_t raw[32] = {0};

        memcpy(raw, name, 11);
        raw[11] = attributes;
        raw[26] = (uint8_t)first;
        raw[27] = (uint8_t)(first >> 8);
        for (unsigned i = 0; i < 4; i++)
                raw[28 + i] = (uint8_t)(size >> 8 * i);
        return edit_write(edit, at, raw, sizeof(raw));
}

/* A directory of one cluster in its parent's first free place. */
static int dir_write(struct edit *edit, struct layout *l, uint64_t slot, const char *name, uint32_t parent,
                     uint32_t *ret_cluster)
{
        uint32_t bytes = l->cluster_sectors * SECTOR;
        uint64_t at;
        int status = chain_take(edit, l, 1, ret_cluster);

        if (status < 0)
                return status;
        at = layout_cluster(l, *ret_cluster);
        status = range_clear(edit, at, at + bytes);
        if (status == 0)
                status = slot_write(edit, slot, name, FAT_DIRECTORY, *ret_cluster, 0);
        if (status == 0)
                status = slot_write(edit, at, ".          ", FAT_DIRECTORY, *ret_cluster, 0);
        return status < 0 ? status : slot_write(edit, at + 32, "..         ", FAT_DIRECTORY, parent, 0);
}

static int tree_write(struct edit *edit, struct layout *l, const struct kept *kept, unsigned count)
{
        uint32_t efi, boot, first;
        int status = range_clear(edit, layout_fat(l, 0), layout_cluster(l, 2));

        if (status == 0)
                status = fat_word(edit, l, 0, 0xfff8);
        if (status == 0)
                status = fat_word(edit, l, 1, 0xffff);
        if (status == 0)
                status = dir_write(edit, l, layout_fat(l, 2), "EFI        ", 0, &efi);
        if (status == 0)
                status = dir_write(edit, l, layout_cluster(l, efi) + 64, "BOOT       ", efi, &boot);
        for (unsigned i = 0; i < count && status == 0; i++) {
                status = chain_take(edit, l, kept[i].size, &first);
                if (status == 0)
                        status = slot_write(edit, layout_cluster(l, boot) + 64 + 32 * i, kept[i].name, 0x20, first,
                                            kept[i].size);
                if (status == 0 && kept[i].size)
                        status = edit_write(edit, layout_cluster(l, first), kept[i].data, kept[i].size);
        }
        return status;
}

int edit_format_fat16(struct edit *edit)
{
        struct kept kept[FILES_MAX] = {0};
        struct layout layout;
        unsigned count = 0;
        int status = kept_read(edit, kept, &count);

        if (status == 0)
                status = layout_choose(edit, &layout);
        if (status == 0)
                status = boot_sector_write(edit, &layout);
        if (status == 0)
                status = tree_write(edit, &layout, kept, count);
        for (unsigned i = 0; i < FILES_MAX; i++)
                free(kept[i].data);
        return status;
}
