/* SPDX-License-Identifier: BSD-2-Clause */
/* A disk image as presented to the VM: bounded reads, nothing else. What reads it is in gpt.h, fat.h and pe.h. */
#pragma once

#include <stdint.h>
#include <stddef.h>
#include <stdbool.h>

struct image {
        uint64_t size;       /* bytes, as presented */
        uint32_t block_size; /* logical, 512 or 4096 */
        void *context;
        /* Reads exactly size bytes at offset; false on an I/O error. Never called beyond the image's size. */
        bool (*read)(const struct image *image, uint64_t offset, void *to, size_t size);
};

/* Bounded read: false, and to untouched, where [offset, offset + size) is not inside the image or cannot be read. */
bool image_read(const struct image *image, uint64_t offset, void *to, size_t size);
