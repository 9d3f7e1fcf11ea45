/* SPDX-License-Identifier: BSD-2-Clause */
/* A walk over a device tree of unknown origin: no length is believed, no string is taken to end. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence.h"

enum { TREE_DEPTH = 32 };

/* The walk stands on one node; nodes deeper than TREE_DEPTH are stepped over. */
struct tree {
        const void *fdt;
        int at;               /* the node last seen */
        int depth;            /* 0: the root */
        int path[TREE_DEPTH]; /* from the root to the node the walk stands on */
};

/* Before the first node; false where the bytes are no FDT of version 17 whose blocks lie inside them. */
bool tree_begin(struct tree *tree, struct bytes fdt);
/* On to the next node, parents before children; false after the last one, and where the structure breaks off. */
bool tree_next(struct tree *tree);

/* The node the walk stands on, and its parent (negative for the root). */
int tree_node(const struct tree *tree);
int tree_parent(const struct tree *tree);

/* data is NULL where the node has no such property; an empty property has data and size 0. */
struct bytes tree_property(const void *fdt, int node, const char *name);
/* The index-th cell; false where the property is absent or too short, and *ret is untouched. */
bool tree_cell(const void *fdt, int node, const char *name, unsigned index, uint32_t *ret);
/* The property is exactly this string with its end. */
bool tree_text_is(const void *fdt, int node, const char *name, const char *text);
/* The compatible list has this string. */
bool tree_is(const void *fdt, int node, const char *compatible);
/* The index in a list of strings; negative where it is not there. */
int tree_list_index(const void *fdt, int node, const char *name, const char *text);
/* No status, or "okay" ("ok" is an old spelling that every reader takes). */
bool tree_enabled(const void *fdt, int node);

/* count cells at data as one number. */
uint64_t tree_number(const uint8_t *data, unsigned count);
/* The cells of addresses and sizes below a node; false where they are not sane. */
bool tree_cells(const void *fdt, int node, unsigned *ret_address, unsigned *ret_size);
/* The index-th pair of a reg property; false where there is none. */
bool tree_reg(const struct tree *tree, unsigned index, uint64_t *ret_base, uint64_t *ret_size);

/* The phandle of the interrupt parent that holds for the node the walk stands on; 0: none. */
uint32_t tree_interrupt_parent(const struct tree *tree);
uint32_t tree_phandle(const void *fdt, int node);

/* The phandle is that of a node with interrupt-controller or interrupt-map. */
bool tree_takes_interrupts(const void *fdt, uint32_t phandle);

/* The node that a path or an alias names, up to the options behind ':'; negative where it leads nowhere. */
int tree_resolve(const void *fdt, struct bytes path);
