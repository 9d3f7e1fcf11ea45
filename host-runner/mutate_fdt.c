/* SPDX-License-Identifier: BSD-2-Clause */
/* Every node, property and cell of a flattened devicetree, by way of libfdt; the header byte by byte. */
#include <stdlib.h>
#include <string.h>

#include <libfdt.h>

#include "mutate.h"

enum { PATH = 200 };

struct tree {
        struct mutation *mutation;
        struct bytes good;
        uint8_t *bytes; /* the copy */
};

static bool tree_try(struct tree *tree)
{
        return mutation_try(tree->mutation, EVIDENCE_FDT, (struct bytes){tree->bytes, tree->good.size});
}

static void tree_restore(struct tree *tree)
{
        memcpy(tree->bytes, tree->good.data,
               fdt_totalsize(tree->good.data) < tree->good.size ? fdt_totalsize(tree->good.data) : tree->good.size);
}

/* A property's value, big-endian from at. */
static uint32_t cell_get(const uint8_t *from)
{
        return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

static void cell_put(uint8_t *to, uint32_t value)
{
        for (int i = 0; i < 4; i++)
                to[i] = (uint8_t)(value >> (24 - 8 * i));
}

static bool is_text(const uint8_t *value, int length)
{
        if (length < 2 || value[length - 1] || !value[0])
                return false;
        for (int i = 0; i < length - 1; i++)
                if (value[i] && (value[i] < 0x20 || value[i] >= 0x7f))
                        return false;
        return true;
}

/* The cells of an entry where a property is a list of entries: their places are then named alike. 0: no list. */
static int entry_cells(const char *name, int length)
{
        static const struct {
                const char *name;
                int cells;
        } lists[] = {{"interrupts", 3}, {"interrupt-map", 10}, {"ranges", 7}};

        for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
                if (strcmp(lists[i].name, name) == 0 && length % (4 * lists[i].cells) == 0)
                        return lists[i].cells;
        return 0;
}

/* The copy lies as the good blob does, so an offset into one is an offset into the other. */
static void value_mutate(struct tree *tree, const char *node, const char *name, const uint8_t *value, int length)
{
        uint8_t *at = tree->bytes + (value - tree->good.data);
        int entry = entry_cells(name, length);
        uint64_t values[MUTANTS];

        if (is_text(value, length)) {
                at[0] ^= 1;
                mutation_count(mutation_place(tree->mutation, "fdt/%s/%s/text", node, name), 1, tree_try(tree));
                at[0] ^= 1;
                return;
        }
        for (int i = 0; i + 4 <= length; i += 4) {
                unsigned count = mutants_of(cell_get(value + i), 4, values), noticed = 0;

                for (unsigned m = 0; m < count; m++) {
                        cell_put(at + i, (uint32_t)values[m]);
                        noticed += tree_try(tree);
                }
                cell_put(at + i, cell_get(value + i));
                mutation_count(mutation_place(tree->mutation, "fdt/%s/%s/cell%d", node, name,
                                              entry       ? i / 4 % entry
                                              : i / 4 < 8 ? i / 4
                                                          : 8),
                               count, noticed);
        }
}

static void node_mutate(struct tree *tree, int node)
{
        const void *good = tree->good.data;
        const char *full = fdt_get_name(good, node, NULL), *name;
        char base[PATH];
        int offset, length;

        strncpy(base, full && *full ? full : "root", sizeof(base) - 1);
        base[sizeof(base) - 1] = 0;
        base[strcspn(base, "@")] = 0;
        if (full && *full) {
                (void)fdt_nop_node(tree->bytes, node);
                mutation_count(mutation_place(tree->mutation, "fdt/%s/absent", base), 1, tree_try(tree));
                tree_restore(tree);
        }
        fdt_for_each_property_offset(offset, good, node)
        {
                const uint8_t *value = fdt_getprop_by_offset(good, offset, &name, &length);

                if (!value)
                        continue;
                (void)fdt_nop_property(tree->bytes, node, name);
                mutation_count(mutation_place(tree->mutation, "fdt/%s/%s/absent", base, name), 1, tree_try(tree));
                tree_restore(tree);
                value_mutate(tree, base, name, value, length);
        }
}

static void header_mutate(struct tree *tree)
{
        static const char *const names[] = {"magic",           "totalsize",     "off-dt-struct",     "off-dt-strings",
                                            "off-mem-rsvmap",  "version",       "last-comp-version", "boot-cpuid",
                                            "size-dt-strings", "size-dt-struct"};
        uint64_t values[MUTANTS];

        for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
                uint32_t value = cell_get(tree->good.data + 4 * i);
                unsigned count = mutants_of(value, 4, values), noticed = 0;

                for (unsigned m = 0; m < count; m++) {
                        cell_put(tree->bytes + 4 * i, (uint32_t)values[m]);
                        noticed += tree_try(tree);
                }
                cell_put(tree->bytes + 4 * i, value);
                mutation_count(mutation_place(tree->mutation, "fdt/header/%s", names[i]), count, noticed);
        }
}

void mutate_fdt(struct mutation *mutation)
{
        struct tree tree = {mutation, mutation->good.of[EVIDENCE_FDT], NULL};
        int depth = 0;

        if (!tree.good.data || fdt_check_header(tree.good.data) || fdt_totalsize(tree.good.data) > tree.good.size)
                return;
        tree.bytes = malloc(tree.good.size);
        mutation->lost |= !tree.bytes;
        if (!tree.bytes)
                return;
        memcpy(tree.bytes, tree.good.data, tree.good.size);
        header_mutate(&tree);
        for (int node = 0; node >= 0 && depth >= 0; node = fdt_next_node(tree.good.data, node, &depth))
                node_mutate(&tree, node);
        free(tree.bytes);
}
