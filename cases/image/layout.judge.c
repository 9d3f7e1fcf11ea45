/* SPDX-License-Identifier: BSD-2-Clause */
/* IMG-17: partitions begin where no physical block, whatever its size, is shared with what stands before them. */
#include "judge.h"

#include "gpt.h"

typedef unsigned long long ull;

enum { ALIGNMENT = 1024 * 1024 };

/* An image file reports no physical block, so 1 MiB it is. */
void judge_partitions_are_aligned(struct judge *j)
{
        struct gpt gpt;
        struct gpt_entry entry;
        const char *why;
        unsigned used = 0;

        if (!gpt_open(j->image, &gpt, &why)) {
                SKIP(j, "no partitions found: %s", why);
                return;
        }
        for (uint32_t i = 0; i < gpt.array.count; i++) {
                uint64_t unit = ALIGNMENT / j->image->block_size;

                if (!gpt_entry_read(&gpt.array, i, &entry))
                        continue;
                used++;
                CHECK_SAY(j, entry.first % unit == 0, "a partition that begins at a multiple of 1 MiB",
                          "entry %u begins at LBA %llu of %u bytes each", i + 1, (ull)entry.first,
                          j->image->block_size);
        }
        if (used == 0)
                SKIP(j, "the GPT has no partition to judge");
        gpt_close(&gpt);
}
