/* SPDX-License-Identifier: BSD-2-Clause */
/* Each entry of the map is read by the cells that its own interrupt parent asks for. */
#include "intx.h"

#include <libfdt.h>

#include "tree.h"

enum { CHILD_CELLS = 3, PIN_CELLS = 1, GIC_CELLS = 3, CELL = 4, SPI = 0, SPI_FIRST = 32, SPI_LAST = 1019 };

/* The cells of an entry behind its phandle: the parent's unit address, and its interrupt. False where not sane. */
static bool parent_cells(const void *fdt, uint32_t phandle, uint32_t *ret_address, uint32_t *ret_interrupt)
{
        int node = fdt_node_offset_by_phandle(fdt, phandle);

        *ret_address = 0;
        *ret_interrupt = 0;
        if (node < 0 || !tree_cell(fdt, node, "#interrupt-cells", 0, ret_interrupt))
                return false;
        (void)tree_cell(fdt, node, "#address-cells", 0, ret_address);
        return *ret_address <= 4 && *ret_interrupt && *ret_interrupt <= 4;
}

static bool map_search(const void *fdt, int node, const struct intx *intx, uint32_t *ret)
{
        struct bytes map = tree_property(fdt, node, "interrupt-map");
        uint32_t unit_mask = UINT32_MAX, pin_mask = UINT32_MAX, address, interrupt;
        enum { HEAD = (CHILD_CELLS + PIN_CELLS + 1) * CELL };

        (void)tree_cell(fdt, node, "interrupt-map-mask", 0, &unit_mask);
        (void)tree_cell(fdt, node, "interrupt-map-mask", CHILD_CELLS, &pin_mask);
        for (size_t at = 0; at + HEAD <= map.size;) {
                const uint8_t *entry = map.data + at;
                uint32_t unit = (uint32_t)tree_number(entry, 1), pin = (uint32_t)tree_number(entry + 12, 1);
                uint32_t parent = (uint32_t)tree_number(entry + 16, 1);

                if (!parent_cells(fdt, parent, &address, &interrupt))
                        return false;
                at += HEAD + (address + interrupt) * CELL;
                if (at > map.size)
                        return false;
                if ((unit ^ intx->unit) & unit_mask || (pin ^ intx->pin) & pin_mask)
                        continue;
                entry += HEAD + address * CELL;
                if (parent != intx->parent || interrupt != GIC_CELLS || tree_number(entry, 1) != SPI ||
                    tree_number(entry + CELL, 1) > SPI_LAST - SPI_FIRST)
                        return false;
                *ret = (uint32_t)tree_number(entry + CELL, 1) + SPI_FIRST;
                return true;
        }
        return false;
}

bool intx_find(struct bytes fdt, const struct intx *intx, uint32_t *ret)
{
        unsigned roots = 0;
        struct tree tree;

        if (!tree_begin(&tree, fdt))
                return false;
        while (tree_next(&tree))
                if (tree_is(tree.fdt, tree_node(&tree), "pci-host-ecam-generic") &&
                    tree_enabled(tree.fdt, tree_node(&tree)) && roots++ == intx->root)
                        return map_search(tree.fdt, tree_node(&tree), intx, ret);
        return false;
}
