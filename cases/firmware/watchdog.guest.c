/* SPDX-License-Identifier: BSD-2-Clause */
/* The watchdog that the boot manager sets is there until it is told to go. */
#include "guest.h"

enum { BEYOND_S = 361, STEP_S = 20 };

/* The boot of part 1 ends by the watchdog alone: see watchdog_wait() in runtime.c. */
void guest_watchdog_resets(struct guest *g)
{
        uint64_t start = arch_counter(), seconds = 0;
        EFI_STATUS status = EFI_SUCCESS;

        if (g->part == 1) {
                CHECK_SAY(g, g->bs->SetWatchdogTimer != NULL, "the service is there", "it is");
                return;
        }
        if (!CHECK_STATUS(g, g->bs->SetWatchdogTimer(0, 0, 0, NULL), EFI_SUCCESS))
                return;
        while (status == EFI_SUCCESS && seconds < BEYOND_S) {
                status = guest_idle(g, STEP_S);
                seconds = guest_seconds(start);
                NOTE_NUMBER(g, "seconds", seconds);
                guest_flush(g);
        }
        CHECK_STATUS(g, status, EFI_SUCCESS);
        CHECK_GE(g, seconds, BEYOND_S);
}
