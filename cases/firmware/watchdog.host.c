/* SPDX-License-Identifier: BSD-2-Clause */
/* A reset that no guest asked for came when the watchdog's time was over. */
#include "host.h"

#include <stdlib.h>

/*
 * The watchdog is set before the application is loaded, and a note takes its time, on a clock that leaps some seconds:
 * so long before its time the last one may have been written.
 */
enum { LEAST_S = 300 - 10, MOST_S = 360 };

/* The last note of part 1 says for how long the guest had waited, to the second. */
static bool last_second(const struct host *h, uint64_t *ret)
{
        bool any = false;

        for (size_t i = 0; i < h->row->entries; i++) {
                const struct entry *entry = &h->row->entry[i];

                if (entry->fact.kind != FACT_NOTE || entry->part != 1 || strcmp(entry->fact.what, "seconds") != 0)
                        continue;
                *ret = strtoull(entry->fact.got, NULL, 0);
                any = true;
        }
        return any;
}

void host_watchdog_resets(struct host *h)
{
        const struct history_event *end = host_event(h, h->boot_of_part[1], "end-of-boot", NULL), *reset;
        uint64_t seconds = 0;

        if (!end || strcmp(end->text, "watchdog") != 0 || !last_second(h, &seconds)) {
                SUITE_ERROR(h, "the guest did not come to wait for its watchdog");
                return;
        }
        reset = host_event(h, h->boot_of_part[1], "reset", end);
        CHECK_SAY(h, reset != NULL, "a reset", "%s", reset ? "it came" : "none");
        CHECK_IN(h, seconds, LEAST_S, MOST_S);
}

/* The guest's own half is not heard where it was reset: its records are in the memory of that start. */
void host_watchdog_ends_with_boot_services(struct host *h)
{
        unsigned boot = h->boot_of_part[1];
        const struct history_event *begin = host_event(h, boot, "begin", NULL), *reset;

        if (!begin) {
                SUITE_ERROR(h, "the boot was not heard of");
                return;
        }
        reset = host_event(h, boot, "reset", begin);
        CHECK_SAY(h, reset == NULL, "no reset behind ExitBootServices", "%s", reset ? "one" : "none");
}
