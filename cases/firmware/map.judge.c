/* SPDX-License-Identifier: BSD-2-Clause */
/* The recorded memory map: ranges of whole pages that are disjoint, and one memory attribute per 64 KiB on AArch64. */
#include "judge.h"

#include "map.h"

enum { PAGE = 4096, ARM_PAGE = 65536, CACHEABILITY = 0x1f /* UC, WC, WT, WB, UCE */ };

static bool map_recorded(struct judge *j, struct bytes *ret)
{
        *ret = j->evidence->of[EVIDENCE_MEMORY_MAP];
        if (ret->size)
                return CHECK_SAY(j, map_readable(*ret), "descriptors of at least 40 bytes", "%u bytes in all",
                                 (unsigned)ret->size);
        SKIP(j, "no memory map was recorded");
        return false;
}

static bool ranges_meet(uint64_t a, uint64_t a_end, uint64_t b, uint64_t b_end)
{
        return a < b_end && b < a_end;
}

void judge_memory_map_has_no_overlap(struct judge *j)
{
        struct map_range a, b;
        unsigned count = 0;
        struct bytes map;

        if (!map_recorded(j, &map))
                return;
        for (size_t i = 0; map_range(map, i, &a); i++, count++) {
                if (a.base % PAGE || !a.size)
                        CHECK_SAY(j, false, "whole 4 KiB pages, at least one", "0x%llx bytes at 0x%llx (type %u)",
                                  (unsigned long long)a.size, (unsigned long long)a.base, a.type);
                for (size_t k = i + 1; map_range(map, k, &b); k++)
                        if (ranges_meet(a.base, a.base + a.size, b.base, b.base + b.size))
                                CHECK_SAY(j, false, "no overlap", "0x%llx bytes at 0x%llx (type %u), and 0x%llx (%u)",
                                          (unsigned long long)a.size, (unsigned long long)a.base, a.type,
                                          (unsigned long long)b.base, b.type);
        }
        NOTE_NUMBER(j, "descriptors", count);
        CHECK_GE(j, count, 1);
}

/* The types that share no 64 KiB page with memory of other attributes. */
static bool is_kept_apart(const struct map_range *range)
{
        return range->type == MAP_RUNTIME_CODE || range->type == MAP_RUNTIME_DATA || range->type == MAP_RESERVED ||
               range->type == MAP_ACPI_NVS;
}

static bool is_mmio(const struct map_range *range)
{
        return range->type == MAP_MMIO || range->type == MAP_MMIO_PORT;
}

void judge_runtime_memory_by_64k(struct judge *j)
{
        const uint64_t mask = ~(uint64_t)(ARM_PAGE - 1);
        struct map_range a, b;
        unsigned count = 0;
        struct bytes map;

        if (!map_recorded(j, &map))
                return;
        for (size_t i = 0; map_range(map, i, &a); i++) {
                uint64_t first = a.base & mask, last = (a.base + a.size + ARM_PAGE - 1) & mask, others = 0, at = 0;

                if (!is_kept_apart(&a))
                        continue;
                for (size_t k = 0; map_range(map, k, &b); k++)
                        if (!is_mmio(&b) && ((a.attributes ^ b.attributes) & CACHEABILITY) &&
                            ranges_meet(first, last, b.base, b.base + b.size) && !others++)
                                at = b.base;
                CHECK_SAY(j, others == 0, "no other attributes in its 64 KiB pages",
                          "type %u at 0x%llx: %llu ranges with others, the first at 0x%llx", a.type,
                          (unsigned long long)a.base, (unsigned long long)others, (unsigned long long)at);
                count++;
        }
        if (!count)
                NOT_APPLICABLE(j, "the map has no runtime, reserved or ACPI NVS memory");
}
