/* SPDX-License-Identifier: BSD-2-Clause */
/* What a guest of Xen learns from its device tree and tables: the hypervisor, and what the toolstack has given it. */
#include "hwdesc.h"

#include <libfdt.h>

enum { INTERRUPT_CELLS = 3, CELL = 4, PPI = 1, PPIS = 16 };

/* docs/misc/arm/device-tree/guest.txt: "xen,xen-<version>" and "xen,xen"; region 0 is the grant table's. */
void judge_xen_node_is_described(struct judge *j)
{
        struct tree tree;
        struct bytes compatible, interrupts;
        uint64_t base = 0, size = 0;
        uint32_t kind = ~0u, number = ~0u;
        bool versioned, reg;
        char text[80];

        if (!tree_judged(j, &tree))
                return;
        while (tree_next(&tree) && !tree_is(tree.fdt, tree_node(&tree), "xen,xen"))
                ;
        if (!CHECK_SAY(j,
                       fdt_path_offset(tree.fdt, "/hypervisor") == tree_node(&tree) &&
                               tree_is(tree.fdt, tree_node(&tree), "xen,xen"),
                       "a node /hypervisor with \"xen,xen\"", "%s",
                       fdt_path_offset(tree.fdt, "/hypervisor") < 0 ? "no node" : "a node"))
                return;
        compatible = tree_property(tree.fdt, tree_node(&tree), "compatible");
        versioned = compatible.size > 8 && memcmp(compatible.data, "xen,xen-", 8) == 0 && compatible.data[8] >= '0' &&
                    compatible.data[8] <= '9';
        text_escape(text, sizeof(text), compatible.data, compatible.size < 20 ? compatible.size : 20);
        CHECK_SAY(j, versioned, "compatible begins with \"xen,xen-\" and a version", "%s", text);
        reg = tree_reg(&tree, 0, &base, &size);
        CHECK_SAY(j, reg && size, "a region 0 for the grant table", "0x%llx, 0x%llx bytes", (unsigned long long)base,
                  (unsigned long long)size);
        interrupts = tree_property(tree.fdt, tree_node(&tree), "interrupts");
        (void)tree_cell(tree.fdt, tree_node(&tree), "interrupts", 0, &kind);
        (void)tree_cell(tree.fdt, tree_node(&tree), "interrupts", 1, &number);
        CHECK_SAY(j, interrupts.size == INTERRUPT_CELLS * CELL && kind == PPI && number < PPIS,
                  "interrupts: one PPI for event channels", "%u bytes, kind %u, number %u", (unsigned)interrupts.size,
                  kind, number);
}

/* Of the toolstack's "acpi = 1" the guest sees an RSDP, which the firmware passes on. */
void judge_xen_offers_acpi(struct judge *j)
{
        bool offered = table_offered(j->evidence, guid_acpi20);

        CHECK_SAY(j, offered, "a configuration table with the ACPI 2.0 GUID", "%s", offered ? "there is one" : "none");
}

/* Either description will do: xl puts the UART into the device tree alone. */
void judge_xen_offers_sbsa_uart(struct judge *j)
{
        struct hw hw;

        hw_read(j->evidence, &hw);
        if (hw.uart == HW_UART_NONE)
                (void)hw_from_fdt(j->evidence->of[EVIDENCE_FDT], &hw);
        CHECK_SAY(j, hw.uart == HW_UART_SBSA, "an SBSA UART is described", "%s",
                  hw.uart == HW_UART_NONE   ? "no UART"
                  : hw.uart == HW_UART_SBSA ? "there is one"
                                            : "another UART");
}
