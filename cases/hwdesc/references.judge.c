/* SPDX-License-Identifier: BSD-2-Clause */
/* What the FDT refers to is there, and no two devices, nor a device and RAM, claim the same addresses. */
#include "judge.h"

#include <libfdt.h>

#include "hwdesc.h"
#include "tree.h"

/* A look for a phandle walks the whole tree: a hostile one shall not cost more than this many. */
enum { CLAIMS = 256, REFERENCES = 1024 };

/* Properties that hold a phandle, and in which cell the first one stands. */
static const struct {
        const char *name;
        unsigned cell;
} references[] = {{"msi-parent", 0}, {"clocks", 0}, {"gpios", 0},  {"iommus", 0},  {"interrupts-extended", 0},
                  {"dmas", 0},       {"phys", 0},   {"resets", 0}, {"msi-map", 1}, {"iommu-map", 1}};

static void references_judge(struct judge *j, const struct tree *tree, unsigned *seen)
{
        uint32_t phandle;

        for (size_t i = 0; i < sizeof(references) / sizeof(references[0]); i++) {
                if (!tree_cell(tree->fdt, tree_node(tree), references[i].name, references[i].cell, &phandle) ||
                    ++*seen > REFERENCES)
                        continue;
                CHECK_SAY(j, phandle && phandle != UINT32_MAX && fdt_node_offset_by_phandle(tree->fdt, phandle) >= 0,
                          "a phandle that a node has", "%s: 0x%x at offset 0x%x", references[i].name, phandle,
                          (unsigned)tree_node(tree));
        }
}

struct claims {
        unsigned count;
        struct hw_range range[CLAIMS];
};

/* The ranges of an enabled device below the root: there, an address is what a processor sees. */
static void claims_add(struct claims *claims, const struct tree *tree)
{
        struct hw_range range;

        if (tree->depth != 1 || !tree_enabled(tree->fdt, tree_node(tree)) ||
            tree_text_is(tree->fdt, tree_node(tree), "device_type", "memory"))
                return;
        for (unsigned i = 0; i < CLAIMS && tree_reg(tree, i, &range.base, &range.size); i++)
                if (range.size && claims->count < CLAIMS)
                        claims->range[claims->count++] = range;
}

static bool overlap(const struct hw_range *a, const struct hw_range *b)
{
        return a->base < b->base ? b->base - a->base < a->size : a->base - b->base < b->size;
}

static void overlaps_judge(struct judge *j, const struct hw_range *a, const struct hw_range *others, unsigned count,
                           const char *what)
{
        for (unsigned i = 0; i < count; i++)
                if (overlap(a, &others[i]))
                        CHECK_SAY(j, !overlap(a, &others[i]), "addresses of its own",
                                  "0x%llx bytes at 0x%llx meet %s at 0x%llx", (unsigned long long)a->size,
                                  (unsigned long long)a->base, what, (unsigned long long)others[i].base);
}

void judge_fdt_references_and_ranges(struct judge *j)
{
        static struct claims claims;
        struct hw room;
        const struct hw *hw = fdt_judged(j, &room);
        struct tree tree;
        unsigned seen = 0;

        if (!hw || !tree_begin(&tree, j->evidence->of[EVIDENCE_FDT]))
                return;
        claims.count = 0;
        while (tree_next(&tree)) {
                references_judge(j, &tree, &seen);
                claims_add(&claims, &tree);
        }
        for (unsigned i = 0; i < claims.count; i++) {
                overlaps_judge(j, &claims.range[i], claims.range + i + 1, claims.count - i - 1, "a device");
                overlaps_judge(j, &claims.range[i], hw->memory, hw->memories < HW_RANGES ? hw->memories : HW_RANGES,
                               "RAM");
        }
        NOTE_NUMBER(j, "ranges compared", claims.count);
}
