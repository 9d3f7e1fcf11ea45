/* SPDX-License-Identifier: BSD-2-Clause */
/* Every reg and ranges of the FDT is whole by the cells that its parent states, within what a processor can address. */
#include "judge.h"

#include <libfdt.h>

#include "hwdesc.h"
#include "nodes.h"

/*
 * Devicetree Specification 2.3.5: "#address-cells and #size-cells properties are not inherited from ancestors in the
 * devicetree. They shall be explicitly defined."
 */
static bool cells_stated(const struct tree *tree)
{
        return tree_property(tree->fdt, tree_parent(tree), "#address-cells").data &&
               tree_property(tree->fdt, tree_parent(tree), "#size-cells").data;
}

static bool below_pci(const struct tree *tree)
{
        return tree_text_is(tree->fdt, tree_parent(tree), "device_type", "pci");
}

/* The node's addresses are what a processor sees: below the root, or below a bus that maps them one to one. */
static bool reaches(const struct tree *tree)
{
        struct bytes ranges = tree_property(tree->fdt, tree_parent(tree), "ranges");

        return tree->depth == 1 || (tree->depth == 2 && ranges.data && !ranges.size);
}

static void reg_judge(struct judge *j, const struct tree *tree, unsigned bits)
{
        struct bytes reg = tree_property(tree->fdt, tree_node(tree), "reg");
        unsigned address = 0, size = 0;
        uint64_t base = 0, length = 0;

        if (!reg.data || tree->depth == 0 || below_pci(tree))
                return;
        CHECK_EACH(j, cells_stated(tree), "#address-cells and #size-cells above a node with reg", "offset 0x%x",
                   (unsigned)tree_parent(tree));
        if (!CHECK_EACH(j,
                        tree_cells(tree->fdt, tree_parent(tree), &address, &size) && reg.size > 0 &&
                                reg.size % (4 * (address + size)) == 0,
                        "a reg of whole addresses and sizes", "node at offset 0x%x: %u bytes of %u and %u cells",
                        (unsigned)tree_node(tree), (unsigned)reg.size, address, size))
                return;
        for (unsigned i = 0; reaches(tree) && size && i < 64 && tree_reg(tree, i, &base, &length); i++)
                CHECK_EACH(j,
                           length > 0 && base <= UINT64_MAX - (length - 1) &&
                                   (base + (length - 1)) >> (bits - 1) >> 1 == 0,
                           "addresses that the processor has", "0x%llx bytes at 0x%llx, %u bits",
                           (unsigned long long)length, (unsigned long long)base, bits);
}

/* Each entry: an address below the node, the same above it, and a size that is not 0. */
static void ranges_judge(struct judge *j, const struct tree *tree, unsigned bits)
{
        struct bytes ranges = tree_property(tree->fdt, tree_node(tree), "ranges");
        unsigned below, size, above, unused;
        size_t each;

        if (!ranges.size || tree->depth == 0 || tree_text_is(tree->fdt, tree_node(tree), "device_type", "pci") ||
            below_pci(tree))
                return;
        if (!tree_cells(tree->fdt, tree_node(tree), &below, &size) ||
            !tree_cells(tree->fdt, tree_parent(tree), &above, &unused))
                return;
        each = 4 * (size_t)(below + above + size);
        if (!CHECK_EACH(j, ranges.size % each == 0, "ranges of whole entries", "node at offset 0x%x: %u bytes of %u",
                        (unsigned)tree_node(tree), (unsigned)ranges.size, (unsigned)each))
                return;
        for (size_t at = 0; at < ranges.size && at < 64 * each; at += each) {
                uint64_t base = tree_number(ranges.data + at + 4 * below, above);
                uint64_t length = tree_number(ranges.data + at + 4 * (below + above), size);

                CHECK_EACH(j,
                           length > 0 && base <= UINT64_MAX - (length - 1) &&
                                   (tree->depth > 1 || (base + (length - 1)) >> (bits - 1) >> 1 == 0),
                           "ranges that are not empty, at addresses that the processor has", "0x%llx bytes at 0x%llx",
                           (unsigned long long)length, (unsigned long long)base);
        }
}

/* Devicetree Specification 2.3.4: the values of status. */
static bool status_known(const void *fdt, int node)
{
        struct bytes status = tree_property(fdt, node, "status");

        return !status.data || tree_enabled(fdt, node) || tree_text_is(fdt, node, "status", "disabled") ||
               tree_text_is(fdt, node, "status", "reserved") || tree_text_is(fdt, node, "status", "fail") ||
               (status.size > 6 && memcmp(status.data, "fail-", 5) == 0);
}

/* Devicetree Specification 5.2, boot_cpuid_phys: "identical to the physical ID given in the reg property of that CPU
 * node" */
static void boot_cpu_judge(struct judge *j, const struct hw *hw)
{
        uint64_t boot = tree_number(j->evidence->of[EVIDENCE_FDT].data + 28, 1);
        bool listed = hw->cpus > HW_CPUS;

        for (unsigned i = 0; i < hw->cpus && i < HW_CPUS; i++)
                listed |= (hw->cpu[i].mpidr & UINT32_MAX) == boot;
        CHECK_SAY(j, listed || !hw->cpus, "boot_cpuid_phys is that of a processor's node", "0x%llx",
                  (unsigned long long)boot);
}

void judge_fdt_addresses_are_whole(struct judge *j)
{
        struct hw room;
        const struct hw *hw = fdt_judged(j, &room);
        unsigned bits = address_bits(j->evidence);
        struct tree tree;

        if (!hw || !tree_begin(&tree, j->evidence->of[EVIDENCE_FDT]))
                return;
        while (tree_next(&tree)) {
                reg_judge(j, &tree, bits);
                ranges_judge(j, &tree, bits);
                CHECK_EACH(j, status_known(tree.fdt, tree_node(&tree)), "okay, disabled, reserved or fail as status",
                           "node at offset 0x%x", (unsigned)tree_node(&tree));
        }
        boot_cpu_judge(j, hw);
}

/* The number behind '@'; false where the name has none that is hexadecimal alone: a comma makes it a bus's own form. */
static bool unit_address(const char *name, uint64_t *ret)
{
        const char *at = strchr(name, '@');
        unsigned digits = 0;

        *ret = 0;
        if (!at)
                return false;
        for (at++; *at; at++, digits++) {
                unsigned digit = *at >= '0' && *at <= '9'   ? (unsigned)(*at - '0')
                                 : *at >= 'a' && *at <= 'f' ? (unsigned)(*at - 'a') + 10
                                 : *at >= 'A' && *at <= 'F' ? (unsigned)(*at - 'A') + 10
                                                            : 16;

                if (digit == 16)
                        return false;
                *ret = *ret << 4 | digit;
        }
        return digits > 0 && digits <= 16;
}

/* The address that a node stands at: the first of its reg, or else of what its ranges map to. */
static bool first_address(const struct tree *tree, uint64_t *ret)
{
        struct bytes ranges = tree_property(tree->fdt, tree_node(tree), "ranges");
        unsigned below, above, size;
        uint64_t length;

        if (tree_property(tree->fdt, tree_node(tree), "reg").data)
                return tree_reg(tree, 0, ret, &length);
        if (!tree_cells(tree->fdt, tree_node(tree), &below, &size) ||
            !tree_cells(tree->fdt, tree_parent(tree), &above, &size) || ranges.size < 4 * (size_t)(below + above))
                return false;
        *ret = tree_number(ranges.data + 4 * below, above);
        return true;
}

/*
 * Devicetree Specification 2.2.1.1: "The unit-address must match the first address specified in the reg property of the
 * node. If the node has no reg property, the @unit-address must be omitted"; a bus without reg stands where its ranges
 * lead, as dtc has it.
 */
void judge_unit_addresses_match_reg(struct judge *j)
{
        struct tree tree;
        unsigned seen = 0;

        if (!tree_judged(j, &tree))
                return;
        while (tree_next(&tree)) {
                const char *name = fdt_get_name(tree.fdt, tree_node(&tree), NULL);
                uint64_t unit, address = 0;
                char shown[40];
                bool there;

                if (!name || tree.depth == 0 || below_pci(&tree) || !unit_address(name, &unit))
                        continue;
                there = first_address(&tree, &address);
                text_escape(shown, sizeof(shown), name, strlen(name) < 32 ? strlen(name) : 32);
                CHECK_EACH(j, there && address == unit, "a unit address that is the first one of reg", "%s: 0x%llx",
                           shown, (unsigned long long)address);
                seen++;
        }
        NOTE_NUMBER(j, "unit addresses", seen);
}
