/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes are polled in and out; the UART's own set-up stays as the firmware left it. */
#include "line.h"

#include <string.h>

#include "arch.h"

enum { PL011_DATA = 0x00, PL011_FLAGS = 0x18, PL011_RECEIVE_EMPTY = 1 << 4, PL011_TRANSMIT_FULL = 1 << 5 };
enum { COM1_DATA = 0x3f8, COM1_STATUS = 0x3fd, COM1_RECEIVED = 1 << 0, COM1_TRANSMIT_EMPTY = 1 << 5, ABSENT = 0xff };
enum { SPINS = 1000000 };

struct line line_find(const struct hw *hw)
{
        if ((hw->uart == HW_UART_PL011 || hw->uart == HW_UART_SBSA) && hw->uart_range.base)
                return (struct line){LINE_PL011, hw->uart_range.base, {0}};
        if (hw->xen) {
                struct xen_console console = xen_console_find();

                return (struct line){console.page ? LINE_XEN : LINE_NONE, 0, console};
        }
        if (strcmp(arch_name, "x86_64") == 0 && arch_port_read(COM1_STATUS) != ABSENT)
                return (struct line){LINE_COM1, 0, {0}};
        return (struct line){LINE_NONE, 0, {0}};
}

static bool transmitter_ready(const struct line *line)
{
        return line->kind == LINE_PL011 ? !(mmio_read32(line->base + PL011_FLAGS) & PL011_TRANSMIT_FULL)
                                        : arch_port_read(COM1_STATUS) & COM1_TRANSMIT_EMPTY;
}

bool line_put(const struct line *line, const char *text)
{
        if (line->kind == LINE_XEN)
                return xen_console_put(&line->xen, text);
        for (; *text; text++) {
                unsigned spins = 0;

                while (!transmitter_ready(line))
                        if (++spins == SPINS)
                                return false;
                if (line->kind == LINE_PL011)
                        mmio_write32(line->base + PL011_DATA, (uint8_t)*text);
                else
                        arch_port_write(COM1_DATA, (uint8_t)*text);
        }
        return true;
}

bool line_take(const struct line *line, char *ret)
{
        if (line->kind == LINE_XEN)
                return xen_console_take(&line->xen, ret);
        if (line->kind == LINE_PL011) {
                if (mmio_read32(line->base + PL011_FLAGS) & PL011_RECEIVE_EMPTY)
                        return false;
                *ret = (char)mmio_read32(line->base + PL011_DATA);
                return true;
        }
        if (!(arch_port_read(COM1_STATUS) & COM1_RECEIVED))
                return false;
        *ret = (char)arch_port_read(COM1_DATA);
        return true;
}
