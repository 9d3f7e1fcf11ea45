/* SPDX-License-Identifier: BSD-2-Clause */
/* The UEFI memory map as recorded, one descriptor at a time, and what it says of an address range. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence.h"

/* EFI_MEMORY_TYPE */
enum map_type {
        MAP_RESERVED,
        MAP_LOADER_CODE,
        MAP_LOADER_DATA,
        MAP_BOOT_CODE,
        MAP_BOOT_DATA,
        MAP_RUNTIME_CODE,
        MAP_RUNTIME_DATA,
        MAP_CONVENTIONAL,
        MAP_UNUSABLE,
        MAP_ACPI_RECLAIM,
        MAP_ACPI_NVS,
        MAP_MMIO,
        MAP_MMIO_PORT,
        MAP_PAL,
        MAP_PERSISTENT,
        MAP_UNACCEPTED,
};

struct map_range {
        uint32_t type;
        uint64_t base;
        uint64_t size;
        uint64_t attributes;
};

/* The bytes hold a map whose descriptors have all fields. */
bool map_readable(struct bytes map);

/* The index-th descriptor; false behind the last one. A range that would wrap is cut at the end of the space. */
bool map_range(struct bytes map, size_t index, struct map_range *ret);

/* The descriptor is memory that the VM was given: RAM in the firmware's or the OS's hands. */
bool map_is_ram(const struct map_range *range);

/* The sum of all RAM, in bytes. */
uint64_t map_ram(struct bytes map);

/* The first descriptor that holds the address; false where none does. */
bool map_find(struct bytes map, uint64_t address, struct map_range *ret);
