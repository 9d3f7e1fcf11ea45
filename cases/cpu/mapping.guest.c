/* SPDX-License-Identifier: BSD-2-Clause */
/* UEFI 2.4A section 2.3.6: memory is mapped to its own address, and RAM is write-back. */
#include "guest.h"
#include "map.h"

enum { PAGE = 4096, SAMPLES = 4 };

static const uint64_t par_fault = 1, par_page = 0x0000fffffffff000;

/* A half of MAIR's attributes: write-back, with or without the hint that it is transient, and with an allocation. */
static bool half_is_write_back(unsigned half)
{
        return half >= 12 || (half > 4 && half < 8);
}

static void sample_judge(struct guest *g, const struct map_range *range, uint64_t page)
{
        uint64_t par = arch_translate(page);
        unsigned attributes = (unsigned)(par >> 56);
        bool same = !(par & par_fault) && (par & par_page) == page;
        bool write_back = half_is_write_back(attributes >> 4) && half_is_write_back(attributes & 15);

        if (CHECK_SAY(g, same, "the same address", "PAR_EL1 0x%llx for 0x%llx of type %u", (unsigned long long)par,
                      (unsigned long long)page, range->type))
                CHECK_SAY(g, write_back, "write-back memory", "attributes 0x%x for 0x%llx of type %u", attributes,
                          (unsigned long long)page, range->type);
}

void guest_ram_is_mapped_to_itself(struct guest *g)
{
        struct bytes map = g->evidence->of[EVIDENCE_MEMORY_MAP];
        struct map_range range;
        unsigned ranges = 0;

        for (size_t i = 0; map_range(map, i, &range); i++) {
                uint64_t last = range.size / PAGE - 1;

                if (!map_is_ram(&range) || !range.size)
                        continue;
                for (unsigned s = 0; s < SAMPLES; s++)
                        sample_judge(g, &range, range.base + last * s / (SAMPLES - 1) * PAGE);
                ranges++;
        }
        CHECK_NE(g, ranges, 0);
}
