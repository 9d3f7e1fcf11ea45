/* SPDX-License-Identifier: BSD-2-Clause */
/* A phandle is looked for once; what was found is kept for the many nodes that share a parent, a clock, a GIC. */
#include "nodes.h"

#include <string.h>

#include <libfdt.h>

int phandle_node(struct lookup *lookup, uint32_t phandle)
{
        unsigned slot = phandle % LOOKUPS_KEPT;

        if (!phandle || phandle == UINT32_MAX)
                return -FDT_ERR_BADPHANDLE;
        if (lookup->kept[slot].phandle == phandle)
                return lookup->kept[slot].node;
        if (lookup->done++ >= LOOKUPS)
                return -FDT_ERR_NOTFOUND;
        lookup->kept[slot].phandle = phandle;
        lookup->kept[slot].node = fdt_node_offset_by_phandle(lookup->fdt, phandle);
        return lookup->kept[slot].node;
}

bool lookups_sufficed(const struct lookup *lookup)
{
        return lookup->done <= LOOKUPS;
}

int interrupt_parent_node(struct lookup *lookup, const struct tree *tree)
{
        uint32_t phandle;

        for (int depth = tree->depth; depth >= 0; depth--) {
                if (depth < tree->depth && tree_property(tree->fdt, tree->path[depth], "#interrupt-cells").data)
                        return tree->path[depth];
                if (tree_cell(tree->fdt, tree->path[depth], "interrupt-parent", 0, &phandle))
                        return phandle_node(lookup, phandle);
        }
        return -FDT_ERR_NOTFOUND;
}

bool strings_have(struct bytes list, const char *text)
{
        size_t length = strlen(text) + 1;

        for (size_t at = 0, end; at < list.size; at = end + 1) {
                for (end = at; end < list.size && list.data[end];)
                        end++;
                if (end < list.size && end + 1 - at == length && memcmp(list.data + at, text, length) == 0)
                        return true;
        }
        return false;
}

bool gic_at(const void *fdt, int node)
{
        static const char *const names[] = {"arm,gic-v3", "arm,cortex-a15-gic", "arm,gic-400"};
        struct bytes compatible = tree_property(fdt, node, "compatible");

        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
                if (strings_have(compatible, names[i]))
                        return true;
        return false;
}

/*
 * Bindings arm,gic and arm,gic-v3: type 0 is an SPI in [0-987], 1 a PPI in [0-15], 2 an extended SPI in [0-1023], 3 an
 * extended PPI in [0-127]. Flags 1 and 4 are edge and level; 2 and 8 are "invalid for SPIs". Bits 15 to 8 are the
 * GICv2's mask of processors, which some platforms set for a GICv3 too, and for SPIs.
 */
bool gic_takes(const uint8_t *cells, unsigned count)
{
        static const uint32_t last[] = {987, 15, 1023, 127};
        uint64_t type, number, flags;
        uint32_t kind;

        if (count < 3)
                return false;
        type = tree_number(cells, 1);
        number = tree_number(cells + 4, 1);
        flags = tree_number(cells + 8, 1);
        if (type >= sizeof(last) / sizeof(last[0]) || number > last[type] || flags & ~0xff0full)
                return false;
        kind = (uint32_t)flags & 15;
        return kind == 1 || kind == 4 || (type % 2 && (kind == 2 || kind == 8));
}

unsigned address_bits(const struct evidence *evidence)
{
        static const uint8_t bits[] = {32, 36, 40, 42, 44, 48, 52, 56};
        uint64_t features;

        if (!evidence_number(evidence, EVIDENCE_REGISTERS, "ID_AA64MMFR0_EL1", &features))
                return 40;
        features &= 15;
        return features < sizeof(bits) ? bits[features] : 64;
}
