/* SPDX-License-Identifier: BSD-2-Clause */
/* An entry's extent is taken as the entry says it, and is empty where the entry says nonsense. */
#include "esp.h"

#include <string.h>

void esp_extent(const struct image *image, const struct gpt_entry *entry, uint64_t *ret_start, uint64_t *ret_size)
{
        uint64_t most = UINT64_MAX / image->block_size - 1;
        bool possible = entry->first <= entry->last && entry->first < image_blocks(image) && entry->last < most;

        *ret_start = possible ? entry->first * image->block_size : 0;
        *ret_size = possible ? (entry->last - entry->first + 1) * image->block_size : 0;
}

void esp_find(const struct image *image, struct esp_list *ret)
{
        struct gpt gpt;
        struct gpt_entry entry;

        *ret = (struct esp_list){.why = "no partition has the EFI System Partition type GUID"};
        if (!gpt_open(image, &gpt, &ret->why))
                return;
        for (uint32_t i = 0; i < gpt.array.count; i++) {
                struct esp *esp = &ret->esp[ret->count];

                if (!gpt_entry_read(&gpt.array, i, &entry) || memcmp(entry.type, gpt_type_esp, 16) != 0)
                        continue;
                ret->total++;
                if (ret->count == ESP_MAX)
                        continue;
                esp->number = i + 1;
                esp->attributes = entry.attributes;
                esp_extent(image, &entry, &esp->start, &esp->size);
                ret->count++;
        }
        gpt_close(&gpt);
}
