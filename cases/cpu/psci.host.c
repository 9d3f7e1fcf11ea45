/* SPDX-License-Identifier: BSD-2-Clause */
/* A boot that its guest meant to end by PSCI ended by itself, by that, and not by the runner's patience. */
#include "host.h"

/* The end that the guest announced in part 1's boot; NULL, and the case is told, where it announced another or none. */
static const struct history_event *announced_end(struct host *h, const char *how)
{
        const struct history_event *end = host_event(h, h->boot_of_part[1], "end-of-boot", NULL);

        if (!end)
                SUITE_ERROR(h, "the boot was not heard to its end");
        return end && CHECK_TEXT(h, end->text, how) ? end : NULL;
}

void host_psci_system_reset(struct host *h)
{
        const struct history_event *end = announced_end(h, "psci-reset"), *reset, *begin;

        if (!end)
                return;
        reset = host_event(h, h->boot_of_part[1], "reset", end);
        CHECK_SAY(h, reset != NULL, "a reset by the guest", "%s", reset ? "it came" : "none");
        begin = host_event(h, h->boot_of_part[2], "begin", NULL);
        CHECK_SAY(h, begin != NULL, "the application starts again", "%s", begin ? "it did" : "it did not");
        if (begin)
                NOTE_NUMBER(h, "milliseconds from the call to the next boot", (begin->ns - end->ns) / 1000000);
}

void host_psci_system_off(struct host *h)
{
        const struct history_event *end = announced_end(h, "psci-off"), *shutdown;

        if (!end)
                return;
        shutdown = host_event(h, h->boot_of_part[1], "shutdown", end);
        CHECK_SAY(h, shutdown != NULL, "a shutdown by the guest", "%s", shutdown ? "it came" : "none");
}
