/* SPDX-License-Identifier: BSD-2-Clause */
/* How long a guest and its VMM are waited for. */
#include <stdio.h>

#include "lane_private.h"

enum { PROGRESS_MS = 30000, ENDED_MS = 10000, SLOW_MS = 180000, START_MS = 900000, STARVED_LEAST_MS = 200 };

/* How long the guest may say nothing: that it ends the boot is the last that it says. */
static unsigned lane_silence(const struct lane *lane)
{
        if (lane->migration.under_way) /* it stands still, and is waited for elsewhere */
                return SLOW_MS;
        return lane->config.plan->slow ? SLOW_MS : lane->ended ? ENDED_MS : PROGRESS_MS;
}

void lane_progress(struct lane *lane)
{
        uint64_t spent = (loop_now() - lane->begun_at) / 1000000;
        unsigned left = spent < START_MS ? (unsigned)(START_MS - spent) : 0;

        if (!lane->leaving && !lane->shut_down)
                (void)loop_timer_set(lane->config.loop, left < lane_silence(lane) ? left : lane_silence(lane),
                                     lane_deadline, lane);
}

static void lane_late(struct lane *lane)
{
        const char *where = lane->case_id < CASE_COUNT ? cases[lane->case_id].name : "no case";

        if (lane->leaving || lane->shut_down)
                lane_event(lane, "stuck", "the VMM did not end by itself");
        else if (!lane->began)
                lane_event(lane, "no-boot", "the application did not start within %u ms", lane->patience);
        else if ((loop_now() - lane->begun_at) / 1000000 >= START_MS)
                lane_event(lane, "endless", "the start took longer than %u s, in %s", (unsigned)START_MS / 1000, where);
        else
                lane_event(lane, "silent", "nothing was heard for %u s in %s", lane_silence(lane) / 1000, where);
}

static uint64_t lane_awaited(const struct lane *lane)
{
        const struct hypervisor *hypervisor = lane->config.hypervisor;

        return lane->vm && hypervisor->awaited ? hypervisor->awaited(lane->vm) : 0;
}

/*
 * On a host that has no time for its VMM, a guest is late that would not be elsewhere: the time in which it could not
 * run is given back, up to a limit.
 */
static bool lane_has_starved(struct lane *lane)
{
        uint64_t awaited = lane_awaited(lane);
        unsigned back = awaited > lane->awaited ? (unsigned)((awaited - lane->awaited) / 1000000) : 0;

        if (back < STARVED_LEAST_MS || lane->given + back > VM_AWAITED_MOST_MS)
                return false;
        lane->awaited = awaited;
        lane->given += back;
        lane_event(lane, "starved", "the VMM had no processor for %u ms, which it is given back", back);
        (void)loop_timer_set(lane->config.loop, back, lane_deadline, lane);
        return true;
}

void lane_deadline_begin(struct lane *lane)
{
        lane->awaited = lane_awaited(lane);
        lane->given = 0;
        (void)loop_timer_set(lane->config.loop, lane->patience, lane_deadline, lane);
}

void lane_attend(struct lane *lane)
{
        lane->attended = lane_awaited(lane);
        lane->attended_at = loop_now();
}

void lane_tell_starved(struct lane *lane, unsigned id)
{
        uint64_t awaited = lane_awaited(lane);
        unsigned starved = awaited > lane->attended ? (unsigned)((awaited - lane->attended) / 1000000) : 0;
        unsigned length = (unsigned)((loop_now() - lane->attended_at) / 1000000);

        lane->attended = awaited;
        lane->attended_at = loop_now();
        if (starved < STARVED_LEAST_MS || !lane->began)
                return;
        if (id < CASE_COUNT)
                lane_event(lane, "starved-case", "%u ms in %s", starved, cases[id].name);
        else
                lane_event(lane, "starved-rest", "%u ms of %u", starved, length);
}

void lane_deadline(void *context)
{
        struct lane *lane = context;
        uint32_t sequence = lane->sequence;
        char why[80];

        lane_read(lane);
        if (lane->sequence != sequence && !lane->leaving && !lane->shut_down)
                return; /* it spoke: the deadline has moved */
        if (lane_has_starved(lane))
                return;
        lane_late(lane);
        if (!lane->began && !lane->leaving && !lane->shut_down && !lane_missed(lane) && !lane->thawed) {
                snprintf(why, sizeof(why), "the application did not start within %u ms", lane->patience);
                lane_give_up(lane, why);
                return;
        }
        lane->leaving = true;
        lane->config.hypervisor->end(lane->vm, true);
        lane_check_journal(lane);
}
