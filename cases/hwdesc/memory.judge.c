/* SPDX-License-Identifier: BSD-2-Clause */
/* The memory that the VM was started with is in the UEFI map, and an FDT tells of the same memory. */
#include "judge.h"

#include "hwdesc.h"
#include "map.h"

#define SLACK (64ull * 1024 * 1024)

static uint64_t end_of(uint64_t base, uint64_t size)
{
        return size > UINT64_MAX - base ? UINT64_MAX : base + size;
}

/* The end of whatever covers the address, or the address itself where nothing does. */
typedef uint64_t covered_to(const void *context, uint64_t address);

static uint64_t in_ranges(const struct hw_range *ranges, unsigned count, uint64_t address)
{
        for (unsigned i = 0; i < count && i < HW_RANGES; i++)
                if (address >= ranges[i].base && address < end_of(ranges[i].base, ranges[i].size))
                        return end_of(ranges[i].base, ranges[i].size);
        return address;
}

/* By the FDT's memory nodes. */
static uint64_t in_fdt(const void *context, uint64_t address)
{
        const struct hw *hw = context;

        return in_ranges(hw->memory, hw->memories, address);
}

struct map_and_holes {
        struct bytes map;
        const struct hw *hw;
};

/*
 * By a descriptor of the map that is not a device's, of whatever type: firmware may keep RAM for itself as Reserved.
 * What the FDT itself reserves may be missing in the map: firmware takes "no-map" memory out of it.
 */
static uint64_t in_map(const void *context, uint64_t address)
{
        const struct map_and_holes *in = context;
        struct map_range range;

        for (size_t i = 0; map_range(in->map, i, &range); i++)
                if (range.type != MAP_MMIO && range.type != MAP_MMIO_PORT && address >= range.base &&
                    address - range.base < range.size)
                        return range.base + range.size;
        return in_ranges(in->hw->reserved, in->hw->reservations, address);
}

/* The first address of [base, base + size) that is not covered, or its end. Whole pages count. */
static uint64_t uncovered(uint64_t base, uint64_t size, covered_to *covered, const void *context)
{
        uint64_t end = end_of(base, size) & ~4095ull;
        uint64_t at = base > UINT64_MAX - 4095 ? end : (base + 4095) & ~4095ull;

        while (at < end) {
                uint64_t next = covered(context, at);

                if (next <= at)
                        return at;
                at = next;
        }
        return end;
}

static void told_judge(struct judge *j, struct bytes map)
{
        uint64_t ram = map_ram(map), memory = 0;

        if (!evidence_number(j->evidence, EVIDENCE_TOLD, "memory", &memory)) {
                SKIP(j, "nobody told how much memory the VM was started with");
                return;
        }
        CHECK_SAY(j, ram + SLACK >= memory && ram <= memory + SLACK,
                  "RAM of the UEFI map within 64 MiB of the VM's memory", "%llu of %llu KiB",
                  (unsigned long long)ram / 1024, (unsigned long long)memory / 1024);
}

static void fdt_judge(struct judge *j, struct bytes map, const struct hw *hw)
{
        struct map_and_holes map_and_holes = {map, hw};
        struct map_range range;

        for (unsigned i = 0; i < hw->memories && i < HW_RANGES; i++) {
                const struct hw_range *m = &hw->memory[i];
                uint64_t at = uncovered(m->base, m->size, in_map, &map_and_holes);

                CHECK_SAY(j, at >= (end_of(m->base, m->size) & ~4095ull),
                          "/memory is in the UEFI map or reserved in the FDT",
                          "covered up to 0x%llx, of 0x%llx bytes at 0x%llx", (unsigned long long)at,
                          (unsigned long long)m->size, (unsigned long long)m->base);
        }
        for (size_t i = 0; map_range(map, i, &range); i++) {
                uint64_t at = uncovered(range.base, range.size, in_fdt, hw);

                if (map_is_ram(&range))
                        CHECK_SAY(j, at >= range.base + range.size, "RAM of the UEFI map is in a /memory of the FDT",
                                  "covered up to 0x%llx (type %u)", (unsigned long long)at, range.type);
        }
}

void judge_memory_is_described(struct judge *j)
{
        struct bytes map = j->evidence->of[EVIDENCE_MEMORY_MAP];
        struct hw hw;

        if (!map.size) {
                SKIP(j, "no memory map was recorded");
                return;
        }
        if (!CHECK_SAY(j, map_readable(map), "descriptors of at least 40 bytes", "%u bytes in all", (unsigned)map.size))
                return;
        told_judge(j, map);
        if (!table_offered(j->evidence, guid_fdt) || !fdt_judged(j, &hw))
                return;
        if (hw.memories > HW_RANGES)
                SKIP(j, "the FDT has %u ranges of memory, more than are compared", hw.memories);
        else
                fdt_judge(j, map, &hw);
}
