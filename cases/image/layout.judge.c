/* SPDX-License-Identifier: BSD-2-Clause */
/* IMG-17, IMG-18: the GPT counts in the blocks of the disk, and begins no partition in the middle of a physical one. */
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

/* A header that stands where LBA 1, or the last LBA, is in blocks of that size, and says that it is there. */
static bool table_stands(const struct image *image, uint32_t block_size)
{
        struct image view = *image;
        struct gpt_header header;
        uint64_t last;

        view.block_size = block_size;
        last = image_blocks(&view);
        if (gpt_header_read(&view, 1, &header) && header.has_signature && header.my_lba == 1)
                return true;
        return last > 2 && gpt_header_read(&view, last - 1, &header) && header.has_signature &&
               header.my_lba == last - 1;
}

/* Where there is a GPT for neither size, IMG-01 has said so. */
void judge_gpt_block_size(struct judge *j)
{
        uint32_t presented = j->image->block_size, other = presented == 512 ? 4096 : 512;
        bool fits = table_stands(j->image, presented), fits_other = table_stands(j->image, other);

        if (!fits && !fits_other) {
                SKIP(j, "no GPT header stands where blocks of 512 or 4096 bytes would have it");
                return;
        }
        CHECK_SAY(j, fits, "a GPT in the logical blocks that the VM is presented with",
                  "presented in blocks of %u bytes, the GPT is in blocks of %u", presented, fits ? presented : other);
        if (fits && fits_other)
                NOTE(j, "second GPT", "there is one in blocks of %u bytes too", other);
}
