/* SPDX-License-Identifier: BSD-2-Clause */
/* A boot that its guest ended by ResetSystem ended by that, in the way that was asked for. */
#include "host.h"

/* The end that the guest announced in a part's boot; NULL, and the case is told, where it announced another or none. */
static const struct history_event *announced_end(struct host *h, unsigned part, const char *how)
{
        const struct history_event *end = host_event(h, h->boot_of_part[part], "end-of-boot", NULL);

        if (!end)
                SUITE_ERROR(h, "the boot was not heard to its end");
        else if (strcmp(end->text, how) != 0)
                SUITE_ERROR(h, "the boot ended by %s, expected %s", end->text, how);
        return end && strcmp(end->text, how) == 0 ? end : NULL;
}

static void restart_check(struct host *h, const char *how)
{
        const struct history_event *end = announced_end(h, 1, how), *reset, *begin, *missed;
        bool again;

        if (!end)
                return;
        reset = host_event(h, h->boot_of_part[1], "reset", end);
        CHECK_SAY(h, reset != NULL, "a reset by the guest", "%s", reset ? "it came" : "none");
        begin = host_event(h, h->boot_of_part[2], "begin", NULL);
        missed = host_event(h, h->boot_of_part[2], "missed", NULL);
        again = begin && (!missed || begin < missed);
        CHECK_SAY(h, again, "the application starts again", "%s", again ? "it did" : "it did not");
        if (host_event(h, h->boot_of_part[2], "start", NULL) && reset && !missed)
                SUITE_ERROR(h, "part 2 ran in a new VMM process, expected the one of part 1");
}

void host_reset_cold_restarts(struct host *h)
{
        restart_check(h, "reset-cold");
}

/* A firmware may make a cold reset of it. */
void host_reset_warm_restarts(struct host *h)
{
        restart_check(h, "reset-warm");
}

void host_reset_shutdown_powers_off(struct host *h)
{
        const struct history_event *end = announced_end(h, 2, "shutdown"), *shutdown, *reset;

        if (!end)
                return;
        shutdown = host_event(h, h->boot_of_part[2], "shutdown", end);
        reset = host_event(h, h->boot_of_part[2], "reset", end);
        CHECK_SAY(h, shutdown != NULL, "a shutdown by the guest", "%s", shutdown ? "it came" : "none");
        CHECK_SAY(h, reset == NULL, "no reset", "%s", reset ? "one came" : "none");
}
