/* SPDX-License-Identifier: BSD-2-Clause */
/* Console output as plain text. */
#pragma once

#include "evidence.h"

/*
 * The output without escape sequences and control characters; a line ends in one \n, whether it came as CR LF, CR CR LF
 * or LF. NUL-terminated, never longer than the output; free it. NULL where memory is out.
 */
char *console_plain(struct bytes output);
