/* SPDX-License-Identifier: BSD-2-Clause */
/* Nothing that the suite or its environment broke is held against the platform, and nothing unheard is held for it. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journal.h"
#include "judge.h"
#include "lane.h"
#include "verdicts_private.h"

/* A check whose facts go into a row. */
struct row_check {
        struct row *row;
        unsigned part;
        unsigned half;
        const char *origin;
        bool keep; /* false: facts are compared only, see evidence_judge() */
        size_t told;
        const struct entry *against;
        size_t against_count;
        bool differs;
};

static struct row_check *listener; /* judges and host halves run one at a time */

static bool fact_same(const struct fact *a, const struct fact *b)
{
        return a->kind == b->kind && strcmp(a->what, b->what) == 0 && strcmp(a->got, b->got) == 0 &&
               strcmp(a->want, b->want) == 0;
}

static void row_told(struct check *check, const struct fact *fact)
{
        (void)check;
        if (listener->keep) {
                fact_add(listener->row, fact, listener->part, listener->half, listener->origin);
                return;
        }
        if (listener->told >= listener->against_count || !fact_same(fact, &listener->against[listener->told].fact))
                listener->differs = true;
        listener->told++;
}

/* The entries of a row that the guest's judge half told, gathered in order. */
static size_t judged_entries(const struct row *row, unsigned part, struct entry **ret)
{
        struct entry *entries = calloc(row->entries ? row->entries : 1, sizeof(*entries));
        size_t count = 0;

        for (size_t i = 0; entries && i < row->entries; i++)
                if (row->entry[i].half == HALF_J && row->entry[i].part == part)
                        entries[count++] = row->entry[i];
        *ret = entries;
        return count;
}

/* The judge half again, over the recorded bytes: it must say what it said in the guest. */
static void evidence_judge(struct reading *reading, const struct lane_record *lane, struct planned_part *part)
{
        bool heard = part->judged >= 0 && part->judged < STARTS;
        struct row *row = subject_row(lane_subject(reading, lane), part->id);
        const struct start *start = heard ? &lane->start[part->judged] : NULL;
        struct evidence evidence = {0};
        struct judge judge = {.evidence = &evidence, .check = {.tell = row_told}};
        struct entry *guest = NULL;
        struct row_check check = {.row = row};

        if (!heard || !judge_halves[part->id])
                return;
        if (*start->lost) {
                error_add(row, "verdicts_judge.c", start->lost);
                return;
        }
        check.against_count = judged_entries(row, part->part, &guest);
        check.against = guest;
        memcpy(evidence.of, start->evidence, sizeof(evidence.of));
        listener = &check;
        judge_halves[part->id](&judge);
        if (check.differs || check.told != check.against_count)
                error_add(row, "verdicts_judge.c",
                          "the judge said one thing in the guest and another over the recorded evidence");
        part->ended |= UNIT_AGAIN;
        free(guest);
}

static bool event_is(const struct history_event *event, const char *const names[])
{
        for (size_t i = 0; names[i]; i++)
                if (strcmp(event->name, names[i]) == 0)
                        return true;
        return false;
}

/* True where everything of the case that the guest was to tell came to its end. */
static bool guest_told_all(const struct lane_record *lane, enum case_id id)
{
        unsigned due = 0, open = 0;

        for (size_t i = 0; i < lane->parts; i++)
                if (lane->part[i].id == id) {
                        due |= lane->part[i].due & UNITS_GUEST;
                        open |= lane->part[i].due & UNITS_GUEST & ~lane->part[i].ended;
                }
        return due && !open;
}

/*
 * What kept the suite from seeing the case through, NULL where nothing did. A host half judges by what did not come,
 * too: that proves nothing where it was the suite or its environment that did not let it come.
 */
static const struct history_event *obstacle_find(const struct lane_record *lane, enum case_id id)
{
        static const char *const environment[] = {"not-started", "killed", "refused", "torn",
                                                  "log-lost",    "flood",  NULL};
        unsigned last = 0;

        if (guest_told_all(lane, id))
                return NULL;
        for (size_t i = 0; i < lane->parts; i++)
                if (lane->part[i].id == id && lane->part[i].boot > last)
                        last = lane->part[i].boot;
        for (size_t e = 0; e < lane->history.events; e++)
                if (lane->history.event[e].boot <= last && event_is(&lane->history.event[e], environment))
                        return &lane->history.event[e];
        return NULL;
}

static void host_judge(struct reading *reading, const struct lane_record *lane, struct planned_part *part)
{
        enum case_id id = part->id;
        struct row *row = subject_row(lane_subject(reading, lane), id);
        const struct history_event *obstacle = obstacle_find(lane, id);
        struct row_check check = {.row = row, .half = HALF_H, .origin = "host", .keep = true};
        struct host host = {
                .check = {.tell = row_told},
                .id = id,
                .history = &lane->history,
                .row = row,
                .boot_of_part = {UINT_MAX, UINT_MAX, UINT_MAX, UINT_MAX},
        };
        char text[FACT_TEXT];

        for (size_t i = 0; i < lane->parts; i++)
                if (lane->part[i].id == id)
                        host.boot_of_part[lane->part[i].part] = lane->part[i].boot;
        if (!host_halves[id])
                return;
        if (obstacle) {
                text_format(text, sizeof(text), "%s: %s", obstacle->name, obstacle->text);
                error_add(row, "verdicts_judge.c", text);
                return;
        }
        listener = &check;
        host_halves[id](&host);
        part->ended |= UNIT_HOST;
}

/* What happened to the lane as a whole, as a fact of each case that was not heard to its end. */
static void lane_facts(struct reading *reading, const struct lane_record *lane)
{
        static const char *const bad[] = {"refused", "torn",        "given-up", "log-lost", "wrong-ending",
                                          "silent",  "endless",     "crash",    "flood",    "stuck",
                                          "killed",  "not-started", NULL};

        for (size_t e = 0; e < lane->history.events; e++) {
                const struct history_event *event = &lane->history.event[e];
                char text[FACT_TEXT];

                if (!event_is(event, bad))
                        continue;
                text_format(text, sizeof(text), "%s: %s", event->name, event->text);
                for (size_t i = 0; i < lane->parts; i++) {
                        struct row *row = subject_row(lane_subject(reading, lane), lane->part[i].id);

                        if (lane->part[i].boot >= event->boot && lane->part[i].due & UNITS_GUEST & ~lane->part[i].ended)
                                error_add(row, "verdicts_judge.c", text);
                }
        }
}

void lane_cut(struct reading *reading, const struct lane_record *lane, unsigned boot)
{
        for (size_t i = 0; i < lane->parts; i++)
                if (lane->part[i].boot >= boot)
                        subject_row(lane_subject(reading, lane), lane->part[i].id)->cut = true;
}

/* A case in which the VM ended by itself: the platform died inside it. */
static void lane_deaths(struct reading *reading, const struct lane_record *lane)
{
        static const char *const ours[] = {"silent", "endless", "refused", "torn", "log-lost",
                                           "killed", "flood",   "stuck",   NULL};

        for (size_t e = 0; e < lane->history.events; e++) {
                const struct history_event *event = &lane->history.event[e];
                enum case_id id =
                        strcmp(event->name, "died") == 0 && *event->text ? case_find(event->text) : CASE_COUNT;
                struct fact fact = {.kind = FACT_FAILED, .place = "verdicts_judge.c"};
                bool ended_by_us = false;
                struct row *row;

                for (size_t before = 0; before < e; before++)
                        ended_by_us |= lane->history.event[before].attempt == event->attempt &&
                                       event_is(&lane->history.event[before], ours);
                row = id == CASE_COUNT || ended_by_us ? NULL : subject_row(lane_subject(reading, lane), id);
                if (!row)
                        continue;
                text_copy(fact.what, sizeof(fact.what), "the VM lives through the case");
                text_copy(fact.got, sizeof(fact.got), "it reset, powered off or crashed inside it");
                text_copy(fact.want, sizeof(fact.want), "alive");
                fact_add(row, &fact, 0, 0, "host");
        }
}

/* The failures of a part behind a wait in vain, of which the VMM could not use more than a quarter. */
static void part_doubt(struct row *row, unsigned part, uint64_t starved, uint64_t length)
{
        for (size_t i = 0; i < row->entries; i++) {
                struct entry *entry = &row->entry[i];
                uint64_t of = entry->waited > length ? entry->waited : length;

                if (entry->part == part && entry->fact.kind == FACT_FAILED && entry->waited && !entry->doubt &&
                    4 * starved >= 3 * of)
                        entry->doubt = DOUBT_STARVED;
        }
}

/*
 * Of a case that was heard while it ran, it is known how long the VMM had no processor in it; of those that were heard
 * when the start was over, in all of them.
 */
static void lane_doubts(struct reading *reading, const struct lane_record *lane)
{
        for (size_t e = 0; e < lane->history.events; e++) {
                const struct history_event *event = &lane->history.event[e];
                bool rest = strcmp(event->name, "starved-rest") == 0;
                unsigned starved = 0, length = 0;
                char name[80] = "";
                enum case_id id;

                if (rest ? sscanf(event->text, "%u ms of %u", &starved, &length) != 2
                         : strcmp(event->name, "starved-case") != 0 ||
                                    sscanf(event->text, "%u ms in %79s", &starved, name) != 2)
                        continue;
                id = case_find(name);
                for (size_t i = 0; i < lane->parts; i++) {
                        const struct planned_part *part = &lane->part[i];

                        if (part->boot == event->boot && (rest ? cases[part->id].stage != STAGE_BOOT : part->id == id))
                                part_doubt(subject_row(lane_subject(reading, lane), part->id), part->part, starved,
                                           length);
                }
        }
}

/* False where the console output is not what the run recorded; then it is of no use. */
static bool console_read(struct reading *reading, struct lane_record *lane, unsigned number)
{
        struct bytes *console = &lane->history.console;
        char path[80];

        snprintf(path, sizeof(path), "console-%u.log", number);
        if (lane->console_told &&
            journal_read_file(reading->folder, path, LANE_CONSOLE_MAX, &lane->console_crc, console) == 0 &&
            console->size == lane->console_size)
                return true;
        if (lane->console_told && !*reading->lost)
                snprintf(reading->lost, sizeof(reading->lost), "%s: the console output is not what the run recorded",
                         path);
        return false;
}

static void lane_judge_host(struct reading *reading, struct lane_record *lane, const char *lost)
{
        for (size_t i = 0; i < lane->parts; i++) {
                struct planned_part *part = &lane->part[i];

                if (!(part->due & UNIT_HOST))
                        continue;
                if (lost)
                        error_add(subject_row(lane_subject(reading, lane), part->id), "verdicts_judge.c", lost);
                else
                        host_judge(reading, lane, part);
        }
}

void host_take(struct history *history, const char *told)
{
        struct evidence text = {.of[EVIDENCE_TOLD] = {(const uint8_t *)told, strlen(told)}};

        (void)evidence_text(&text, EVIDENCE_TOLD, "host_arch", history->host_arch, sizeof(history->host_arch));
        (void)evidence_text(&text, EVIDENCE_TOLD, "host_gic", history->host_gic, sizeof(history->host_gic));
}

void lane_judge(struct reading *reading, struct lane_record *lane, unsigned number)
{
        bool console = console_read(reading, lane, number);

        for (size_t i = 0; i < lane->parts; i++)
                if (lane->part[i].due & UNIT_AGAIN)
                        evidence_judge(reading, lane, &lane->part[i]);
        lane_doubts(reading, lane);
        lane_deaths(reading, lane);
        lane_facts(reading, lane);
        lane_judge_host(reading, lane,
                        !lane->over ? "the run's journal ends before the lane does"
                        : !console  ? "the console output is not what the run recorded"
                                    : NULL);
}
