/* SPDX-License-Identifier: BSD-2-Clause */
/* The line to the runner after ExitBootServices: the console's UART, with no driver between. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "hw.h"
#include "wire.h"

/* A UART that bytes go through one by one. */
struct line {
        enum { LINE_NONE, LINE_PL011, LINE_COM1 } kind;
        uint64_t base; /* of a PL011 */
};

/* The described PL011 or SBSA UART; on x86 the PC's first serial port; else LINE_NONE. */
struct line line_find(const struct hw *hw);

/* Sends text; false where the transmitter stays full. */
bool line_put(const struct line *line, const char *text);
/* True where a byte was received. */
bool line_take(const struct line *line, char *ret);
