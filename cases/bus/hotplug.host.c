/* SPDX-License-Identifier: BSD-2-Clause */
/* In the history of the boot, every device that the guest had taken out is one that the VMM reported as deleted. */
#include "host.h"

/* True where the VMM reported the device between its removal and its next arrival. */
static bool is_deleted(const struct host *h, unsigned boot, const char *what, const struct history_event *removal)
{
        const struct history_event *event = removal;
        char plug[40];

        text_format(plug, sizeof(plug), "plug %s: done", what);
        while ((event = host_event(h, boot, "request", event)) && strcmp(event->text, plug) != 0)
                ;
        for (const struct history_event *gone = removal; (gone = host_event(h, boot, "device-gone", gone));)
                if (strcmp(gone->text, what) == 0)
                        return !event || gone < event;
        return false;
}

/* Cases of one boot share its history: each answers for all of its removals. */
static void removals_check(struct host *h, const char *what, unsigned least)
{
        const struct history_event *event = NULL;
        unsigned boot = h->boot_of_part[1], removals = 0, deleted = 0;
        char unplug[40];

        text_format(unplug, sizeof(unplug), "unplug %s: done", what);
        while ((event = host_event(h, boot, "request", event))) {
                if (strcmp(event->text, unplug) != 0)
                        continue;
                removals++;
                deleted += is_deleted(h, boot, what, event);
        }
        if (removals < least) /* the guest half says why it did not come to that */
                NOTE_NUMBER(h, "removals asked for", removals);
        else
                CHECK_EQ(h, deleted, removals);
}

void host_hotplug_block_is_removed_at_runtime(struct host *h)
{
        removals_check(h, "blk", 1);
}

void host_hotplug_net_is_removed_at_runtime(struct host *h)
{
        removals_check(h, "net", 1);
}

void host_hotplug_block_is_removed_in_use(struct host *h)
{
        removals_check(h, "blk", 1);
}

void host_hotplug_works_ten_times(struct host *h)
{
        removals_check(h, "blk", 10);
}
