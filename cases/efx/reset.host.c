/* SPDX-License-Identifier: BSD-2-Clause */
/* ResetSystem ended the boot, or came back and left that to somebody else: it does not hang. */
#include "host.h"

void host_reset_works_or_comes_back(struct host *h)
{
        unsigned boot = h->boot_of_part[1];
        const struct history_event *end = host_event(h, boot, "end-of-boot", NULL);
        uint64_t back = 0;
        bool ended;

        if (!end) {
                SUITE_ERROR(h, "the boot was not heard to its end");
                return;
        }
        ended = host_event(h, boot, "shutdown", end) || host_event(h, boot, "reset", end);
        CHECK_SAY(h, ended || host_noted(h, 1, "ResetSystem came back", &back), "the machine's end, or a return", "%s",
                  back    ? "it came back"
                  : ended ? "the machine ended"
                          : "neither");
}
