/* SPDX-License-Identifier: BSD-2-Clause */
/* The memory map says of every address at most one thing, and of RAM what it can be used for. */
#include "map.h"
#include "judge.h"

enum { ATTRIBUTE_WB = 1 << 3, PAGE = 4096 };

static const uint64_t attribute_runtime = 1ull << 63, attribute_hotplug = 1ull << 20, four_gib = 1ull << 32;

/* The recorded map; data NULL, and the case is told so, where there is none to judge. */
static struct bytes map_judged(struct judge *j)
{
        struct bytes map = j->evidence->of[EVIDENCE_MEMORY_MAP];

        if (map_readable(map))
                return map;
        CHECK_SAY(j, false, "GetMemoryMap gives a map", "%llu bytes were recorded", (unsigned long long)map.size);
        return (struct bytes){NULL, 0};
}

void judge_memory_map_is_disjoint(struct judge *j)
{
        struct bytes map = map_judged(j);
        struct map_range a, b;

        for (size_t i = 0; map.data && map_range(map, i, &a); i++) {
                bool disjoint = true;
                size_t other = i + 1;

                for (; disjoint && map_range(map, other, &b); other++)
                        disjoint = !a.size || !b.size || a.base - b.base >= b.size;
                for (other = 0; disjoint && other < i && map_range(map, other, &b); other++)
                        disjoint = !a.size || !b.size || a.base - b.base >= b.size;
                CHECK_SAY(j, disjoint, "an address that no other descriptor holds",
                          "0x%llx of type %u lies in the range of type %u at 0x%llx", (unsigned long long)a.base,
                          a.type, b.type, (unsigned long long)b.base);
        }
}

void judge_ram_can_be_cached(struct judge *j)
{
        struct bytes map = map_judged(j);
        struct map_range range;

        for (size_t i = 0; map.data && map_range(map, i, &range); i++) {
                bool cached = range.attributes & ATTRIBUTE_WB;

                if (map_is_ram(&range))
                        CHECK_SAY(j, cached, "EFI_MEMORY_WB", "attributes 0x%llx of type %u at 0x%llx",
                                  (unsigned long long)range.attributes, range.type, (unsigned long long)range.base);
        }
}

/*
 * UEFI 7.2: types to 0x6fffffff that have no name are reserved, those from 0x80000000 on are the OS loaders', of which
 * none ran before the application. Attributes: the caching, protection and kind bits, ISA bits, RUNTIME.
 */
void judge_memory_map_has_defined_values(struct judge *j)
{
        const uint64_t defined = 0xcffff000001ff01full;
        struct bytes map = map_judged(j);
        struct map_range range;
        unsigned seen = 0;

        for (size_t i = 0; map.data && map_range(map, i, &range); i++, seen++) {
                bool known = range.type <= MAP_UNACCEPTED || (range.type >= 0x70000000 && range.type < 0x80000000u);

                if (!known)
                        CHECK_SAY(j, known, "a memory type that UEFI names, or an OEM's", "0x%x at 0x%llx", range.type,
                                  (unsigned long long)range.base);
                if (range.attributes & ~defined)
                        CHECK_SAY(j, !(range.attributes & ~defined), "attributes that UEFI names",
                                  "0x%llx of type %u at 0x%llx", (unsigned long long)range.attributes, range.type,
                                  (unsigned long long)range.base);
        }
        if (map.data)
                CHECK_GE(j, seen, 1);
}

void judge_acpi_and_runtime_memory_is_aligned(struct judge *j)
{
        struct bytes map = map_judged(j);
        struct map_range range;

        for (size_t i = 0; map.data && map_range(map, i, &range); i++) {
                bool acpi = range.type == MAP_ACPI_RECLAIM || range.type == MAP_ACPI_NVS;
                bool runtime = range.attributes & attribute_runtime, aligned = range.base % PAGE == 0;

                if (acpi || runtime)
                        CHECK_SAY(j, aligned, "a multiple of 4 KiB", "0x%llx of type %u",
                                  (unsigned long long)range.base, range.type);
                if (acpi)
                        CHECK_SAY(j, !runtime, "no EFI_MEMORY_RUNTIME", "attributes 0x%llx of type %u at 0x%llx",
                                  (unsigned long long)range.attributes, range.type, (unsigned long long)range.base);
        }
}

/* What of a range lies at 4 GiB and above. */
static uint64_t part_above(const struct map_range *range)
{
        uint64_t end = range->base + range->size;

        if (end <= four_gib)
                return 0;
        return range->base >= four_gib ? range->size : end - four_gib;
}

/* An information clause; what it asks to be reported must be possible. */
void judge_ram_above_4g_was_given(struct judge *j)
{
        struct bytes map = map_judged(j);
        uint64_t above = 0, hotplug = 0, told = 0;
        struct map_range range;

        if (!map.data)
                return;
        for (size_t i = 0; map_range(map, i, &range); i++)
                if (map_is_ram(&range)) {
                        above += part_above(&range);
                        hotplug += range.attributes & attribute_hotplug ? range.size : 0;
                }
        NOTE_NUMBER(j, "bytes of RAM above 4 GiB", above);
        NOTE_NUMBER(j, "bytes of hot-pluggable RAM", hotplug);
        if (evidence_number(j->evidence, EVIDENCE_TOLD, "memory", &told))
                CHECK_LE(j, above, told);
        else
                SKIP(j, "nobody told how much memory the VM was given");
}
