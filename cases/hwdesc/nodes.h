/* SPDX-License-Identifier: BSD-2-Clause */
/* What the judges of the FDT's nodes share: phandles followed at a bounded cost, and what a GIC takes as an interrupt.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "tree.h"

/* A look for a phandle walks the whole tree: a hostile one shall not cost more than so many. */
enum { LOOKUPS = 256, LOOKUPS_KEPT = 16 };

struct lookup {
        const void *fdt;
        unsigned done; /* walks so far */
        struct {
                uint32_t phandle;
                int node;
        } kept[LOOKUPS_KEPT];
};

/* The node of a phandle; negative where none has it, and where there were more than LOOKUPS. */
int phandle_node(struct lookup *lookup, uint32_t phandle);

/* No phandle was left out: LOOKUPS was enough. */
bool lookups_sufficed(const struct lookup *lookup);

/*
 * The interrupt parent of the node that the walk stands on: what interrupt-parent names, or else the parent, up to the
 * first that has #interrupt-cells (Devicetree Specification, 2.4). Negative where there is none.
 */
int interrupt_parent_node(struct lookup *lookup, const struct tree *tree);

/* A list of strings, as "compatible" is one, has this string. */
bool strings_have(struct bytes list, const char *text);

/* The node is a GIC of any version. */
bool gic_at(const void *fdt, int node);
/* A GIC can be given this: three cells of a known type, in range, with flags that the bindings have. */
bool gic_takes(const uint8_t *cells, unsigned count);

/* The most address bits that the processor can have, by ID_AA64MMFR0_EL1.PARange; 40 in the AArch32 state. */
unsigned address_bits(const struct evidence *evidence);
