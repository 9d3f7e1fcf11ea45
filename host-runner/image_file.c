/* SPDX-License-Identifier: BSD-2-Clause */
/* What is not a raw disk image is refused in one sentence; what is one is judged without being changed. */
#include "image_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/fs.h>

#include "judge.h"
#include "text.h"

static bool file_read(const struct image *image, uint64_t offset, void *to, size_t size)
{
        struct image_file *file = image->context;
        size_t done = 0;

        while (done < size) {
                ssize_t got = pread(file->fd, (uint8_t *)to + done, size - done, (off_t)(offset + done));

                if (got > 0) {
                        done += (size_t)got;
                } else if (got == 0 || errno != EINTR) {
                        if (file->failed++ == 0)
                                text_format(file->failure, sizeof(file->failure), "reading %llu bytes at %llu: %s",
                                            (unsigned long long)size, (unsigned long long)offset,
                                            got == 0 ? "the file ended early" : strerror(errno));
                        return false;
                }
        }
        return true;
}

/* Where the file system knows of no holes, everything may be data. */
static bool file_extent(const struct image *image, uint64_t offset, uint64_t *ret_start, uint64_t *ret_end)
{
        const struct image_file *file = image->context;
        off_t start = lseek(file->fd, (off_t)offset, SEEK_DATA), end;

        if (start < 0 && errno == ENXIO)
                return false;
        end = start < 0 ? -1 : lseek(file->fd, start, SEEK_HOLE);
        *ret_start = start < 0 ? offset : (uint64_t)start;
        *ret_end = end < 0 ? image->size : (uint64_t)end;
        return true;
}

static int refuse(char *error, size_t error_size, int status, const char *path, const char *found)
{
        text_format(error, error_size, "%s: found %s, expected a raw disk image of whole blocks", path, found);
        return status;
}

struct container {
        const char *name;
        uint32_t offset;
        const char *magic;
        size_t size;
};

/* The formats that hold a disk but do not look like one. A VHD of fixed size has its mark only in the last block. */
static const char *container_name(const struct image *image)
{
        static const struct container containers[] = {
                {"a qcow2 or qcow image", 0, "QFI\xfb", 4},
                {"a VMDK image", 0, "KDMV", 4},
                {"a VMDK image", 0, "COWD", 4},
                {"a VMDK descriptor", 0, "# Disk DescriptorFile", 21},
                {"a VDI image", 64, "\x7f\x10\xda\xbe", 4},
                {"a VHDX image", 0, "vhdxfile", 8},
                {"a VHD image", 0, "conectix", 8},
                {"a QED image", 0, "QED\0", 4},
                {"a gzip file", 0, "\x1f\x8b\x08", 3},
                {"an xz file", 0,
                 "\xfd"
                 "7zXZ\0",
                 6},
                {"a Zstandard file", 0, "\x28\xb5\x2f\xfd", 4},
                {"a ZIP file", 0, "PK\x03\x04", 4},
        };
        char bytes[24];

        for (size_t i = 0; i < sizeof(containers) / sizeof(containers[0]); i++)
                if (image_read(image, containers[i].offset, bytes, containers[i].size) &&
                    memcmp(bytes, containers[i].magic, containers[i].size) == 0)
                        return containers[i].name;
        if (image->size >= 1024 && image_read(image, image->size - 512, bytes, 8) && memcmp(bytes, "conectix", 8) == 0)
                return "a VHD image of fixed size";
        return NULL;
}

static int size_find(int fd, const struct stat *st, uint64_t *ret_size)
{
        if (S_ISBLK(st->st_mode))
                return ioctl(fd, BLKGETSIZE64, ret_size) == 0 ? 0 : -errno;
        *ret_size = (uint64_t)st->st_size;
        return 0;
}

int image_file_wrap(struct image_file *ret_file, int fd, const char *path, unsigned block_size, char *error,
                    size_t error_size)
{
        struct image_file *file = ret_file;
        struct stat st;
        const char *container;
        char odd[64];
        int status;

        *file = (struct image_file){.fd = fd};
        file->image =
                (struct image){.block_size = block_size, .context = file, .read = file_read, .extent = file_extent};
        status = fstat(fd, &st) == 0 ? size_find(fd, &st, &file->image.size) : -errno;
        if (status < 0)
                return refuse(error, error_size, status, path, strerror(-status));
        if (S_ISDIR(st.st_mode))
                return refuse(error, error_size, -EISDIR, path, "a directory");
        if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
                return refuse(error, error_size, -EINVAL, path, "neither a file nor a block device");
        if (file->image.size == 0)
                return refuse(error, error_size, -EINVAL, path, "no bytes at all");
        container = container_name(&file->image);
        if (container)
                return refuse(error, error_size, -EMEDIUMTYPE, path, container);
        if (file->image.size % file->image.block_size != 0) {
                text_format(odd, sizeof(odd), "%llu bytes, not whole blocks of %u",
                            (unsigned long long)file->image.size, file->image.block_size);
                return refuse(error, error_size, -EINVAL, path, odd);
        }
        if (file->failed)
                return refuse(error, error_size, -EIO, path, file->failure);
        return 0;
}

int image_file_open(struct image_file *ret_file, const char *path, unsigned block_size, char *error, size_t error_size)
{
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        int status;

        if (fd < 0) {
                status = -errno;
                return refuse(error, error_size, status, path, strerror(-status));
        }
        status = image_file_wrap(ret_file, fd, path, block_size, error, error_size);
        if (status < 0)
                close(fd);
        return status;
}

void image_file_close(struct image_file *file)
{
        close(file->fd);
        file->fd = -1;
}

/* The facts of one case, on their way into its row. */
struct row_sink {
        const struct image_file *file;
        struct row *row;
        bool full; /* memory ran out */
};

static void sink_add(struct row_sink *sink, const struct fact *fact)
{
        struct entry entry = {.fact = *fact, .half = HALF_J, .origin = "image"};

        sink->full |= !row_add(sink->row, &entry);
}

struct judged {
        struct judge judge; /* its check is first in it, and judge is first here */
        struct row_sink sink;
};

_Static_assert(offsetof(struct judged, judge.check) == 0, "judged_tell() finds the rest by the address of the check");

/* After a read that failed, what a judge says of the bytes is not the image's fault. */
static void judged_tell(struct check *check, const struct fact *fact)
{
        struct judged *judged = (struct judged *)(void *)check;
        struct fact told = *fact;

        if (told.kind == FACT_FAILED && judged->sink.file->failed)
                told.kind = FACT_ERROR;
        sink_add(&judged->sink, &told);
}

/* Returns how many halves ran to their end: 1, or 0 where memory ran out on the way. */
static unsigned case_judge(struct image_file *file, struct row *row)
{
        struct judged judged = {
                .judge = {.check = {.tell = judged_tell}, .image = &file->image},
                .sink = {.file = file, .row = row},
        };

        file->failed = 0;
        judge_halves[row->id](&judged.judge);
        if (file->failed)
                SUITE_ERROR(&judged.judge, "%s", file->failure);
        return !judged.sink.full;
}

static void subject_describe(struct subject *subject, const struct image *image)
{
        char about[96];
        char *copy;

        text_format(about, sizeof(about), "raw image, %llu bytes in blocks of %u", (unsigned long long)image->size,
                    image->block_size);
        copy = strdup(about);
        if (!copy)
                return;
        free(subject->about);
        subject->about = copy;
}

int image_judge(struct ledger *ledger, const char *path, unsigned block_size, const bool selected[CASE_COUNT],
                char *error, size_t error_size)
{
        struct image_file file;
        struct subject *subject;
        bool chosen[CASE_COUNT];
        unsigned expected[CASE_COUNT] = {0}, ended[CASE_COUNT] = {0};
        int status = image_file_open(&file, path, block_size, error, error_size);

        if (status < 0)
                return status;
        for (unsigned id = 0; id < CASE_COUNT; id++)
                chosen[id] = selected[id] && cases[id].stage == STAGE_STATIC && judge_halves[id];
        subject = ledger_add_subject(ledger, path, true, chosen);
        if (!subject) {
                image_file_close(&file);
                text_format(error, error_size, "%s: no memory for its results", path);
                return -ENOMEM;
        }
        subject_describe(subject, &file.image);
        for (size_t i = 0; i < subject->rows; i++) {
                expected[subject->row[i].id] = 1;
                ended[subject->row[i].id] = case_judge(&file, &subject->row[i]);
        }
        subject_settle(subject, expected, ended);
        image_file_close(&file);
        return 0;
}
