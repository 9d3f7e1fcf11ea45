/* SPDX-License-Identifier: BSD-2-Clause */
/* A disk in memory, for the fuzz targets of GPT, FAT and PE. */
#pragma once

#include <string.h>

#include "image.h"

struct memory_disk {
        struct image image; /* first: its context is this structure */
        const uint8_t *head, *body;
        size_t head_size, body_size; /* the disk is one behind the other, then zeros */
};

/* What of a part that begins at start lies in the bytes from offset on. */
static inline void part_copy(const uint8_t *part, size_t part_size, uint64_t start, uint64_t offset, uint8_t *to,
                             size_t size)
{
        uint64_t from = offset > start ? offset : start;
        uint64_t end = offset + size < start + part_size ? offset + size : start + part_size;

        if (from < end)
                memcpy(to + (from - offset), part + (from - start), end - from);
}

static inline bool memory_disk_read(const struct image *image, uint64_t offset, void *to, size_t size)
{
        const struct memory_disk *disk = image->context;

        memset(to, 0, size);
        part_copy(disk->head, disk->head_size, 0, offset, to, size);
        part_copy(disk->body, disk->body_size, disk->head_size, offset, to, size);
        return true;
}

static inline bool memory_disk_extent(const struct image *image, uint64_t offset, uint64_t *ret_start,
                                      uint64_t *ret_end)
{
        const struct memory_disk *disk = image->context;
        uint64_t end = disk->head_size + disk->body_size;

        if (offset >= end)
                return false;
        *ret_start = offset;
        *ret_end = end;
        return true;
}
