/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the legacy interrupt of a PCI function leads, by the interrupt-map of its host bridge in the FDT. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "evidence.h"

struct intx {
        unsigned root;   /* which pci-host-ecam-generic node, counted from 0 */
        uint32_t unit;   /* of the function: bus << 16 | device << 11 | function << 8 */
        unsigned pin;    /* 1 to 4 */
        uint32_t parent; /* phandle of the GIC */
};

/* The interrupt as the GIC counts; false where the map does not lead there. */
bool intx_find(struct bytes fdt, const struct intx *intx, uint32_t *ret);
