/* SPDX-License-Identifier: BSD-2-Clause */
/* Xen's own row about the clock asks the same as everywhere. */
#include "firmware/clock.h"
#include "guest.h"

void guest_xen_clock_tells_the_time(struct guest *g)
{
        guest_clock_tells_the_time(g);
        guest_clock_goes_on(g);
}
