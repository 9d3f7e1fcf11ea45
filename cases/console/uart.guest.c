/* SPDX-License-Identifier: BSD-2-Clause */
/* The registers that SBSA asks of a UART behave, with no driver between, after ExitBootServices. */
#include "guest.h"

enum {
        UART_DR = 0x00,
        UART_FR = 0x18,
        UART_IMSC = 0x38,
        UART_RIS = 0x3c,
        UART_MIS = 0x40,
        UART_ICR = 0x44,
        FR_BUSY = 1 << 3,
        FR_TXFF = 1 << 5,
        FR_TXFE = 1 << 7,
        INTERRUPTS = 0x7f0, /* RX, TX, RT and the four errors: the bits that SBSA keeps */
        SPINS = 1000000,
};

static bool transmitter_reaches(uint64_t base, uint32_t mask, uint32_t value)
{
        for (unsigned i = 0; i < SPINS; i++)
                if ((mmio_read32(base + UART_FR) & mask) == value)
                        return true;
        return false;
}

static bool uart_write(struct guest *g, uint64_t base, const char *line)
{
        for (; *line; line++) {
                if (!transmitter_reaches(base, FR_TXFF, 0))
                        return CHECK_SAY(g, false, "UARTFR.TXFF clears", "it stayed set");
                mmio_write32(base + UART_DR, (uint8_t)*line);
        }
        return CHECK_SAY(g, transmitter_reaches(base, FR_TXFE | FR_BUSY, FR_TXFE), "UARTFR says empty and idle", "0x%x",
                         mmio_read32(base + UART_FR));
}

static void interrupt_registers_behave(struct guest *g, uint64_t base)
{
        uint32_t before = mmio_read32(base + UART_IMSC);

        mmio_write32(base + UART_IMSC, 0);
        CHECK_EQ(g, mmio_read32(base + UART_IMSC) & INTERRUPTS, 0);
        CHECK_EQ(g, mmio_read32(base + UART_MIS) & INTERRUPTS, 0);
        mmio_write32(base + UART_IMSC, INTERRUPTS);
        CHECK_EQ(g, mmio_read32(base + UART_IMSC) & INTERRUPTS, INTERRUPTS);
        CHECK_EQ(g, mmio_read32(base + UART_MIS) & INTERRUPTS, mmio_read32(base + UART_RIS) & INTERRUPTS);
        mmio_write32(base + UART_IMSC, 0);
        mmio_write32(base + UART_ICR, INTERRUPTS);
        CHECK_EQ(g, mmio_read32(base + UART_RIS) & INTERRUPTS, 0);
        mmio_write32(base + UART_IMSC, before);
}

void guest_uart_meets_sbsa_minimum(struct guest *g)
{
        uint64_t base = g->hw->uart_range.base;
        char line[48];
        uint32_t value;

        if (!CHECK_SAY(g, (g->hw->uart == HW_UART_PL011 || g->hw->uart == HW_UART_SBSA) && base,
                       "a described pl011 or SBSA UART", "%s",
                       g->hw->uart == HW_UART_NONE ? "no UART" : "one of another kind or without an address"))
                return;
        if (!CHECK(g, guest_peek32(g, base + UART_FR, &value)))
                return;
        text_format(line, sizeof(line), "VMSPEC-UART-%016llx\r\n", (unsigned long long)g->nonce);
        if (!uart_write(g, base, line))
                return;
        interrupt_registers_behave(g, base);
}
