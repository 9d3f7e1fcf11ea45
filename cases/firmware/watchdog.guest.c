/* SPDX-License-Identifier: BSD-2-Clause */
/* The watchdog that the boot manager sets is there until it is told to go, or until there are no boot services. */
#include "guest.h"

enum { BEYOND_S = 361, STEP_S = 20, LEFT_S = GUEST_WATCHDOG_S + 30, ROUNDS = 4000 };

#define NOPS_4 "nop\n\tnop\n\tnop\n\tnop\n\t"

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

/* A counter that counts instructions is read now and then alone: each reading takes much longer than an instruction. */
void guest_watchdog_ends_with_boot_services(struct guest *g)
{
        uint64_t second = 1000 * guest_ticks_per_millisecond(g), start = arch_counter(), seconds = 0;

        if (!CHECK_STATUS(g, g->watchdog_set, EFI_SUCCESS))
                return;
        if (!second) {
                SKIP(g, "nothing tells the counter's rate");
                return;
        }
        while (seconds < LEFT_S) {
                for (unsigned i = 0; i < ROUNDS; i++)
                        __asm__ volatile(NOPS_4 NOPS_4 NOPS_4 NOPS_4 NOPS_4 NOPS_4 NOPS_4 NOPS_4);
                seconds = (arch_counter() - start) / second;
        }
        CHECK_GE(g, seconds, LEFT_S);
}
