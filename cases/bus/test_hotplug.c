/* SPDX-License-Identifier: BSD-2-Clause */
/* A removal that the VMM never reported is a failed fact, whatever the guest was told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host.h"

enum { EVENTS_MAX = 64 };

static unsigned failed;

static void told(struct check *check, const struct fact *fact)
{
        (void)check;
        failed += fact->kind == FACT_FAILED;
}

/* Each word is "plug", "unplug" or "gone", and a device. */
static void history_judge(const char *const (*events)[2], size_t count, host_function *judge, bool good)
{
        static struct history_event event[EVENTS_MAX];
        struct history history = {.events = count, .event = event};
        struct host h = {.check = {.tell = told}, .history = &history};

        assert_true(count <= EVENTS_MAX);
        for (size_t i = 0; i < count; i++) {
                bool gone = strcmp(events[i][0], "gone") == 0;

                event[i] = (struct history_event){.ns = i};
                text_copy(event[i].name, sizeof(event[i].name), gone ? "device-gone" : "request");
                text_format(event[i].text, sizeof(event[i].text), gone ? "%s%s" : "%s %s: done",
                            gone ? "" : events[i][0], events[i][1]);
        }
        failed = 0;
        judge(&h);
        assert_int_equal(failed == 0, good);
}

#define JUDGE(events, judge, good) history_judge(events, sizeof(events) / sizeof(events[0]), judge, good)

static void every_removal_is_reported(void **state)
{
        static const char *const good[][2] = {{"plug", "blk"}, {"unplug", "blk"}, {"gone", "blk"},
                                              {"plug", "blk"}, {"plug", "net"},   {"unplug", "blk"},
                                              {"gone", "blk"}, {"unplug", "net"}, {"gone", "net"}};
        static const char *const lost[][2] = {
                {"plug", "blk"}, {"unplug", "blk"}, {"plug", "blk"}, {"unplug", "blk"}, {"gone", "blk"}};
        static const char *const other[][2] = {{"plug", "blk"}, {"unplug", "blk"}, {"gone", "net"}};
        static const char *const early[][2] = {{"gone", "net"}, {"plug", "net"}, {"unplug", "net"}};

        (void)state;
        JUDGE(good, host_hotplug_block_is_removed_at_runtime, true);
        JUDGE(good, host_hotplug_net_is_removed_at_runtime, true);
        JUDGE(good, host_hotplug_block_is_removed_in_use, true);
        JUDGE(lost, host_hotplug_block_is_removed_at_runtime, false);
        JUDGE(other, host_hotplug_block_is_removed_in_use, false);
        JUDGE(early, host_hotplug_net_is_removed_at_runtime, false);
}

static void ten_removals_are_counted(void **state)
{
        static const char *const cycle[3][2] = {{"plug", "blk"}, {"unplug", "blk"}, {"gone", "blk"}};
        const char *events[30][2];

        (void)state;
        for (unsigned i = 0; i < 30; i++)
                memcpy(events[i], cycle[i % 3], sizeof(events[i]));
        JUDGE((const char *const(*)[2])events, host_hotplug_works_ten_times, true);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_removal_is_reported),
                cmocka_unit_test(ten_removals_are_counted),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
