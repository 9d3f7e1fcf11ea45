/* SPDX-License-Identifier: BSD-2-Clause */
/* The registers that a pl011 and an SBSA UART share, and what is done with them without a driver. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct guest;

enum {
        UART_DR = 0x00,
        UART_FR = 0x18,
        UART_IMSC = 0x38,
        UART_RIS = 0x3c,
        UART_MIS = 0x40,
        UART_ICR = 0x44,
        UART_FR_BUSY = 1 << 3,
        UART_FR_RXFE = 1 << 4,
        UART_FR_TXFF = 1 << 5,
        UART_FR_TXFE = 1 << 7,
        UART_TX = 1 << 5,        /* in the interrupt registers */
        UART_INTERRUPTS = 0x7f0, /* RX, TX, RT and the four errors: the bits that SBSA keeps */
};

/* True where a pl011 or an SBSA UART is described. */
bool uart_is_listed(const struct guest *g);

/* The base of the described UART; where there is none that answers, the case is told so as its failed fact. */
bool uart_found(struct guest *g, uint64_t *ret_base);

/* Sends a line byte by byte and waits until it is out; where that takes too long, the case is told so. */
bool uart_write(struct guest *g, uint64_t base, const char *line);

/* The interrupt registers mask, tell and clear as they should; the mask is put back. */
void uart_interrupts_judge(struct guest *g, uint64_t base);

/*
 * Sends so much that the transmitter asks for more, with no interrupt passed on; writing UART_TX to UARTIMSC then
 * raises the line. False where the UART does not say in UARTRIS that it would.
 */
bool uart_transmit_raised(struct guest *g, uint64_t base);
