/* SPDX-License-Identifier: BSD-2-Clause */
/* The node of a generic PCI host says all that a guest needs to find the functions behind it and their interrupts. */
#include "judge.h"

#include "hwdesc.h"
#include "nodes.h"

enum { CHILD = 3, SIZE = 2, PIN = 1, WINDOWS = 16, ENTRIES = 256, PAGE = 4096 };

struct windows {
        unsigned count;
        struct hw_range range[WINDOWS];
};

static bool meet(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
        return a < b ? b - a < a_size : a - b < b_size;
}

/* RAM, the registers of an enabled device below the root, and another window are what a window must not cover. */
static void window_apart(struct judge *j, const struct hw *hw, const struct windows *others, const struct hw_range *w)
{
        struct tree tree;
        uint64_t base, size;

        for (unsigned i = 0; i < hw->memories && i < HW_RANGES; i++)
                CHECK_EACH(j, !meet(w->base, w->size, hw->memory[i].base, hw->memory[i].size), "a window beside RAM",
                           "0x%llx bytes at 0x%llx", (unsigned long long)w->size, (unsigned long long)w->base);
        for (unsigned i = 0; i < others->count; i++)
                CHECK_EACH(j, !meet(w->base, w->size, others->range[i].base, others->range[i].size),
                           "windows beside each other", "0x%llx bytes at 0x%llx", (unsigned long long)w->size,
                           (unsigned long long)w->base);
        if (!tree_begin(&tree, j->evidence->of[EVIDENCE_FDT]))
                return;
        while (tree_next(&tree))
                for (unsigned i = 0; tree.depth == 1 && i < 8 && tree_reg(&tree, i, &base, &size); i++)
                        CHECK_EACH(j, !meet(w->base, w->size, base, size) || !tree_enabled(tree.fdt, tree_node(&tree)),
                                   "a window beside the devices", "0x%llx bytes at 0x%llx meet 0x%llx",
                                   (unsigned long long)w->size, (unsigned long long)w->base, (unsigned long long)base);
}

/*
 * PCI Bus Binding to IEEE 1275: phys.hi of a range is npt000ss with a space of 1 to 3, n, bus, device, function and
 * register 0; I/O and 32-bit memory end below 4 GiB. A bridge decodes whole pages. True for non-prefetchable memory.
 */
static bool window_judge(struct judge *j, const struct hw *hw, struct windows *seen, const uint8_t *entry,
                         unsigned above)
{
        uint64_t high = tree_number(entry, 1), pci = tree_number(entry + 4, 2);
        struct hw_range w = {tree_number(entry + 4 * CHILD, above), tree_number(entry + 4 * (CHILD + above), SIZE)};
        unsigned space = high >> 24 & 3, bits = address_bits(j->evidence);
        bool sound = w.size > 0 && w.size - 1 <= UINT64_MAX - w.base && w.size - 1 <= UINT64_MAX - pci;

        CHECK_EACH(j, (high & 0xbcffffff) == 0 && space,
                   "a range of I/O or memory space, no bus, device or register in it", "phys.hi 0x%llx",
                   (unsigned long long)high);
        CHECK_EACH(j, space == 3 || (sound && (pci + w.size - 1) >> 32 == 0), "32-bit PCI addresses below 4 GiB",
                   "0x%llx bytes at 0x%llx", (unsigned long long)w.size, (unsigned long long)pci);
        CHECK_EACH(j, sound && (w.base + (w.size - 1)) >> (bits - 1) >> 1 == 0, "a window that the processor can reach",
                   "0x%llx bytes at 0x%llx, %u bits", (unsigned long long)w.size, (unsigned long long)w.base, bits);
        CHECK_EACH(j, (w.base | pci | w.size) % PAGE == 0, "a window of whole pages", "0x%llx bytes, 0x%llx at 0x%llx",
                   (unsigned long long)w.size, (unsigned long long)pci, (unsigned long long)w.base);
        window_apart(j, hw, seen, &w);
        if (seen->count < WINDOWS)
                seen->range[seen->count++] = w;
        return space >= 2 && !(high & 0x40000000);
}

static void windows_judge(struct judge *j, const struct hw *hw, const struct tree *tree)
{
        struct bytes ranges = tree_property(tree->fdt, tree_node(tree), "ranges");
        struct windows seen = {0};
        unsigned above = 0, unused, plain = 0;
        size_t each;

        (void)tree_cells(tree->fdt, tree_parent(tree), &above, &unused);
        each = 4 * (size_t)(CHILD + above + SIZE);
        if (!CHECK_SAY(j, above && ranges.size && ranges.size % each == 0, "ranges of whole entries", "%u bytes of %u",
                       (unsigned)ranges.size, (unsigned)each))
                return;
        for (size_t at = 0; at < ranges.size && at < WINDOWS * each; at += each)
                plain += window_judge(j, hw, &seen, ranges.data + at, above);
        CHECK_SAY(j, plain > 0, "a window of non-prefetchable memory", "%u of %u", plain, seen.count);
}

/* PCI Express Base Specification 7.2.2: each bus takes 1 MiB, at most 256 of them, naturally aligned. */
static void buses_judge(struct judge *j, const struct tree *tree)
{
        uint64_t base = 0, size = 0;
        uint32_t first = 0, last = 255, domain = 0;
        struct bytes range = tree_property(tree->fdt, tree_node(tree), "bus-range");

        (void)tree_cell(tree->fdt, tree_node(tree), "bus-range", 0, &first);
        (void)tree_cell(tree->fdt, tree_node(tree), "bus-range", 1, &last);
        (void)tree_cell(tree->fdt, tree_node(tree), "linux,pci-domain", 0, &domain);
        CHECK_SAY(j, !range.data || (range.size == 8 && first <= last && last <= 255),
                  "a bus-range of two numbers to 255", "%u to %u in %u bytes", first, last, (unsigned)range.size);
        CHECK_SAY(j, tree_reg(tree, 0, &base, &size) && size > 0 && size % (1 << 20) == 0 && size <= 256 << 20,
                  "a reg of 1 to 256 buses of 1 MiB", "0x%llx bytes", (unsigned long long)size);
        CHECK_SAY(j, base % (1 << 20) == 0, "a reg at a multiple of 1 MiB", "0x%llx", (unsigned long long)base);
        CHECK_SAY(j, last < first || ((uint64_t)last - first + 1) << 20 <= size || !range.data,
                  "buses that fit into reg", "%u to %u in 0x%llx bytes", first, last, (unsigned long long)size);
        CHECK_SAY(j, domain <= 0xffff, "a linux,pci-domain of 16 bits, as a segment group has", "0x%x", domain);
}

/* One entry of interrupt-map; its size in bytes, 0 where what follows cannot be found. */
static size_t map_entry_judge(struct judge *j, struct lookup *lookup, struct bytes rest, const uint8_t *mask)
{
        const size_t head = 4 * (CHILD + PIN + 1);
        uint64_t pin = rest.size >= head ? tree_number(rest.data + 4 * CHILD, 1) : 0;
        uint32_t address = 0, cells = 0;
        size_t size;
        int parent;

        if (!CHECK_EACH(j, rest.size >= head, "an interrupt-map of whole entries", "%u bytes left",
                        (unsigned)rest.size))
                return 0;
        for (unsigned i = 0; i < 4 * (CHILD + PIN); i++)
                if (!CHECK_EACH(j, !(rest.data[i] & ~mask[i]), "an entry that the interrupt-map-mask lets match",
                                "pin %llu, byte %u", (unsigned long long)pin, i))
                        break;
        CHECK_EACH(j, pin >= 1 && pin <= 4, "INTA to INTD (1 to 4)", "%llu", (unsigned long long)pin);
        parent = phandle_node(lookup, (uint32_t)tree_number(rest.data + 4 * (CHILD + PIN), 1));
        if (!CHECK_EACH(j, parent >= 0 && tree_cell(lookup->fdt, parent, "#interrupt-cells", 0, &cells),
                        "an interrupt parent with #interrupt-cells", "0x%llx",
                        (unsigned long long)tree_number(rest.data + 4 * (CHILD + PIN), 1)))
                return 0;
        (void)tree_cell(lookup->fdt, parent, "#address-cells", 0, &address); /* none: no address */
        size = head + 4 * ((size_t)(address & 15) + (cells & 15));
        if (!CHECK_EACH(j, address <= 4 && cells <= 8 && rest.size >= size, "an entry with the parent's cells",
                        "%u and %u", address, cells))
                return 0;
        CHECK_EACH(j,
                   !gic_at(lookup->fdt, parent) || (gic_takes(rest.data + head + 4 * (size_t)address, cells) &&
                                                    rest.data[head + 4 * (size_t)address + 3] == 0),
                   "an SPI that a GIC has, edge or level", "pin %llu", (unsigned long long)pin);
        return size;
}

static void interrupts_judge(struct judge *j, struct lookup *lookup, const struct tree *tree)
{
        struct bytes map = tree_property(tree->fdt, tree_node(tree), "interrupt-map");
        struct bytes mask = tree_property(tree->fdt, tree_node(tree), "interrupt-map-mask");
        uint32_t cells = 0;
        size_t step = 1;

        if (!map.data && !mask.data)
                return;
        CHECK_SAY(j, map.data && tree_cell(tree->fdt, tree_node(tree), "#interrupt-cells", 0, &cells) && cells == PIN,
                  "#interrupt-cells 1 beside an interrupt-map and its mask", "%u, %u bytes of map", cells,
                  (unsigned)map.size);
        if (!CHECK_SAY(j, mask.size == 4 * (CHILD + PIN), "an interrupt-map-mask of 4 cells", "%u bytes",
                       (unsigned)mask.size))
                return;
        for (size_t at = 0, n = 0; step && at < map.size && n < ENTRIES; at += step, n++)
                step = map_entry_judge(j, lookup, (struct bytes){map.data + at, map.size - at}, mask.data);
}

/* Binding pci-msi: (rid-base, msi-controller, msi-base, length), for requester ids of 16 bits. */
static void msi_judge(struct judge *j, struct lookup *lookup, const struct tree *tree)
{
        struct bytes map = tree_property(tree->fdt, tree_node(tree), "msi-map");

        CHECK_SAY(j, map.size % 16 == 0, "an msi-map of whole entries", "%u bytes", (unsigned)map.size);
        for (size_t at = 0; at + 16 <= map.size && at < 16 * ENTRIES; at += 16) {
                uint64_t rid = tree_number(map.data + at, 1), base = tree_number(map.data + at + 8, 1);
                uint64_t length = tree_number(map.data + at + 12, 1);
                int to = phandle_node(lookup, (uint32_t)tree_number(map.data + at + 4, 1));

                CHECK_EACH(j, to >= 0 && tree_property(tree->fdt, to, "msi-controller").data,
                           "a phandle of an msi-controller", "0x%llx",
                           (unsigned long long)tree_number(map.data + at + 4, 1));
                CHECK_EACH(j, length > 0 && rid + length <= 0x10000 && base + length <= 0x100000000ull,
                           "requester ids to 0xffff, and message ids of 32 bits", "0x%llx from 0x%llx to 0x%llx",
                           (unsigned long long)length, (unsigned long long)rid, (unsigned long long)base);
        }
}

static void host_judge(struct judge *j, const struct hw *hw, const struct tree *tree)
{
        struct lookup lookup = {.fdt = tree->fdt};
        int node = tree_node(tree);
        uint32_t address = 0, size = 0;

        CHECK_SAY(j, tree_text_is(tree->fdt, node, "device_type", "pci"), "device_type \"pci\"", "%u bytes",
                  (unsigned)tree_property(tree->fdt, node, "device_type").size);
        (void)tree_cell(tree->fdt, node, "#address-cells", 0, &address);
        (void)tree_cell(tree->fdt, node, "#size-cells", 0, &size);
        CHECK_SAY(j, address == CHILD && size == SIZE, "#address-cells 3 and #size-cells 2", "%u and %u", address,
                  size);
        buses_judge(j, tree);
        windows_judge(j, hw, tree);
        interrupts_judge(j, &lookup, tree);
        msi_judge(j, &lookup, tree);
}

void judge_pci_host_node_is_whole(struct judge *j)
{
        struct hw room;
        const struct hw *hw = fdt_judged(j, &room);
        struct tree tree;
        unsigned hosts = 0;

        if (!hw || !tree_begin(&tree, j->evidence->of[EVIDENCE_FDT]))
                return;
        while (tree_next(&tree))
                if (tree_is(tree.fdt, tree_node(&tree), "pci-host-ecam-generic") &&
                    tree_enabled(tree.fdt, tree_node(&tree)) && tree.depth > 0 && hosts++ < 8)
                        host_judge(j, hw, &tree);
        if (!hosts)
                NOT_APPLICABLE(j, "the FDT has no enabled pci-host-ecam-generic");
}
