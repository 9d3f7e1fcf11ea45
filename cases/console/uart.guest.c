/* SPDX-License-Identifier: BSD-2-Clause */
/* The registers that SBSA asks of a UART behave, with no driver between, after ExitBootServices. */
#include "console/uart.h"

#include "guest.h"

enum { SPINS = 1000000 };

bool uart_is_listed(const struct guest *g)
{
        return g->hw->uart == HW_UART_PL011 || g->hw->uart == HW_UART_SBSA;
}

bool uart_found(struct guest *g, uint64_t *ret_base)
{
        uint64_t base = g->hw->uart_range.base;
        uint32_t value;

        if (!CHECK_SAY(g, uart_is_listed(g) && base, "a described pl011 or SBSA UART", "%s",
                       g->hw->uart == HW_UART_NONE ? "no UART" : "one of another kind or without an address") ||
            !CHECK(g, guest_peek32(g, base + UART_FR, &value)))
                return false;
        *ret_base = base;
        return true;
}

static bool transmitter_reaches(uint64_t base, uint32_t mask, uint32_t value)
{
        for (unsigned i = 0; i < SPINS; i++)
                if ((mmio_read32(base + UART_FR) & mask) == value)
                        return true;
        return false;
}

bool uart_write(struct guest *g, uint64_t base, const char *line)
{
        for (; *line; line++) {
                if (!transmitter_reaches(base, UART_FR_TXFF, 0))
                        return CHECK_SAY(g, false, "UARTFR.TXFF clears", "it stayed set");
                mmio_write32(base + UART_DR, (uint8_t)*line);
        }
        return CHECK_SAY(g, transmitter_reaches(base, UART_FR_TXFE | UART_FR_BUSY, UART_FR_TXFE),
                         "UARTFR says empty and idle", "0x%x", mmio_read32(base + UART_FR));
}

void uart_interrupts_judge(struct guest *g, uint64_t base)
{
        uint32_t before = mmio_read32(base + UART_IMSC);

        mmio_write32(base + UART_IMSC, 0);
        CHECK_EQ(g, mmio_read32(base + UART_IMSC) & UART_INTERRUPTS, 0);
        CHECK_EQ(g, mmio_read32(base + UART_MIS) & UART_INTERRUPTS, 0);
        mmio_write32(base + UART_IMSC, UART_INTERRUPTS);
        CHECK_EQ(g, mmio_read32(base + UART_IMSC) & UART_INTERRUPTS, UART_INTERRUPTS);
        CHECK_EQ(g, mmio_read32(base + UART_MIS) & UART_INTERRUPTS, mmio_read32(base + UART_RIS) & UART_INTERRUPTS);
        mmio_write32(base + UART_IMSC, 0);
        mmio_write32(base + UART_ICR, UART_INTERRUPTS);
        CHECK_EQ(g, mmio_read32(base + UART_RIS) & UART_INTERRUPTS, 0);
        mmio_write32(base + UART_IMSC, before);
}

/* More than the 16 or 32 bytes of its FIFO, so that the level at which it asks is passed whatever it is. */
bool uart_transmit_raised(struct guest *g, uint64_t base)
{
        mmio_write32(base + UART_IMSC, 0);
        mmio_write32(base + UART_ICR, UART_INTERRUPTS);
        return uart_write(g, base, "vmspec: this line is sent to make the transmitter ask for more\r\n") &&
               CHECK_SAY(g, mmio_read32(base + UART_RIS) & UART_TX, "UARTRIS.TXRIS set after a line was sent",
                         "UARTRIS 0x%x", mmio_read32(base + UART_RIS));
}

void guest_uart_meets_sbsa_minimum(struct guest *g)
{
        char line[48];
        uint64_t base;

        if (!uart_found(g, &base))
                return;
        text_format(line, sizeof(line), "VMSPEC-UART-%016llx\r\n", (unsigned long long)g->nonce);
        if (!uart_write(g, base, line))
                return;
        uart_interrupts_judge(g, base);
}
