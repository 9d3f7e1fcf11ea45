/* SPDX-License-Identifier: BSD-2-Clause */
/* The line to the runner after ExitBootServices: the console's UART, with no driver between. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "hw.h"
#include "wire.h"
#include "xen.h"

/* A UART or console ring that bytes go through. */
struct line {
        enum { LINE_NONE, LINE_PL011, LINE_COM1, LINE_XEN } kind;
        uint64_t base; /* of a PL011 */
        struct xen_console xen;
};

/* The described PL011 or SBSA UART; where Xen is described and none of them its console; on x86 the PC's first serial
 * port; else LINE_NONE. */
struct line line_find(const struct hw *hw);

/* Sends text; false where the transmitter stays full. */
bool line_put(const struct line *line, const char *text);
/* True where a byte was received. */
bool line_take(const struct line *line, char *ret);
