/* SPDX-License-Identifier: BSD-2-Clause */
/* The application came up on the first start of a blank instance, and nobody had typed anything. */
#include "host.h"

void host_boots_from_removable_path(struct host *h)
{
        unsigned boot = h->boot_of_part[1];
        const struct history_event *start = host_event(h, boot, "start", NULL);
        const struct history_event *begin = host_event(h, boot, "begin", start);
        const struct history_event *given_up = host_event(h, boot, "given-up", start);

        if (!start || strstr(start->text, "arrival=first") == NULL) {
                SUITE_ERROR(h, "the boot was not the first one of a blank instance");
                return;
        }
        if (!CHECK_SAY(h, begin != NULL, "the application's first record", "%s",
                       begin      ? "it came"
                       : given_up ? given_up->text
                                  : "it never came"))
                return;
        NOTE_NUMBER(h, "milliseconds from VMM start to the first record", (begin->ns - start->ns) / 1000000);
}
