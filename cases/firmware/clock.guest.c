/* SPDX-License-Identifier: BSD-2-Clause */
/* The real time clock tells the host's time, goes on, can be set, and answers for its alarm. */
#include "clock.h"

enum {
        HOUR = 3600,
        DAY = 24 * HOUR,
        ZONE_UNKNOWN = 2047,
        NEAR_S = 5,
        SET_S = 2,
        TICK_MS = 1200, /* a second, and what its tick may be late */
};

static unsigned month_days(unsigned year, unsigned month)
{
        bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

        return month == 2 ? 28 + leap : month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/* Seconds since 1970 in UTC; a time without a zone is taken as UTC. */
static int64_t seconds_of(const EFI_TIME *time)
{
        int64_t days = 0;

        for (unsigned year = 1970; year < time->Year; year++)
                days += month_days(year, 2) == 29 ? 366 : 365;
        for (unsigned month = 1; month < time->Month && month <= 12; month++)
                days += month_days(time->Year, month);
        return (days + time->Day - 1) * DAY + time->Hour * HOUR + time->Minute * 60 + time->Second +
               (time->TimeZone == ZONE_UNKNOWN ? 0 : time->TimeZone * 60);
}

/* One hour later or earlier by the fields. */
static void hour_add(EFI_TIME *time, bool back)
{
        if (back ? time->Hour > 0 : time->Hour < 23) {
                time->Hour = (UINT8)(time->Hour + (back ? -1 : 1));
                return;
        }
        time->Hour = back ? 23 : 0;
        if (back ? time->Day > 1 : time->Day < month_days(time->Year, time->Month)) {
                time->Day = (UINT8)(time->Day + (back ? -1 : 1));
                return;
        }
        if (back ? time->Month > 1 : time->Month < 12) {
                time->Month = (UINT8)(time->Month + (back ? -1 : 1));
        } else {
                time->Month = back ? 12 : 1;
                time->Year = (UINT16)(time->Year + (back ? -1 : 1));
        }
        time->Day = back ? (UINT8)month_days(time->Year, time->Month) : 1;
}

bool clock_read(struct guest *g, EFI_TIME *time, struct reading *ret)
{
        memset(time, 0, sizeof(*time));
        if (!CHECK_STATUS(g, g->rt->GetTime(time, NULL), EFI_SUCCESS))
                return false;
        *ret = (struct reading){seconds_of(time), arch_counter()};
        return true;
}

void clock_fields_judge(struct guest *g, const EFI_TIME *time)
{
        CHECK_IN(g, time->Year, 1900, 9999);
        CHECK_IN(g, time->Month, 1, 12);
        CHECK_IN(g, time->Day, 1, month_days(time->Year, time->Month));
        CHECK_LE(g, time->Hour, 23);
        CHECK_LE(g, time->Minute, 59);
        CHECK_LE(g, time->Second, 59);
        CHECK_LE(g, time->Nanosecond, 999999999);
        CHECK(g, time->TimeZone == ZONE_UNKNOWN || (time->TimeZone >= -1440 && time->TimeZone <= 1440));
        CHECK_EQ(g, time->Daylight & ~3u, 0);
}

/* The host's time in seconds since 1970. */
static bool host_time(struct guest *g, int64_t *ret)
{
        char answer[MAILBOX_TEXT], line[MAILBOX_TEXT + 2];
        struct evidence evidence = {0};
        uint64_t seconds;

        if (!guest_ask(g, answer, "time")) {
                SKIP(g, "the host's time could not be read: %s", answer);
                return false;
        }
        text_format(line, sizeof(line), "%s\n", answer);
        evidence.of[EVIDENCE_TOLD] = (struct bytes){(const uint8_t *)line, strlen(line)};
        if (!evidence_number(&evidence, EVIDENCE_TOLD, "s", &seconds)) {
                SUITE_ERROR(g, "the runner's time is no number: %s", answer);
                return false;
        }
        *ret = (int64_t)seconds;
        return true;
}

static struct reading first; /* of this boot */

void guest_clock_tells_the_time(struct guest *g)
{
        int64_t before, after;
        struct reading now;
        EFI_TIME time;

        if (!clock_read(g, &time, &now))
                return;
        first = now;
        clock_fields_judge(g, &time);
        if (!host_time(g, &before) || !clock_read(g, &time, &now) || !host_time(g, &after))
                return;
        CHECK_SAY(g, now.seconds >= before - NEAR_S && now.seconds <= after + NEAR_S, "the host's time, within 5 s",
                  "%lld s since 1970, the host's is %lld", (long long)now.seconds, (long long)before);
}

bool clock_move(struct guest *g, bool back)
{
        EFI_TIME time, later;
        struct reading before, after;

        if (!clock_read(g, &time, &before))
                return false;
        hour_add(&time, back);
        if (!CHECK_STATUS(g, g->rt->SetTime(&time), EFI_SUCCESS) || !clock_read(g, &later, &after))
                return false;
        before.seconds += back ? -HOUR : HOUR;
        return CHECK_SAY(g, after.seconds >= before.seconds && after.seconds <= before.seconds + SET_S,
                         "the time that was set, at most 2 s on", "%lld s after it",
                         (long long)(after.seconds - before.seconds));
}

void guest_clock_can_be_set(struct guest *g)
{
        if (clock_move(g, false))
                (void)clock_move(g, true);
}

void guest_clock_refuses_month_13(struct guest *g)
{
        EFI_TIME time, wrong;
        struct reading now;

        if (!clock_read(g, &time, &now))
                return;
        wrong = time;
        wrong.Month = 13;
        if (!CHECK_STATUS(g, g->rt->SetTime(&wrong), EFI_INVALID_PARAMETER))
                (void)g->rt->SetTime(&time);
}

void guest_wakeup_time_answers(struct guest *g)
{
        BOOLEAN enabled = FALSE, pending = FALSE;
        EFI_TIME time = {0};
        EFI_STATUS get = g->rt->GetWakeupTime(&enabled, &pending, &time);
        EFI_STATUS set = g->rt->SetWakeupTime(FALSE, NULL);

        CHECK_SAY(g, get == EFI_SUCCESS || get == EFI_UNSUPPORTED, "SUCCESS or UNSUPPORTED", "GetWakeupTime: %s",
                  status_name(get).text);
        CHECK_SAY(g, set == EFI_SUCCESS || set == EFI_UNSUPPORTED, "SUCCESS or UNSUPPORTED", "SetWakeupTime: %s",
                  status_name(set).text);
}

struct tick {
        struct guest *g;
        int64_t from, seen; /* seconds since 1970 */
        EFI_STATUS status;
};

static bool clock_ticked(void *context)
{
        struct tick *tick = context;
        EFI_TIME time = {0};

        tick->status = tick->g->rt->GetTime(&time, NULL);
        tick->seen = EFI_ERROR(tick->status) ? tick->from : seconds_of(&time);
        return EFI_ERROR(tick->status) || tick->seen != tick->from;
}

void clock_judge_advance(struct guest *g, const struct reading *since)
{
        struct tick tick = {g, since->seconds, since->seconds, EFI_SUCCESS};
        uint64_t ticks = guest_ticks_per_millisecond(g), ms;
        int64_t passed;

        if (!ticks) {
                SKIP(g, "the rate of the counter is not known");
                return;
        }
        (void)guest_wait(g, TICK_MS, clock_ticked, &tick);
        ms = (arch_counter() - since->counter) / ticks;
        CHECK_STATUS(g, tick.status, EFI_SUCCESS);
        passed = tick.seen - since->seconds;
        CHECK_SAY(g, passed >= 1 && passed <= (int64_t)(2 * ms / 1000) + 1, "a later time, by what the counter says",
                  "%lld s later, %llu ms by the counter", (long long)passed, (unsigned long long)ms);
}

void guest_clock_goes_on(struct guest *g)
{
        struct reading now;
        EFI_TIME time;

        if (clock_read(g, &time, &now))
                clock_judge_advance(g, first.counter ? &first : &now);
}
