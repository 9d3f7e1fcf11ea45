/* SPDX-License-Identifier: BSD-2-Clause */
/* The addresses that a PCI host bridge passes on to its bus, as FDT or ACPI describe them. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "hw.h"

enum { WINDOWS_MAX = 32 };

/* As the devices behind the bridge see the addresses, which is what their BARs hold. */
struct window {
        uint64_t base;
        uint64_t last;
        bool io;
};

/*
 * The windows of host bridge `root` from the ranges of its node; ACPI says them in the _CRS of all roots together, and
 * the ECAMs, which QEMU reserves there too, are left out. Returns how many there are.
 */
unsigned windows_read(const struct evidence *evidence, const struct hw *hw, unsigned root,
                      struct window to[WINDOWS_MAX]);
