/* SPDX-License-Identifier: BSD-2-Clause */
/* Whoever watches a file hears of what a loop device writes to it, on kernels that do not tell, too. */
#pragma once

#include <time.h>

#include "loop.h"

/* At most some 100 ms later. */
struct xen_wake {
        struct loop *loop; /* NULL: nobody is woken */
        int file;
        struct timespec written;
};

/* The file stays the caller's, and is open until xen_wake_end(). 0 or a negative errno. */
int xen_wake_begin(struct xen_wake *wake, struct loop *loop, int file);
void xen_wake_end(struct xen_wake *wake);
