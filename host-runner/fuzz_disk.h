/* SPDX-License-Identifier: BSD-2-Clause */
/* Disks in memory, for the fuzz targets of GPT, FAT and PE. */
#pragma once

#include <string.h>

#include "image.h"
#include "wire.h"

/* What of a part that begins at start lies in the bytes from offset on. */
static inline void part_copy(const uint8_t *part, size_t part_size, uint64_t start, uint64_t offset, uint8_t *to,
                             size_t size)
{
        uint64_t from = offset > start ? offset : start;
        uint64_t end = offset + size < start + part_size ? offset + size : start + part_size;

        if (from < end)
                memcpy(to + (from - offset), part + (from - start), end - from);
}

/*
 * A disk of some bytes, then of pieces, and of zeros elsewhere: a large disk is a small input. Each piece is the number
 * of its block in three bytes, counted from behind the head, and the bytes of that block; a later one wins.
 */
struct memory_disk {
        struct image image; /* first: its context is this structure */
        const uint8_t *head, *pieces;
        size_t head_size, count;
};

enum { PIECE_BLOCK = 512, PIECE = 3 + PIECE_BLOCK };

static inline uint64_t piece_start(const struct memory_disk *disk, size_t index)
{
        const uint8_t *piece = disk->pieces + index * PIECE;

        return disk->head_size + PIECE_BLOCK * (uint64_t)(piece[0] | piece[1] << 8 | piece[2] << 16);
}

static inline bool memory_disk_read(const struct image *image, uint64_t offset, void *to, size_t size)
{
        const struct memory_disk *disk = image->context;

        memset(to, 0, size);
        part_copy(disk->head, disk->head_size, 0, offset, to, size);
        for (size_t i = 0; i < disk->count; i++)
                part_copy(disk->pieces + i * PIECE + 3, PIECE_BLOCK, piece_start(disk, i), offset, to, size);
        return true;
}

static inline bool memory_disk_extent(const struct image *image, uint64_t offset, uint64_t *ret_start,
                                      uint64_t *ret_end)
{
        const struct memory_disk *disk = image->context;
        bool found = offset < disk->head_size;

        *ret_start = offset;
        *ret_end = disk->head_size;
        for (size_t i = 0; i < disk->count; i++) {
                uint64_t start = piece_start(disk, i), end = start + PIECE_BLOCK;

                if (end <= offset || (found && start >= *ret_start))
                        continue;
                found = true;
                *ret_start = start > offset ? start : offset;
                *ret_end = end;
        }
        return found;
}
