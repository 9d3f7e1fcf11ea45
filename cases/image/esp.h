/* SPDX-License-Identifier: BSD-2-Clause */
/* The EFI System Partitions of an image are found by their type GUID and by nothing else. */
#pragma once

#include <stdint.h>

#include "gpt.h"

enum { ESP_MAX = 8 };

struct esp {
        unsigned number; /* of the entry, from 1 */
        uint64_t attributes;
        uint64_t start, size; /* bytes; size is 0 where the entry's extent is impossible */
};

struct esp_list {
        unsigned total;  /* entries with the type GUID */
        unsigned count;  /* of those, how many are in esp[] */
        const char *why; /* why there is none, where total is 0 */
        struct esp esp[ESP_MAX];
};

/* Fills the list from the first valid copy of the GPT. */
void esp_find(const struct image *image, struct esp_list *ret);

/* Where an entry's bytes are; size 0 where it ends before it begins or begins beyond the disk. */
void esp_extent(const struct image *image, const struct gpt_entry *entry, uint64_t *ret_start, uint64_t *ret_size);
