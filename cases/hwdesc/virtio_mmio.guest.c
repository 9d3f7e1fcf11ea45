/* SPDX-License-Identifier: BSD-2-Clause */
/* Behind every virtio-mmio node stands a transport, whether or not a device is plugged into it. */
#include "guest.h"

#include "tree.h"

enum { MAGIC = 0x74726976, AT_VERSION = 4, AT_DEVICE = 8 };

static void transport_check(struct guest *g, uint64_t base, unsigned *devices)
{
        uint32_t magic = 0, version = 0, device = 0;

        if (!CHECK_SAY(g, guest_peek32(g, base, &magic) && magic == MAGIC, "the magic value 0x74726976",
                       "0x%x at 0x%llx", magic, (unsigned long long)base))
                return;
        CHECK_SAY(g, guest_peek32(g, base + AT_VERSION, &version) && (version == 1 || version == 2), "version 1 or 2",
                  "%u at 0x%llx", version, (unsigned long long)base);
        if (guest_peek32(g, base + AT_DEVICE, &device) && device)
                (*devices)++;
}

void guest_virtio_mmio_nodes_lead_to_transports(struct guest *g)
{
        unsigned transports = 0, devices = 0;
        uint64_t base, size;
        struct tree tree;
        uint32_t kind;

        if (!tree_begin(&tree, g->evidence->of[EVIDENCE_FDT])) {
                NOT_APPLICABLE(g, "there is no FDT");
                return;
        }
        while (tree_next(&tree)) {
                if (!tree_is(tree.fdt, tree_node(&tree), "virtio,mmio") || !tree_enabled(tree.fdt, tree_node(&tree)))
                        continue;
                transports++;
                if (CHECK_SAY(g, tree_reg(&tree, 0, &base, &size) && size >= 0x100,
                              "a reg with the transport's registers", "offset 0x%x", (unsigned)tree_node(&tree)))
                        transport_check(g, base, &devices);
                CHECK_SAY(g, tree_cell(tree.fdt, tree_node(&tree), "interrupts", 1, &kind), "an interrupt",
                          "offset 0x%x", (unsigned)tree_node(&tree));
        }
        if (!transports)
                NOT_APPLICABLE(g, "the FDT has no virtio,mmio node");
        NOTE(g, "virtio-mmio", "%u transports, %u devices", transports, devices);
}
