/* SPDX-License-Identifier: BSD-2-Clause */
/* What is made here is gone when its last descriptor closes, however the runner ends. */
#include "suite_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 256 * 1024, PAGE = 4096, GPT_ENTRIES = 128, GPT_ENTRY = 128 };

int private_file(uint64_t size)
{
        int fd = memfd_create("vmspec", MFD_CLOEXEC);

        if (fd < 0)
                return -errno;
        if (ftruncate(fd, (off_t)size)) {
                int failed = errno;

                close(fd);
                return -failed;
        }
        return fd;
}

static bool is_zero(const uint8_t *bytes, size_t size)
{
        return size == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0);
}

/* Told of each piece of a file that holds anything but zeros. 0 or a negative errno. */
typedef int piece_function(void *context, const uint8_t *bytes, size_t size, off_t at);

static int range_read(int from, off_t at, off_t end, piece_function *piece, void *context)
{
        static uint8_t buffer[CHUNK];

        while (at < end) {
                ssize_t got = pread(from, buffer, end - at < CHUNK ? (size_t)(end - at) : CHUNK, at);
                int result = got > 0 && !is_zero(buffer, (size_t)got) ? piece(context, buffer, (size_t)got, at) : 0;

                if (got <= 0)
                        return got ? -errno : -EIO;
                if (result)
                        return result;
                at += got;
        }
        return 0;
}

static int data_read(int from, off_t size, piece_function *piece, void *context)
{
        off_t at = 0;

        while (at < size) {
                off_t data = lseek(from, at, SEEK_DATA);
                off_t hole;
                int result;

                if (data < 0)
                        return errno == ENXIO ? 0 : -errno;
                hole = lseek(from, data, SEEK_HOLE);
                if (hole < 0)
                        return -errno;
                result = range_read(from, data, hole, piece, context);
                if (result)
                        return result;
                at = hole;
        }
        return 0;
}

/* What is zero stays a hole: a firmware's blank store is 64 MiB of nothing. */
static int piece_copy(void *context, const uint8_t *bytes, size_t size, off_t at)
{
        ssize_t put = pwrite(*(const int *)context, bytes, size, at);

        if (put < 0)
                return -errno;
        return (size_t)put == size ? 0 : -EIO;
}

static int piece_count(void *context, const uint8_t *bytes, size_t size, off_t at)
{
        (void)bytes;
        *(uint64_t *)context = (uint64_t)at + size;
        return 0;
}

int private_used(int fd, uint64_t *ret_size, uint64_t *ret_used)
{
        struct stat status;
        uint64_t used = 0;
        int result = fstat(fd, &status) ? -errno : data_read(fd, status.st_size, piece_count, &used);

        if (result)
                return result;
        *ret_size = (uint64_t)status.st_size;
        *ret_used = used;
        return 0;
}

int private_copy(const char *path)
{
        int from = open(path, O_RDONLY | O_CLOEXEC);
        struct stat status;
        int to, result;

        if (from < 0)
                return -errno;
        to = fstat(from, &status) ? -errno : private_file((uint64_t)status.st_size);
        result = to < 0 ? to : data_read(from, status.st_size, piece_copy, &to);
        close(from);
        if (result >= 0)
                return to;
        if (to >= 0)
                close(to);
        return result;
}

void private_drop(int *fd)
{
        if (*fd >= 0)
                close(*fd);
        *fd = -1;
}

int private_again(int fd)
{
        char path[40];

        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        return private_copy(path);
}

int private_reopen(int fd)
{
        char path[40];
        int again;

        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        again = open(path, O_RDONLY | O_CLOEXEC);
        return again < 0 ? -errno : again;
}

int suite_disk_restore_esp(const struct suite_disk *disk, const char *path)
{
        int from = open(path, O_RDONLY | O_CLOEXEC);
        off_t start = (off_t)disk->esp_start * 512, size = (off_t)disk->esp_size * 512;
        int to = disk->fd, result = 0;

        if (from < 0)
                return -errno;
        if (fallocate(disk->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, start, size))
                result = -errno;
        if (!result)
                result = range_read(from, start, start + size, piece_copy, &to);
        close(from);
        return result;
}

/* The disk is the suite's own: it is read here, not judged. */
static bool partitions_find(struct suite_disk *disk)
{
        static const uint8_t esp_type[16] = {0x28, 0x73, 0x2a, 0xc1, 0x1f, 0xf8, 0xd2, 0x11,
                                             0xba, 0x4b, 0x00, 0xa0, 0xc9, 0x3e, 0xc9, 0x3b};
        static uint8_t entries[GPT_ENTRIES * GPT_ENTRY];

        if (pread(disk->fd, entries, sizeof(entries), 1024) != (ssize_t)sizeof(entries))
                return false;
        for (unsigned i = 0; i < GPT_ENTRIES; i++) {
                const uint8_t *entry = entries + i * GPT_ENTRY;
                uint64_t first = wire_get64(entry + 32), last = wire_get64(entry + 40);

                if (memcmp(entry, wire_partition_type, 16) == 0 && last - first + 1 >= WIRE_PARTITION_SIZE / 512)
                        disk->journal = first * 512;
                if (memcmp(entry, esp_type, 16) == 0) {
                        disk->esp_start = first;
                        disk->esp_size = last - first + 1;
                        memcpy(disk->esp_guid, entry + 16, 16);
                }
        }
        return disk->journal && disk->esp_size && disk->journal < disk->size &&
               disk->size - disk->journal >= WIRE_PARTITION_SIZE;
}

/* When the file was changed last, in nanoseconds; 0 where nobody knows. */
static uint64_t template_time(const char *path)
{
        struct stat status;

        return stat(path, &status) ? 0
                                   : (uint64_t)status.st_mtim.tv_sec * 1000000000u + (uint64_t)status.st_mtim.tv_nsec;
}

/* Takes over a descriptor of the disk, or the negative errno that stands in its place. */
static int disk_take(int fd, const char *path, struct suite_disk *ret, char *error, size_t error_size)
{
        struct suite_disk disk = {.fd = fd};
        struct stat status;

        if (disk.fd < 0 || fstat(disk.fd, &status)) {
                int result = disk.fd < 0 ? disk.fd : -errno;

                snprintf(error, error_size, "%s: the suite's disk cannot be copied: %s", path, strerror(-result));
                return result;
        }
        disk.size = (uint64_t)status.st_size;
        disk.template_time = template_time(path);
        if (!partitions_find(&disk)) {
                snprintf(error, error_size, "%s: found no ESP and journal partition, expected the suite's disk", path);
                close(disk.fd);
                return -EINVAL;
        }
        *ret = disk;
        return 0;
}

int suite_disk_open(const char *path, struct suite_disk *ret, char *error, size_t error_size)
{
        int fd = open(path, O_RDONLY | O_CLOEXEC);

        return disk_take(fd < 0 ? -errno : fd, path, ret, error, error_size);
}

int suite_disk_copy(const char *path, struct suite_disk *ret, char *error, size_t error_size)
{
        return disk_take(private_copy(path), path, ret, error, error_size);
}

int suite_disk_plan(const struct suite_disk *disk, const struct plan *plan)
{
        uint8_t *bytes = calloc(1, WIRE_PLAN_MAX);
        size_t length = bytes ? plan_put(bytes, WIRE_PLAN_MAX, plan) : 0;
        ssize_t written = length ? pwrite(disk->fd, bytes, WIRE_PLAN_MAX, (off_t)disk->journal) : 0;

        free(bytes);
        if (!length)
                return bytes ? -E2BIG : -ENOMEM;
        return written == WIRE_PLAN_MAX ? 0 : -EIO;
}

/* The next byte, from at on, that is in one of the files and not in a hole, and where that stretch of it ends. */
static bool stretch_find(int a, int b, off_t at, off_t *ret_start, off_t *ret_end)
{
        off_t in_a = lseek(a, at, SEEK_DATA), in_b = lseek(b, at, SEEK_DATA);
        int first = in_a < 0 || (in_b >= 0 && in_b < in_a) ? b : a;

        if (in_a < 0 && in_b < 0)
                return false;
        *ret_start = (first == a ? in_a : in_b) & ~(off_t)(PAGE - 1);
        *ret_end = (lseek(first, first == a ? in_a : in_b, SEEK_HOLE) + PAGE - 1) & ~(off_t)(PAGE - 1);
        return *ret_end > *ret_start;
}

/* Whole pages alone, as many as one buffer holds; how many bytes, or a negative errno. */
static ssize_t pages_compare(int before, int after, off_t at, off_t end, suite_disk_changed *changed, void *context)
{
        static uint8_t was[CHUNK], is[CHUNK];
        size_t size = end - at < CHUNK ? (size_t)(end - at) : CHUNK;
        ssize_t got = pread(after, is, size, at);

        if (got < 0 || pread(before, was, size, at) != got)
                return got < 0 ? -errno : -EIO;
        for (ssize_t i = 0; i + PAGE <= got; i += PAGE)
                if (memcmp(was + i, is + i, PAGE) != 0 && !is_zero(is + i, PAGE))
                        changed(context, (uint64_t)(at + i), is + i, PAGE);
        return got;
}

int suite_disk_compare(const struct suite_disk *disk, const char *path, suite_disk_changed *changed, void *context)
{
        off_t journal = (off_t)disk->journal, journal_end = journal + WIRE_PARTITION_SIZE, start, end;
        int template = open(path, O_RDONLY | O_CLOEXEC), result = 0;

        if (template <0)
                return -errno;
        if (template_time(path) != disk->template_time) /* built anew since: what it was before is not known */
                result = -ESTALE;
        for (off_t at = 0; !result && stretch_find(template, disk->fd, at, &start, &end); at = end) {
                if (start >= journal && start < journal_end) {
                        end = journal_end;
                        continue;
                }
                if (start < journal && end > journal)
                        end = journal;
                while (start < end && !result) {
                        ssize_t done = pages_compare(template, disk->fd, start, end, changed, context);

                        result = done < 0 ? (int)done : 0;
                        start = done < PAGE ? end : start + done; /* the rest is no whole page */
                }
        }
        close(template);
        return result;
}
