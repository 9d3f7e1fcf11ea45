/* SPDX-License-Identifier: BSD-2-Clause */
/* What the entry state is for: a floating-point instruction gives its result, a timer event fires. */
#include "guest.h"

enum { EVENT_100NS = 10 * 10000, EVENT_WAIT_MS = 1000 };

void guest_floating_point_works(struct guest *g)
{
        const uint64_t one_and_a_half = 0x3ff8000000000000, two_and_a_half = 0x4004000000000000;

        CHECK_EQ(g, arch_multiply_doubles(one_and_a_half, two_and_a_half), 0x400e000000000000); /* 3.75 */
}

struct event_wait {
        EFI_BOOT_SERVICES *bs;
        EFI_EVENT event;
};

static bool event_signaled(void *context)
{
        struct event_wait *wait = context;

        return wait->bs->CheckEvent(wait->event) == EFI_SUCCESS;
}

void guest_timer_event_fires(struct guest *g)
{
        struct event_wait wait = {g->bs, NULL};
        uint64_t frequency = arch_counter_frequency(), start;

        if (!CHECK_STATUS(g, g->bs->CreateEvent(EVT_TIMER, TPL_APPLICATION, NULL, NULL, &wait.event), EFI_SUCCESS))
                return;
        start = arch_counter();
        if (CHECK_STATUS(g, g->bs->SetTimer(wait.event, TimerRelative, EVENT_100NS), EFI_SUCCESS))
                CHECK(g, guest_wait(g, EVENT_WAIT_MS, event_signaled, &wait));
        if (frequency)
                NOTE_NUMBER(g, "microseconds until a 10 ms event", (arch_counter() - start) * 1000000 / frequency);
        (void)g->bs->CloseEvent(wait.event);
}
