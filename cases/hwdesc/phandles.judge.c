/* SPDX-License-Identifier: BSD-2-Clause */
/* Every list of phandles in the FDT is followed to its end, by the cells that each provider asks for. */
#include "judge.h"

#include <libfdt.h>

#include "hwdesc.h"
#include "nodes.h"

enum { PHANDLES_MAX = 512, ARGUMENTS_MAX = 16 };

/* A property, and the provider's property that says how many cells follow the phandle; NULL: none follow. */
struct list {
        const char *name;
        const char *cells;
        bool optional; /* a provider without it takes none */
};

static const struct list lists[] = {
        {"clocks", "#clock-cells", false},  {"assigned-clocks", "#clock-cells", false},
        {"gpios", "#gpio-cells", false},    {"interrupts-extended", "#interrupt-cells", false},
        {"msi-parent", "#msi-cells", true}, {"dmas", "#dma-cells", false},
        {"iommus", "#iommu-cells", false},  {"resets", "#reset-cells", false},
        {"phys", "#phy-cells", false},      {"mboxes", "#mbox-cells", false},
        {"pwms", "#pwm-cells", false},      {"power-domains", "#power-domain-cells", false},
        {"memory-region", NULL, false},     {"interrupt-affinity", NULL, false},
        {"next-level-cache", NULL, false},  {"cpu-idle-states", NULL, false},
};

static const struct list *list_of(const char *name)
{
        size_t length = strlen(name);

        for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
                if (strcmp(lists[i].name, name) == 0)
                        return &lists[i];
        return length > 6 && strcmp(name + length - 6, "-gpios") == 0 ? list_of("gpios") : NULL;
}

/* A PL061 has eight lines; the second cell is GPIO_ACTIVE_LOW and its neighbours, up to GPIO_PULL_DISABLE (64). */
static bool line_there(const void *fdt, int provider, const uint8_t *arguments, unsigned count)
{
        if (count != 2 || !strings_have(tree_property(fdt, provider, "compatible"), "arm,pl061"))
                return true;
        return tree_number(arguments, 1) < 8 && tree_number(arguments + 4, 1) < 128;
}

/* One entry; its size in bytes, 0 where the list cannot be followed on. A phandle of 0 stands for "none here". */
static size_t entry_judge(struct judge *j, struct lookup *lookup, const struct list *list, const char *name,
                          struct bytes rest)
{
        uint32_t phandle = (uint32_t)tree_number(rest.data, 1), cells = 0;
        int node;

        if (phandle == 0)
                return 4;
        node = phandle_node(lookup, phandle);
        if (!CHECK_EACH(j, node >= 0, "a phandle that a node has", "%s: 0x%x", name, phandle))
                return 0;
        if (!CHECK_EACH(j, !list->cells || tree_cell(lookup->fdt, node, list->cells, 0, &cells) || list->optional,
                        "a provider that says how many cells it takes", "%s: 0x%x has no %s", name, phandle,
                        list->cells))
                return 0;
        if (!CHECK_EACH(j, cells <= ARGUMENTS_MAX && rest.size >= 4 + 4 * (size_t)cells,
                        "a list that ends with an entry", "%s: %u bytes left, %u cells wanted", name,
                        (unsigned)rest.size - 4, cells))
                return 0;
        if (strcmp(list->name, "interrupts-extended") == 0 && gic_at(lookup->fdt, node))
                CHECK_EACH(j, gic_takes(rest.data + 4, cells), "an SPI or PPI that a GIC has, edge or level",
                           "%s: 0x%x", name, phandle);
        if (strcmp(list->name, "gpios") == 0)
                CHECK_EACH(j, line_there(lookup->fdt, node, rest.data + 4, cells), "a line and flags that a PL061 has",
                           "%s: line %u", name, (unsigned)tree_number(rest.data + 4, 1));
        return 4 + 4 * (size_t)cells;
}

/* Devicetree Specification 2.3.3: a phandle is unique in the tree. */
struct phandles {
        unsigned count;
        uint32_t phandle[PHANDLES_MAX];
};

static void phandle_add(struct judge *j, struct phandles *all, const void *fdt, int node)
{
        uint32_t phandle = tree_phandle(fdt, node);

        if (!phandle || all->count == PHANDLES_MAX)
                return;
        for (unsigned i = 0; i < all->count; i++)
                CHECK_EACH(j, all->phandle[i] != phandle, "a phandle that no other node has", "0x%x at offset 0x%x",
                           phandle, (unsigned)node);
        all->phandle[all->count++] = phandle;
}

static void node_judge(struct judge *j, struct lookup *lookup, int node, unsigned *seen)
{
        const void *fdt = lookup->fdt;
        int offset, length;

        for (offset = fdt_first_property_offset(fdt, node); offset >= 0;
             offset = fdt_next_property_offset(fdt, offset)) {
                const char *name;
                const uint8_t *value = fdt_getprop_by_offset(fdt, offset, &name, &length);
                const struct list *list = value && name && length >= 0 ? list_of(name) : NULL;
                size_t step = 1;

                for (size_t at = 0; list && step && at + 4 <= (size_t)length && *seen < LOOKUPS; at += step, (*seen)++)
                        step = entry_judge(j, lookup, list, name, (struct bytes){value + at, (size_t)length - at});
                if (list)
                        CHECK_EACH(j, length % 4 == 0, "a list of cells", "%s: %d bytes", name, length);
        }
}

void judge_fdt_phandle_lists_are_whole(struct judge *j)
{
        static struct phandles all;
        struct tree tree;
        struct lookup lookup = {0};
        unsigned seen = 0;

        if (!tree_judged(j, &tree))
                return;
        lookup.fdt = tree.fdt;
        all.count = 0;
        while (tree_next(&tree)) {
                node_judge(j, &lookup, tree_node(&tree), &seen);
                phandle_add(j, &all, tree.fdt, tree_node(&tree));
        }
        CHECK_SAY(j, lookups_sufficed(&lookup), "no more than 256 phandles to look for", "%u", lookup.done);
        NOTE_NUMBER(j, "references followed", seen);
}
