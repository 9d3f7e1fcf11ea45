/* SPDX-License-Identifier: BSD-2-Clause */
/* The formats that hold a disk but are not one, known by their marks. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "image.h"

struct container {
        const char *name;
        uint32_t offset;
        const char *magic;
        size_t size;
        const char *format; /* QEMU's name of it; NULL: not presented, the disk must be taken out first */
};

/* The format of a file, or NULL. A VHD of fixed size has its mark only in the last block. */
const struct container *container_find(const struct image *file);

/* Whether the file alone is the disk; else why not. Nobody follows a name that a container gives. */
bool container_is_whole(const struct image *file, const struct container *container, const char **ret_why);

/* The disk's bytes, as the container's header has them; 0 where that is not read. */
uint64_t container_declares(const struct image *file, const struct container *container);
