/* SPDX-License-Identifier: BSD-2-Clause */
/* The high half of the monotonic count is higher after a reset than before it. */
#include "host.h"

void host_monotonic_high_half_rises_at_reset(struct host *h)
{
        uint64_t before = 0, after = 0;

        if (!host_event(h, h->boot_of_part[1], "reset", NULL) || host_event(h, h->boot_of_part[2], "start", NULL)) {
                SUITE_ERROR(h, "part 2 did not come about by a reset of part 1's boot");
                return;
        }
        if (!host_noted(h, 1, "high half", &before) || !host_noted(h, 2, "high half", &after))
                return; /* the guest half said why */
        CHECK_SAY(h, after > before, "a higher one after the reset", "0x%llx, and 0x%llx before it",
                  (unsigned long long)after, (unsigned long long)before);
}
