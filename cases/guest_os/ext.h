/* SPDX-License-Identifier: BSD-2-Clause */
/* The files of interest in an ext2, ext3 or ext4 file system, read through libext2fs in a bounded number of reads. */
#pragma once

#include "files.h"

/* Whether a partition begins as such a file system does. */
bool ext_is_here(const struct image *image, uint64_t start, uint64_t size);

/* Visits what stands in /boot, in the root, and in the loaders' folders there. */
void ext_files_walk(const struct image *image, uint64_t start, uint64_t size, unsigned partition,
                    struct guest_walk *walk);
