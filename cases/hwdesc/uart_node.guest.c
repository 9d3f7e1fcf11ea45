/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the FDT's node says a UART is, the registers of one answer. */
#include "guest.h"

enum { UARTFR = 0x18, FR_RESERVED = 0xfe00, PERIPH_ID0 = 0xfe0, PERIPH_ID1 = 0xfe4, PART_PL011 = 0x011 };

/* A pl011 names itself; of an SBSA UART there is only UARTFR to look at. */
void guest_uart_node_is_complete(struct guest *g)
{
        uint32_t flags = 0, low = 0, high = 0;
        uint64_t base;
        struct hw hw;

        if (!hw_from_fdt(g->evidence->of[EVIDENCE_FDT], &hw) || hw.uart == HW_UART_NONE) {
                NOT_APPLICABLE(g, "no FDT with an enabled UART");
                return;
        }
        base = hw.uart_range.base;
        if (!CHECK_SAY(g, guest_peek32(g, base + (hw.uart == HW_UART_16550 ? 0 : UARTFR), &flags),
                       "a register of the UART can be read", "base 0x%llx", (unsigned long long)base))
                return;
        if (hw.uart == HW_UART_SBSA)
                CHECK_EQ(g, flags & FR_RESERVED, 0);
        if (hw.uart != HW_UART_PL011 || hw.uart_range.size < PERIPH_ID1 + 4)
                return;
        CHECK_SAY(g,
                  guest_peek32(g, base + PERIPH_ID0, &low) && guest_peek32(g, base + PERIPH_ID1, &high) &&
                          ((low & 0xff) | (high & 15) << 8) == PART_PL011,
                  "the identification of a pl011, part 0x011", "part 0x%x at 0x%llx", (low & 0xff) | (high & 15) << 8,
                  (unsigned long long)base);
}
