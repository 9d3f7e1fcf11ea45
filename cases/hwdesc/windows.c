/* SPDX-License-Identifier: BSD-2-Clause */
/* ranges by the cells of its parent; in AML, the address space descriptors of the devices that are PCI roots. */
#include "windows.h"

#include <string.h>

#include <libfdt.h>

#include "aml.h"
#include "tree.h"
#include "wire.h"

enum { CELL = 4, PCI_CELLS = 3, SIZE_CELLS = 2, SPACE_IO = 1, SPACE_MASK = 3 };

struct windows {
        const struct hw *hw;
        struct window *to;
        unsigned count;
};

static void window_add(struct windows *windows, uint64_t base, uint64_t last, bool io)
{
        for (unsigned i = 0; i < windows->hw->ecams && i < HW_ROOTS && !io; i++) {
                const struct hw_range *ecam = &windows->hw->root[i].ecam;

                if (ecam->size && base <= ecam->base + (ecam->size - 1) && ecam->base <= last)
                        return;
        }
        if (last >= base && windows->count < WINDOWS_MAX)
                windows->to[windows->count++] = (struct window){base, last, io};
}

static void fdt_ranges(const struct tree *tree, struct windows *windows)
{
        struct bytes ranges = tree_property(tree->fdt, tree_node(tree), "ranges");
        unsigned address = 0, size = 0, space;
        size_t entry;

        if (!tree_cells(tree->fdt, tree_parent(tree), &address, &size))
                return;
        entry = (PCI_CELLS + address + SIZE_CELLS) * CELL;
        for (size_t at = 0; at + entry <= ranges.size; at += entry) {
                const uint8_t *data = ranges.data + at;
                uint64_t base = tree_number(data + CELL, 2), length = tree_number(data + entry - 2 * CELL, 2);

                space = (unsigned)tree_number(data, 1) >> 24 & SPACE_MASK;
                if (space && length)
                        window_add(windows, base, base + (length - 1), space == SPACE_IO);
        }
}

static void fdt_windows(struct bytes fdt, unsigned root, struct windows *windows)
{
        unsigned roots = 0;
        struct tree tree;

        if (!tree_begin(&tree, fdt))
                return;
        while (tree_next(&tree))
                if (tree_is(tree.fdt, tree_node(&tree), "pci-host-ecam-generic") &&
                    tree_enabled(tree.fdt, tree_node(&tree)) && roots++ == root)
                        fdt_ranges(&tree, windows);
}

static uint64_t field(const uint8_t *at, unsigned width)
{
        return width == 2 ? wire_get16(at) : width == 4 ? wire_get32(at) : wire_get64(at);
}

/* Word, DWord and QWord Address Space Descriptors; a range whose parts disagree is none. */
static void descriptors_read(struct bytes aml, void *context)
{
        static const struct {
                uint8_t tag;
                uint8_t width;
        } kinds[] = {{0x88, 2}, {0x87, 4}, {0x8a, 8}};
        enum { HEAD = 3, FIELDS = 6, MEMORY = 0, IO = 1 };

        for (size_t at = 0; at + HEAD < aml.size; at++)
                for (unsigned i = 0; i < 3; i++) {
                        const uint8_t *data = aml.data + at;
                        unsigned width = kinds[i].width, length = FIELDS - HEAD + 5 * width;
                        uint64_t base, last;

                        if (data[0] != kinds[i].tag || aml.size - at < HEAD + length || wire_get16(data + 1) < length ||
                            data[3] > IO)
                                continue;
                        base = field(data + FIELDS + width, width);
                        last = field(data + FIELDS + 2 * width, width);
                        if (last > base && field(data + FIELDS + 4 * width, width) == last - base + 1)
                                window_add(context, base, last, data[3] == IO);
                }
}

unsigned windows_read(const struct evidence *evidence, const struct hw *hw, unsigned root,
                      struct window to[WINDOWS_MAX])
{
        struct windows windows = {hw, to, 0};

        if (!hw->source)
                return 0;
        if (strcmp(hw->source, "ACPI") == 0)
                aml_visit_roots(evidence->of[EVIDENCE_ACPI], descriptors_read, &windows);
        else
                fdt_windows(evidence->of[EVIDENCE_FDT], root, &windows);
        return windows.count;
}
