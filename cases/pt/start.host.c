/* SPDX-License-Identifier: BSD-2-Clause */
/* A VM that is given too much, or what is not whole, starts or is refused with a message: it does not hang. */
#include "host.h"

static void start_judge(struct host *h)
{
        unsigned boot = h->boot_of_part[1];
        const struct history_event *refused = host_event(h, boot, "turned-down", NULL);
        const struct history_event *why = host_event(h, boot, "no-boot", NULL);

        if (refused)
                CHECK_SAY(h, *refused->text, "a message of the VMM", "%s", *refused->text ? refused->text : "none");
        else
                CHECK_SAY(h, host_event(h, boot, "begin", NULL), "the application starts, or the VMM refuses", "%s",
                          why ? why->text : "neither");
}

void host_broken_module_is_refused_or_skipped(struct host *h)
{
        start_judge(h);
}

void host_smallest_guest_bears_large_modules(struct host *h)
{
        start_judge(h);
}
