/* SPDX-License-Identifier: BSD-2-Clause */
/* Who wants to know that a file was written to is told in the loop, once for however much was written since. */
#pragma once

#include "loop.h"

/* May begin and end watches, its own included. */
typedef void file_watch_function(void *context);

/* The file stays the caller's. One watch for each function and context. 0 or a negative errno. */
int file_watch_begin(struct loop *loop, int fd, file_watch_function *function, void *context);
/* Nothing where there is no such watch. */
void file_watch_end(file_watch_function *function, const void *context);
/* The file was written to in a way of which the kernel does not tell: whoever watches this descriptor hears of it. */
void file_watch_tell(int fd);
