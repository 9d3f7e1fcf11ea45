/* SPDX-License-Identifier: BSD-2-Clause */
/* A descriptor is as long as the map says, which may be more than the fields known here. */
#include "map.h"

#include "wire.h"

enum { MAP_HEADER = 16, DESCRIPTOR_FIELDS = 40 };

bool map_readable(struct bytes map)
{
        return map.size > MAP_HEADER && wire_get32(map.data) >= DESCRIPTOR_FIELDS &&
               map.size - MAP_HEADER >= wire_get32(map.data);
}

bool map_range(struct bytes map, size_t index, struct map_range *ret)
{
        const uint64_t most = UINT64_MAX / 4096;
        const uint8_t *at;
        uint64_t pages;

        if (!map_readable(map) || (map.size - MAP_HEADER) / wire_get32(map.data) <= index)
                return false;
        at = map.data + MAP_HEADER + index * wire_get32(map.data);
        pages = wire_get64(at + 24);
        ret->type = wire_get32(at);
        ret->base = wire_get64(at + 8);
        ret->size = (pages < most ? pages : most) * 4096;
        ret->attributes = wire_get64(at + 32);
        if (ret->size > UINT64_MAX - ret->base)
                ret->size = UINT64_MAX - ret->base;
        return true;
}

/*
 * Unusable memory is RAM with errors, which nobody was given. Persistent memory is not what the VM's size counts.
 * Unaccepted memory is RAM that waits for the guest's consent. Reserved memory may be RAM or not: it is not counted.
 */
bool map_is_ram(const struct map_range *range)
{
        return (range->type >= MAP_LOADER_CODE && range->type <= MAP_CONVENTIONAL) || range->type == MAP_ACPI_RECLAIM ||
               range->type == MAP_ACPI_NVS || range->type == MAP_UNACCEPTED;
}

uint64_t map_ram(struct bytes map)
{
        struct map_range range;
        uint64_t sum = 0;

        for (size_t i = 0; map_range(map, i, &range); i++)
                if (map_is_ram(&range))
                        sum += range.size;
        return sum;
}

bool map_find(struct bytes map, uint64_t address, struct map_range *ret)
{
        struct map_range range;

        for (size_t i = 0; map_range(map, i, &range); i++)
                if (address >= range.base && address - range.base < range.size) {
                        *ret = range;
                        return true;
                }
        return false;
}
