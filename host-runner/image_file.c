/* SPDX-License-Identifier: BSD-2-Clause */
/* What presents no disk is refused in one sentence; what presents one is judged as it does, without being changed. */
#include "image_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/fs.h>

#include "container.h"
#include "judge.h"
#include "text.h"

enum { WINDOW = 64 * 1024, PAGE = 4096 };

/* Files of small clusters are read in thousands of pieces, one behind the other. What is not there is read by itself.
 */
static bool window_read(struct image_file *file, uint64_t offset, void *to, size_t size)
{
        if (!file->window || size > PAGE)
                return false;
        if (offset < file->window_at || offset + size > file->window_at + file->window_size) {
                uint64_t at = offset & ~(uint64_t)(PAGE - 1);
                ssize_t got = pread(file->fd, file->window, WINDOW, (off_t)at);

                file->window_at = at;
                file->window_size = got < 0 ? 0 : (size_t)got;
                if (offset + size > at + file->window_size)
                        return false;
        }
        memcpy(to, file->window + (offset - file->window_at), size);
        return true;
}

static bool file_read(const struct image *image, uint64_t offset, void *to, size_t size)
{
        struct image_file *file = image->context;
        size_t done = window_read(file, offset, to, size) ? size : 0;

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

/* As file_read(), of a disk in a container. */
static bool served_read(const struct image *image, uint64_t offset, void *to, size_t size)
{
        struct image_file *file = image->context;

        if (nbd_read(&file->nbd, offset, to, size))
                return true;
        if (file->failed++ == 0)
                text_format(file->failure, sizeof(file->failure),
                            "reading %llu bytes at %llu: qemu-nbd did not give them", (unsigned long long)size,
                            (unsigned long long)offset);
        return false;
}

static int refuse(char *error, size_t error_size, int status, const char *path, const char *found)
{
        text_format(error, error_size, "%s: found %s, expected a raw disk image of whole blocks", path, found);
        return status;
}

static int size_find(int fd, const struct stat *st, uint64_t *ret_size)
{
        if (S_ISBLK(st->st_mode))
                return ioctl(fd, BLKGETSIZE64, ret_size) == 0 ? 0 : -errno;
        *ret_size = (uint64_t)st->st_size;
        return 0;
}

/* The bytes of the file itself, whatever they are. */
static int file_begin(struct image_file *file, int fd, const char *path, unsigned block_size, char *error,
                      size_t error_size)
{
        struct stat st;
        int status;

        *file = (struct image_file){.fd = fd, .format = "raw"};
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
        return 0;
}

/* The disk in a container takes the place of the file's own bytes. */
static int container_present(struct image_file *file, const struct container *container, const char *path, char *error,
                             size_t error_size)
{
        uint64_t declared = 0;
        char why[200], found[300];
        const struct container *nested;
        const char *need;

        if (!container->format)
                return refuse(error, error_size, -EMEDIUMTYPE, path, container->name);
        if (container_is_whole(&file->image, container, &need)) {
                declared = container_declares(&file->image, container);
                if (nbd_open(&file->nbd, file->fd, container->format, why, sizeof(why)) == 0) {
                        file->served = true;
                        file->format = container->format;
                        file->image.size = file->nbd.size;
                        file->image.read = served_read;
                        file->image.extent = NULL;
                        file->image.container = container->name;
                        file->image.declared = declared;
                        nested = container_find(&file->image);
                        file->image.nested = nested ? nested->name : NULL;
                        file->failed = 0; /* a disk that cannot be read is told by the case that reads it */
                        return 0;
                }
                need = why;
        }
        text_format(found, sizeof(found), "%s that cannot be presented (%s)", container->name, need);
        return refuse(error, error_size, -EMEDIUMTYPE, path, found);
}

static int blocks_check(const struct image_file *file, const char *path, char *error, size_t error_size)
{
        char odd[64];

        if (file->failed)
                return refuse(error, error_size, -EIO, path, file->failure);
        if (file->image.size > 0 && file->image.size % file->image.block_size == 0)
                return 0;
        text_format(odd, sizeof(odd), "%llu bytes, not whole blocks of %u", (unsigned long long)file->image.size,
                    file->image.block_size);
        return refuse(error, error_size, -EINVAL, path, odd);
}

int image_file_wrap(struct image_file *ret_file, int fd, const char *path, unsigned block_size, char *error,
                    size_t error_size)
{
        const struct container *container;
        int status = file_begin(ret_file, fd, path, block_size, error, error_size);

        if (status < 0)
                return status;
        container = container_find(&ret_file->image);
        if (container)
                return refuse(error, error_size, -EMEDIUMTYPE, path, container->name);
        return blocks_check(ret_file, path, error, error_size);
}

int image_file_open(struct image_file *ret_file, const char *path, unsigned block_size, char *error, size_t error_size)
{
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        const struct container *container = NULL;
        int status;

        if (fd < 0) {
                status = -errno;
                return refuse(error, error_size, status, path, strerror(-status));
        }
        status = file_begin(ret_file, fd, path, block_size, error, error_size);
        ret_file->window = malloc(WINDOW); /* without it: slower, and no different */
        if (status == 0)
                container = container_find(&ret_file->image);
        if (container)
                status = container_present(ret_file, container, path, error, error_size);
        if (status == 0)
                status = blocks_check(ret_file, path, error, error_size);
        if (status < 0)
                image_file_close(ret_file);
        return status;
}

void image_file_close(struct image_file *file)
{
        if (file->served)
                nbd_close(&file->nbd);
        close(file->fd);
        free(file->window);
        file->window = NULL;
        file->served = false;
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
static unsigned case_judge(struct image_file *file, const struct clones *clones, struct row *row)
{
        struct judged judged = {
                .judge = {.check = {.tell = judged_tell}, .image = &file->image, .clones = clones},
                .sink = {.file = file, .row = row},
        };

        file->failed = 0;
        judge_halves[row->id](&judged.judge);
        if (file->failed)
                SUITE_ERROR(&judged.judge, "%s", file->failure);
        return !judged.sink.full;
}

static void subject_describe(struct subject *subject, const struct image_file *file)
{
        const struct image *image = &file->image;
        char about[96];
        char *copy;

        text_format(about, sizeof(about), "%s image, %llu bytes in blocks of %u", file->format,
                    (unsigned long long)image->size, image->block_size);
        copy = strdup(about);
        if (!copy)
                return;
        free(subject->about);
        subject->about = copy;
}

int image_judge_among(struct ledger *ledger, const char *path, unsigned block_size, const struct clones *clones,
                      const bool selected[CASE_COUNT], char *error, size_t error_size)
{
        struct image_file file;
        struct subject *subject;
        bool chosen[CASE_COUNT];
        unsigned expected[CASE_COUNT] = {0}, ended[CASE_COUNT] = {0};
        int status = image_file_open(&file, path, block_size, error, error_size);

        if (status < 0)
                return status;
        for (unsigned id = 0; id < CASE_COUNT; id++)
                chosen[id] = selected[id] && stage_is_of_image(cases[id].stage) && judge_halves[id];
        subject = ledger_add_subject(ledger, path, true, chosen);
        if (!subject) {
                image_file_close(&file);
                text_format(error, error_size, "%s: no memory for its results", path);
                return -ENOMEM;
        }
        subject_describe(subject, &file);
        for (size_t i = 0; i < subject->rows; i++) {
                expected[subject->row[i].id] = 1;
                ended[subject->row[i].id] = case_judge(&file, clones, &subject->row[i]);
        }
        subject_settle(subject, expected, ended);
        image_file_close(&file);
        return 0;
}

int image_judge(struct ledger *ledger, const char *path, unsigned block_size, const bool selected[CASE_COUNT],
                char *error, size_t error_size)
{
        return image_judge_among(ledger, path, block_size, NULL, selected, error, error_size);
}

void image_clones_read(struct clones *clones, char *const paths[], size_t count, unsigned block_size)
{
        *clones = (struct clones){.clone = calloc(count + 1, sizeof(*clones->clone))};
        for (size_t i = 0; clones->clone && count > 1 && i < count; i++) {
                struct clone *clone = &clones->clone[i];
                struct image_file file;
                const char *why;
                char error[300];

                clones->count = count;
                if (image_file_open(&file, paths[i], block_size, error, sizeof(error)) < 0)
                        continue; /* judging it says why */
                if (clone_read(&file.image, clone, &why))
                        clone->name = paths[i];
                image_file_close(&file);
        }
}

void image_clones_free(struct clones *clones)
{
        free(clones->clone);
        *clones = (struct clones){0};
}
