/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Timer events come as often as asked, and Stall takes as long as asked, both by the architectural counter.
 *
 * The clause counts 90 to 110 events of 10 ms in a second. Here ten in a row must take the nine intervals between them,
 * within the same tenth: that takes a tenth of the time. Where the host lets the guest wait, events are late or lost,
 * so only ten between which it did not are looked at. Where it never lets it run so long, but never lets it wait for as
 * long as half a period either, no event is lost, be it one that comes too early: then fifty intervals are counted, of
 * which each end may be late by so much. Where it lets it wait longer, nothing can be said.
 */
#include "guest.h"

enum {
        PERIOD_US = 10000,
        INTERVALS = 9,
        INTERVALS_COUNTED = 50,
        FIRES = 3000,
        PATIENCE_US = 5000000, /* a tenth of a second is enough where nothing keeps the processor away */
        BUSY_US = 20000000,    /* on a host that is busy all that time */
        STALL_US = 5000,
        STALL_LEAST = 4,
        STALL_TRIES = 100,
        POLL_US = 200,
        LOST_US = 3000,          /* a look at the counter that comes so much late: the processor was away */
        HELD_US = PERIOD_US / 2, /* it was away for so long that an event may be lost */
        LOST_PERCENT = 20,
        LOOKS = 3,
};

#define BEHIND UINT32_MAX

struct fires {
        unsigned count;
        uint64_t at[FIRES];
        unsigned since; /* the first one on time behind the last time that the processor was away; BEHIND: none yet */
        unsigned whole; /* likewise, where it was away for HELD_US */
        unsigned looks; /* how many times ten in a row could be looked at */
        unsigned intervals;
        uint64_t took; /* what the last of them took, in microseconds */
        uint64_t lost; /* for how long the processor was away */
        uint64_t waited;
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

/* How many intervals there are between so many events, from that one on; an event may come at any time. */
static unsigned intervals_from(unsigned first, unsigned count)
{
        return count > first ? count - first - 1 : 0;
}

/* The last ten events, or the last fifty-one, came as asked; slack is how far each end may be off. */
static bool fires_match(volatile struct fires *fires, unsigned first, unsigned intervals, uint64_t slack)
{
        const uint64_t asked = (uint64_t)intervals * PERIOD_US;
        unsigned count = fires->count;

        if (intervals_from(first, count) < intervals)
                return false;
        fires->intervals = intervals;
        fires->took = microseconds(fires->at[count - 1] - fires->at[count - 1 - intervals]);
        return fires->took >= asked - asked / 10 + slack && fires->took <= asked * 10 / 9 - slack;
}

static bool fires_as_asked(volatile struct fires *fires, unsigned *seen)
{
        unsigned count = fires->count;

        if (count == *seen)
                return false;
        *seen = count;
        fires->looks += intervals_from(fires->since, count) >= INTERVALS;
        return fires_match(fires, fires->whole, INTERVALS_COUNTED, HELD_US) ||
               fires_match(fires, fires->since, INTERVALS, 0);
}

/* So much was lost that nothing can be said of what else there was. */
static bool fires_are_lost(volatile const struct fires *fires)
{
        return fires->lost > fires->waited * LOST_PERCENT / 100;
}

/*
 * Firmware may make up for what it missed, one event a call. Only once a look finds none, the next one will be on time.
 */
static void fires_look(volatile struct fires *fires, uint64_t took, bool none)
{
        if (took > POLL_US + LOST_US) {
                fires->lost += took;
                fires->since = BEHIND;
        } else if (none && fires->since == BEHIND) {
                fires->since = fires->count;
        }
        if (took > POLL_US + HELD_US)
                fires->whole = BEHIND;
        else if (none && fires->whole == BEHIND)
                fires->whole = fires->count;
}

/* Some firmware looks at its timers only while it is called: Stall is how an application waits for them. */
static bool fires_await(struct guest *g, volatile struct fires *fires)
{
        uint64_t start = arch_counter(), before = start, now = start;
        unsigned seen = 0;

        while (fires->count < FIRES &&
               (fires->waited < PATIENCE_US || (fires_are_lost(fires) && fires->waited < BUSY_US))) {
                unsigned count = fires->count;

                (void)g->bs->Stall(POLL_US);
                now = arch_counter();
                fires->waited = microseconds(now - start);
                fires_look(fires, microseconds(now - before), fires->count == count);
                before = now;
                if (fires_as_asked(fires, &seen))
                        return true;
        }
        return false;
}

/* So little was lost that there ought to have been ten in a row, or half of all events are not there. */
static bool fires_are_proof(const struct fires *fires)
{
        bool few = fires->count < fires->waited / PERIOD_US / 2;

        return fires->count == 0 || (!fires_are_lost(fires) && (fires->looks >= LOOKS || few));
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
        bool good = false;
        EFI_EVENT event;

        memset(&fires, 0, sizeof(fires));
        fires.since = fires.whole = BEHIND;
        if (!counter_runs(g) ||
            !CHECK_STATUS(g, g->bs->CreateEvent(EVT_TIMER | EVT_NOTIFY_SIGNAL, TPL_CALLBACK, fired, &fires, &event),
                          EFI_SUCCESS))
                return;
        if (CHECK_STATUS(g, g->bs->SetTimer(event, TimerPeriodic, PERIOD_US * 10), EFI_SUCCESS))
                good = fires_await(g, &fires);
        (void)g->bs->SetTimer(event, TimerCancel, 0);
        CHECK_STATUS(g, g->bs->CloseEvent(event), EFI_SUCCESS);
        NOTE_NUMBER(g, "events", fires.count);
        if (!good && !fires_are_proof(&fires)) {
                SKIP(g, "the processor was away for %llu us: too busy a host to count events of 10 ms",
                     (unsigned long long)fires.lost);
                return;
        }
        CHECK_SAY(g, good, "an event every 10 ms, within a tenth", "%u events, the last %u intervals in %llu us",
                  fires.count, fires.intervals, (unsigned long long)fires.took);
}

/*
 * Never shorter, not much longer: the shortest of some tries counts, for a host that takes the processor away makes any
 * of them longer, and would make a short one look right.
 */
void guest_stall_takes_its_time(struct guest *g)
{
        const uint64_t tolerance = STALL_US / 20;
        uint64_t shortest = UINT64_MAX;

        if (!counter_runs(g))
                return;
        for (unsigned i = 0; i < STALL_TRIES && (i < STALL_LEAST || shortest > STALL_US + tolerance); i++) {
                uint64_t start = arch_counter(), took;

                if (!CHECK_STATUS(g, g->bs->Stall(STALL_US), EFI_SUCCESS))
                        return;
                took = microseconds(arch_counter() - start);
                shortest = took < shortest ? took : shortest;
        }
        CHECK_SAY(g, shortest >= STALL_US - tolerance && shortest <= STALL_US + tolerance, "5 ms, within 5 percent",
                  "%llu us", (unsigned long long)shortest);
}
