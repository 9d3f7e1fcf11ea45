/* SPDX-License-Identifier: BSD-2-Clause */
/* A disk image as presented to the VM: bounded reads, nothing else. What reads it is in gpt.h, fat.h and pe.h. */
#pragma once

#include <stdint.h>
#include <stddef.h>
#include <stdbool.h>

struct image {
        uint64_t size;         /* bytes, as presented */
        uint32_t block_size;   /* logical, 512 or 4096 */
        const char *container; /* what the disk was taken out of; NULL: the file is the disk */
        uint64_t declared;     /* bytes, as the container's own header has it; 0: it is not read, or there is none */
        const char *nested;    /* what the disk is besides, where it carries the mark of a container; or NULL */
        void *context;
        /* Reads exactly size bytes at offset; false on an I/O error. Never called beyond the image's size. */
        bool (*read)(const struct image *image, uint64_t offset, void *to, size_t size);
        /*
         * Optional: the first extent [start, end) at or after offset that may hold something other than zeros; false
         * where there is none up to the image's end. Without it all of the image may hold something.
         */
        bool (*extent)(const struct image *image, uint64_t offset, uint64_t *ret_start, uint64_t *ret_end);
};

/* Bounded read: false, and to untouched, where [offset, offset + size) is not inside the image or cannot be read. */
bool image_read(const struct image *image, uint64_t offset, void *to, size_t size);

/* As the extent member, for every image; what it returns is inside the image and not empty. */
bool image_extent(const struct image *image, uint64_t offset, uint64_t *ret_start, uint64_t *ret_end);

/* How many whole logical blocks the image has. */
uint64_t image_blocks(const struct image *image);

/* Little-endian numbers at an address without alignment. */
uint16_t image_le16(const void *at);
uint32_t image_le32(const void *at);
uint64_t image_le64(const void *at);
