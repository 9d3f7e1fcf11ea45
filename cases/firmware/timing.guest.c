/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Timer events come as often as asked, and Stall takes as long as asked, both by the architectural counter.
 *
 * The clause counts 90 to 110 events of 10 ms in a second. Here ten in a row must take the nine intervals between them,
 * within the same tenth: that takes a tenth of the time. Where the host let the guest wait meanwhile, so that events
 * were lost, the next ten are looked at; that the events come too often, no host can do.
 */
#include "guest.h"

enum {
        PERIOD_US = 10000,
        INTERVALS = 9,
        FIRES = 200,
        PATIENCE_US = 2000000,
        STALL_US = 5000,
        STALL_TRIES = 100,
        POLL_US = 200,
};

struct fires {
        unsigned count;
        uint64_t at[FIRES];
};

static void EFIAPI fired(EFI_EVENT event, void *context)
{
        volatile struct fires *fires = context;

        (void)event;
        if (fires->count < FIRES)
                fires->at[fires->count++] = arch_counter();
}

static uint64_t microseconds(uint64_t ticks)
{
        return ticks * 1000 / (arch_counter_frequency() / 1000);
}

/* The last ten events came as asked; the time that they took. */
static bool fires_as_asked(const volatile struct fires *fires, uint64_t *ret_took)
{
        const uint64_t asked = INTERVALS * PERIOD_US;

        if (fires->count <= INTERVALS)
                return false;
        *ret_took = microseconds(fires->at[fires->count - 1] - fires->at[fires->count - 1 - INTERVALS]);
        return *ret_took >= asked - asked / 10 && *ret_took <= asked * 10 / 9;
}

/* Some firmware looks at its timers only while it is called: Stall is how an application waits for them. */
static void fires_await(struct guest *g, volatile struct fires *fires, uint64_t *ret_took)
{
        uint64_t start = arch_counter();

        while (!fires_as_asked(fires, ret_took) && fires->count < FIRES &&
               microseconds(arch_counter() - start) < PATIENCE_US)
                (void)g->bs->Stall(POLL_US);
}

static bool counter_runs(struct guest *g)
{
        if (arch_counter_frequency() >= 1000000)
                return true;
        SKIP(g, "the counter's frequency is %llu", (unsigned long long)arch_counter_frequency());
        return false;
}

void guest_timer_event_is_periodic(struct guest *g)
{
        static struct fires fires;
        uint64_t took = 0;
        EFI_EVENT event;

        memset(&fires, 0, sizeof(fires));
        if (!counter_runs(g) ||
            !CHECK_STATUS(g, g->bs->CreateEvent(EVT_TIMER | EVT_NOTIFY_SIGNAL, TPL_CALLBACK, fired, &fires, &event),
                          EFI_SUCCESS))
                return;
        if (CHECK_STATUS(g, g->bs->SetTimer(event, TimerPeriodic, PERIOD_US * 10), EFI_SUCCESS))
                fires_await(g, &fires, &took);
        (void)g->bs->SetTimer(event, TimerCancel, 0);
        CHECK_STATUS(g, g->bs->CloseEvent(event), EFI_SUCCESS);
        NOTE_NUMBER(g, "events", fires.count);
        CHECK_SAY(g, fires_as_asked(&fires, &took), "ten events in a row within a tenth of 90 ms",
                  "%u events, the last ten in %llu us", fires.count, (unsigned long long)took);
}

/* Never shorter; the shortest of a few tries, whatever the host does in others, is not much longer. */
void guest_stall_takes_its_time(struct guest *g)
{
        const uint64_t tolerance = STALL_US / 20;
        uint64_t shortest = UINT64_MAX;

        if (!counter_runs(g))
                return;
        for (unsigned i = 0; i < STALL_TRIES && shortest > STALL_US + tolerance; i++) {
                uint64_t start = arch_counter(), took;

                if (!CHECK_STATUS(g, g->bs->Stall(STALL_US), EFI_SUCCESS))
                        return;
                took = microseconds(arch_counter() - start);
                shortest = took < shortest ? took : shortest;
        }
        CHECK_SAY(g, shortest >= STALL_US - tolerance && shortest <= STALL_US + tolerance, "5 ms, within 5 percent",
                  "%llu us", (unsigned long long)shortest);
}
