/* SPDX-License-Identifier: BSD-2-Clause */
/* What only the host knows: that the boots came about as the route says, and what the disk holds in the end. */
#include "host.h"

/* How a boot comes about is the runner's work: where it came about in another way, the platform is not to blame. */
static void boot_arrived(struct host *h, unsigned part, const char *arrival)
{
        const struct history_event *start = host_event(h, h->boot_of_part[part], "start", NULL);

        if (!start || !strstr(start->text, arrival))
                SUITE_ERROR(h, "part %u: %s, expected %s", part, start ? start->text : "no start", arrival);
}

/* A part ended by a reset, and the next one ran in the same VMM process. */
static void reset_arrived_behind(struct host *h, unsigned part)
{
        const struct history_event *reset = host_event(h, h->boot_of_part[part], "reset", NULL);
        const struct history_event *start = host_event(h, h->boot_of_part[part + 1], "start", NULL);

        /* A guest that never came so far did not reset either. */
        if (!reset && !host_event(h, h->boot_of_part[part], "end-of-boot", NULL))
                SUITE_ERROR(h, "part %u was not heard to its end", part);
        else
                CHECK_SAY(h, reset != NULL, "the VMM saw the guest's reset", "%s", reset ? "it did" : "it did not");
        if (start)
                SUITE_ERROR(h, "part %u ran in a new VMM process, expected the one of part %u", part + 1, part);
}

static void reset_arrived(struct host *h)
{
        reset_arrived_behind(h, 1);
}

void host_var_survives_reset(struct host *h)
{
        reset_arrived(h);
}

void host_var_volatile_ends_at_reset(struct host *h)
{
        reset_arrived(h);
}

void host_boot_options_lead_to_partitions(struct host *h)
{
        boot_arrived(h, 1, "arrival=first");
}

void host_var_survives_power_off(struct host *h)
{
        boot_arrived(h, 2, "store=0");
}

void host_var_runtime_write_survives(struct host *h)
{
        boot_arrived(h, 2, "store=0");
}

void host_var_success_is_kept(struct host *h)
{
        uint64_t status = 0, there = 0;

        if (!host_noted(h, 1, "status", &status) || !host_noted(h, 2, "there", &there)) {
                SUITE_ERROR(h, "the guest did not tell what was promised and what was kept");
                return;
        }
        CHECK_SAY(h, status != 0 || there == 1, "kept, or no SUCCESS",
                  "SetVariable said %s; after power-off the variable was %s", status_name(status).text,
                  there ? "there" : "gone");
}

void host_var_belongs_to_instance(struct host *h)
{
        boot_arrived(h, 2, "store=1");
        boot_arrived(h, 3, "store=0");
}

static const struct history_event *lane_event_find(struct host *h, const char *name)
{
        for (size_t i = 0; i < h->history->events; i++)
                if (strcmp(h->history->event[i].name, name) == 0)
                        return &h->history->event[i];
        return NULL;
}

void host_var_not_on_disk(struct host *h)
{
        const struct history_event *compared = lane_event_find(h, "disk-compared");
        uint64_t status = 0;

        if (!host_noted(h, 1, "status", &status)) {
                SUITE_ERROR(h, "the guest did not tell whether the variable was written");
                return;
        }
        if (status != 0) {
                NOT_APPLICABLE(h, "SetVariable said %s: no variable was written", status_name(status).text);
                return;
        }
        if (!compared) {
                SUITE_ERROR(h, "the disk was not compared with what it was before");
                return;
        }
        CHECK_SAY(h, strstr(compared->text, "variable=0x0") != NULL,
                  "variable=0x0: no changed page outside the journal holds a test variable's name or GUID", "%s",
                  compared->text);
}

/* "VS1 round N" is said behind each write that was a SUCCESS: the last of them, or the one behind it, is there. */
static bool last_round_said(const struct host *h, uint64_t *ret)
{
        static const char words[] = "VS1 round ";
        const struct history_event *end = host_event(h, h->boot_of_part[1], "end-of-boot", NULL);
        const char *console = (const char *)h->history->console.data, *stop = console + h->history->console.size, *at;
        bool said = false;

        if (!console || !end || end->console > h->history->console.size)
                return false;
        for (at = console + end->console; (at = memmem(at, (size_t)(stop - at), words, sizeof(words) - 1));) {
                uint64_t round = 0;

                for (at += sizeof(words) - 1; at < stop && *at >= '0' && *at <= '9'; at++)
                        round = 10 * round + (uint64_t)(*at - '0');
                if (at < stop && *at == '\r') {
                        *ret = round;
                        said = true;
                }
        }
        return said;
}

void host_var_survives_kill(struct host *h)
{
        const struct history_event *kill = host_event(h, h->boot_of_part[1], "kill", NULL);
        const struct history_event *missed = host_event(h, h->boot_of_part[2], "no-boot", NULL);
        uint64_t said = 0, round = 0;

        if (!kill) {
                SUITE_ERROR(h, "the VMM was not killed in part 1");
                return;
        }
        boot_arrived(h, 2, "store=0");
        CHECK_SAY(h, !missed, "the firmware boots with what the kill left of the store", "%s",
                  missed ? missed->text : "it did");
        if (!host_noted(h, 2, "round", &round))
                return; /* which the guest has told as a failure */
        if (!last_round_said(h, &said)) {
                NOTE(h, "rounds", "none was said on the console");
                return;
        }
        NOTE_NUMBER(h, "rounds", said);
        CHECK_IN(h, round, said, said + 1);
}

/* Firmware may have written something of its own in between. */
enum { SLACK = 4096 };

void host_var_full_store_boots(struct host *h)
{
        const struct history_event *begin = host_event(h, h->boot_of_part[3], "begin", NULL);
        uint64_t filled = 0, found = 0, before = 0, after = 0;

        reset_arrived_behind(h, 2);
        CHECK_SAY(h, begin != NULL, "the application starts with a store that is full", "%s",
                  begin ? "it did" : "it did not");
        if (host_noted(h, 2, "variables", &filled) && host_noted(h, 3, "variables", &found))
                CHECK_EQ(h, found, filled);
        if (host_noted(h, 1, "left", &before) && host_noted(h, 3, "left", &after))
                CHECK_GE(h, after + SLACK, before);
}

void host_var_room_is_reclaimed(struct host *h)
{
        reset_arrived_behind(h, 2);
}

void host_var_read_only_store_refuses(struct host *h)
{
        const struct history_event *begin = host_event(h, h->boot_of_part[1], "begin", NULL);
        const struct history_event *missed = host_event(h, h->boot_of_part[1], "no-boot", NULL);

        boot_arrived(h, 1, "setting=store-read-only");
        CHECK_SAY(h, begin != NULL, "the application starts", "%s",
                  begin    ? "it did"
                  : missed ? missed->text
                           : "it did not");
}

void host_var_store_migrates(struct host *h)
{
        unsigned boot = h->boot_of_part[1];
        const struct history_event *moved = host_event(h, boot, "migrated", NULL);
        const struct history_event *carried = host_event(h, boot, "carried", NULL);
        uint64_t told = 0;

        if (!host_noted(h, 1, "moved", &told))
                return; /* and the guest has told why */
        if (!moved || !carried) {
                SUITE_ERROR(h, "%s", moved ? "nobody looked for the variables" : "the guest was not moved");
                return;
        }
        CHECK_SAY(h, !strstr(carried->text, "nowhere"),
                  "what was written before and after the move is where the new VMM process keeps it", "%s",
                  carried->text);
}
