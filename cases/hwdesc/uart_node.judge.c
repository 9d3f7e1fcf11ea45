/* SPDX-License-Identifier: BSD-2-Clause */
/* The FDT's UART has all that a driver needs of its node. */
#include "judge.h"

#include "hwdesc.h"
#include "tree.h"

/* The node of the UART that the description chose, by its address. */
static bool uart_find(struct bytes fdt, const struct hw *hw, struct tree *ret)
{
        static const char *const names[] = {"arm,pl011", "arm,sbsa-uart", "ns16550a", "ns16550"};
        uint64_t base, size;

        if (!tree_begin(ret, fdt))
                return false;
        while (tree_next(ret))
                for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
                        if (tree_is(fdt.data, tree_node(ret), names[i]) && tree_reg(ret, 0, &base, &size) &&
                            base == hw->uart_range.base)
                                return true;
        return false;
}

void judge_uart_node_is_complete(struct judge *j)
{
        struct hw room;
        const struct hw *hw = fdt_judged(j, &room);
        struct tree tree;
        uint32_t speed;

        if (!hw)
                return;
        if (hw->uart == HW_UART_NONE) {
                NOT_APPLICABLE(j, "the FDT has no enabled UART");
                return;
        }
        CHECK_SAY(j, hw->uart_range.size >= 0x20, "a reg with the UART's registers", "0x%llx bytes",
                  (unsigned long long)hw->uart_range.size);
        CHECK_SAY(j, hw->uart_interrupt >= 32, "an interrupt that is an SPI of the GIC", "%u", hw->uart_interrupt);
        if (!uart_find(j->evidence->of[EVIDENCE_FDT], hw, &tree))
                return;
        if (hw->uart == HW_UART_PL011)
                CHECK_SAY(j, tree_property(tree.fdt, tree_node(&tree), "clocks").size >= 4, "clocks of an arm,pl011",
                          "%u bytes", (unsigned)tree_property(tree.fdt, tree_node(&tree), "clocks").size);
        if (hw->uart == HW_UART_SBSA)
                CHECK_SAY(j, tree_cell(tree.fdt, tree_node(&tree), "current-speed", 0, &speed),
                          "current-speed of an arm,sbsa-uart", "none");
}
