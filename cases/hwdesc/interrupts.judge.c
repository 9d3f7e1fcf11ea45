/* SPDX-License-Identifier: BSD-2-Clause */
/* Every interrupt of the FDT can be taken by the controller that it leads to, and the GIC's own nodes are complete. */
#include "judge.h"

#include "hwdesc.h"
#include "nodes.h"

enum { CELLS_MAX = 8 };

/* "interrupts" is a number of whole specifiers, each of as many cells as the interrupt parent's #interrupt-cells. */
static void interrupts_judge(struct judge *j, struct lookup *lookup, const struct tree *tree, unsigned *seen)
{
        struct bytes cells = tree_property(tree->fdt, tree_node(tree), "interrupts");
        uint32_t each = 0;
        int parent;

        if (!cells.data)
                return;
        parent = interrupt_parent_node(lookup, tree);
        if (!CHECK_EACH(j,
                        parent >= 0 && tree_cell(tree->fdt, parent, "#interrupt-cells", 0, &each) && each > 0 &&
                                each <= CELLS_MAX,
                        "an interrupt parent with #interrupt-cells", "node at offset 0x%x: #interrupt-cells %u",
                        (unsigned)tree_node(tree), each))
                return;
        if (!CHECK_EACH(j, cells.size > 0 && cells.size % (4 * each) == 0,
                        "interrupts of as many cells as the parent wants",
                        "node at offset 0x%x: %u bytes, %u cells each", (unsigned)tree_node(tree), (unsigned)cells.size,
                        each))
                return;
        for (size_t at = 0; gic_at(tree->fdt, parent) && at < cells.size; at += 4 * each, (*seen)++)
                CHECK_EACH(j, gic_takes(cells.data + at, each), "an SPI or PPI that a GIC has, edge or level",
                           "node at offset 0x%x, interrupt %u", (unsigned)tree_node(tree), (unsigned)(at / (4 * each)));
}

/* Devicetree Specification 2.3.8: without "ranges" no address below a node is one of its parent. */
static bool mapped(const struct tree *tree)
{
        for (int depth = tree->depth - 1; depth > 0; depth--)
                if (!tree_property(tree->fdt, tree->path[depth], "ranges").data)
                        return false;
        return true;
}

/*
 * arm,gic-v3: an ITS requires msi-controller, #msi-cells = 1 and reg; the architecture gives it two frames of 64 KiB.
 * arm,gic: a v2m frame requires msi-controller and reg, one frame of 4 KiB.
 */
static void msi_judge(struct judge *j, const struct tree *tree, bool its)
{
        const void *fdt = tree->fdt;
        int node = tree_node(tree);
        uint64_t base = 0, size = 0;
        uint32_t cells = 0;

        CHECK_EACH(j, tree_property(fdt, node, "msi-controller").data, "msi-controller in an MSI frame's node",
                   "node at offset 0x%x", (unsigned)node);
        CHECK_EACH(j, !its || (tree_cell(fdt, node, "#msi-cells", 0, &cells) && cells == 1), "#msi-cells 1 of an ITS",
                   "%u", cells);
        CHECK_EACH(j, tree_reg(tree, 0, &base, &size) && size >= (its ? 0x20000 : 0x1000) && base % 0x1000 == 0,
                   "a reg with whole frames of an ITS (128 KiB) or of GICv2m (4 KiB)", "0x%llx bytes at 0x%llx",
                   (unsigned long long)size, (unsigned long long)base);
        CHECK_EACH(j, mapped(tree), "ranges in each node above an MSI frame", "node at offset 0x%x", (unsigned)node);
}

static void controller_judge(struct judge *j, const struct tree *tree)
{
        const void *fdt = tree->fdt;
        int node = tree_node(tree);
        struct bytes compatible = tree_property(fdt, node, "compatible");
        uint32_t cells;

        if (!compatible.data || !tree_enabled(fdt, node))
                return;
        if (strings_have(compatible, "arm,gic-v3-its"))
                msi_judge(j, tree, true);
        else if (strings_have(compatible, "arm,gic-v2m-frame"))
                msi_judge(j, tree, false);
        else if (gic_at(fdt, node))
                CHECK_EACH(j, tree_property(fdt, node, "interrupt-controller").data,
                           "interrupt-controller in the GIC's node", "node at offset 0x%x", (unsigned)node);
        /* Devicetree Specification 2.4: an interrupt controller has #interrupt-cells. */
        CHECK_EACH(j,
                   !tree_property(fdt, node, "interrupt-controller").data ||
                           tree_cell(fdt, node, "#interrupt-cells", 0, &cells),
                   "#interrupt-cells of an interrupt-controller", "node at offset 0x%x", (unsigned)node);
}

void judge_fdt_interrupts_are_whole(struct judge *j)
{
        struct tree tree;
        struct lookup lookup = {0};
        unsigned seen = 0;

        if (!tree_judged(j, &tree))
                return;
        lookup.fdt = tree.fdt;
        while (tree_next(&tree)) {
                interrupts_judge(j, &lookup, &tree, &seen);
                controller_judge(j, &tree);
        }
        CHECK_SAY(j, lookups_sufficed(&lookup), "no more than 256 interrupt parents to look for", "%u", lookup.done);
        NOTE_NUMBER(j, "interrupts of the GIC", seen);
}

/* The binding's interrupts are the processor's own: each a PPI, and no two the same. */
void judge_fdt_timer_interrupts_are_ppis(struct judge *j)
{
        struct tree tree;
        uint32_t used = 0;
        unsigned seen = 0;

        if (!tree_judged(j, &tree))
                return;
        while (tree_next(&tree)) {
                struct bytes compatible = tree_property(tree.fdt, tree_node(&tree), "compatible"), cells;

                if (!strings_have(compatible, "arm,armv8-timer") && !strings_have(compatible, "arm,armv7-timer"))
                        continue;
                seen++;
                cells = tree_property(tree.fdt, tree_node(&tree), "interrupts");
                CHECK_SAY(j, cells.size >= 36 && cells.size % 12 == 0 && cells.size <= 60,
                          "3 to 5 interrupts of 3 cells", "%u bytes", (unsigned)cells.size);
                for (size_t at = 0; at + 12 <= cells.size && at < 60; at += 12) {
                        uint64_t type = tree_number(cells.data + at, 1), number = tree_number(cells.data + at + 4, 1);

                        if (!CHECK_SAY(j, type == 1 && number < 16, "a PPI", "type %llu, number %llu",
                                       (unsigned long long)type, (unsigned long long)number))
                                continue;
                        CHECK_SAY(j, !(used >> number & 1), "a PPI of its own", "%llu", (unsigned long long)number);
                        used |= 1u << number;
                }
        }
        if (!seen)
                NOT_APPLICABLE(j, "the FDT has no timer node: see fdt_timer_node");
}
