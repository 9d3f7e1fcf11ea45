/* SPDX-License-Identifier: BSD-2-Clause */
/* The GUIDs of disks that are to be used in one VM. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "image.h"

enum { CLONE_PARTITIONS = 128 };

struct clone {
        const char *name; /* the caller's */
        uint8_t disk[16];
        unsigned partitions;
        uint8_t partition[CLONE_PARTITIONS][16];
};

/* All of them, the one that is judged among them. */
struct clones {
        size_t count;
        struct clone *clone;
        size_t own;
};

/* False, and why in words, where the image has no GPT that can be read. */
bool clone_read(const struct image *image, struct clone *ret, const char **ret_why);
