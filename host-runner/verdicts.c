/* SPDX-License-Identifier: BSD-2-Clause */
/* Every verdict follows from the journal alone, so a replay cannot differ from the run. */
#include "verdicts.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "journal.h"
#include "judge.h"
#include "lane.h"
#include "text.h"
#include "wire.h"

enum { RUN_LANES = 256, STARTS = WIRE_SLOTS };

struct start {
        struct bytes evidence[EVIDENCE_COUNT];
};

struct planned_part {
        unsigned boot;
        enum case_id id;
        uint8_t part;
        long judged; /* the start in which the guest's judge half came to its end; -1: none */
};

struct lane_record {
        bool known;
        size_t subject;
        size_t parts;
        struct planned_part *part;
        struct history history;
        struct start start[STARTS];
};

struct reading {
        const char *folder;
        struct ledger *ledger;
        size_t first; /* subject of this run in the ledger */
        struct lane_record *lane;
        unsigned (*expected)[CASE_COUNT];
        unsigned (*ended)[CASE_COUNT];
        bool header;
};

static const char *text_of(const json_t *line, const char *key)
{
        const char *text = json_string_value(json_object_get(line, key));

        return text ? text : "";
}

static long number_of(const json_t *line, const char *key)
{
        const json_t *value = json_object_get(line, key);

        return json_is_integer(value) ? (long)json_integer_value(value) : -1;
}

/* Facts into rows -------------------------------------------------------------------------------------------------- */

static struct subject *lane_subject(struct reading *reading, const struct lane_record *lane)
{
        return &reading->ledger->subject[lane->subject];
}

static void fact_add(struct row *row, const struct fact *fact, unsigned part, unsigned half, const char *origin)
{
        struct entry entry = {.fact = *fact, .part = (uint8_t)part, .half = (uint8_t)half};

        text_copy(entry.origin, sizeof(entry.origin), origin);
        (void)row_add(row, &entry);
}

static void error_add(struct row *row, const char *place, const char *text)
{
        struct fact fact = {.kind = FACT_ERROR};

        text_copy(fact.place, sizeof(fact.place), place);
        text_copy(fact.got, sizeof(fact.got), text);
        fact_add(row, &fact, 0, 0, "host");
}

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
        if (listener->told >= listener->against_count ||
            !fact_same(fact, &listener->against[listener->told].fact))
                listener->differs = true;
        listener->told++;
}

/* Lines of the journal --------------------------------------------------------------------------------------------- */

static int line_run(struct reading *reading, const json_t *line)
{
        char mine[24];

        snprintf(mine, sizeof(mine), "0x%016llx", (unsigned long long)catalogue_hash);
        if (strcmp(text_of(line, "catalogue"), mine) != 0)
                return -ESTALE;
        reading->header = true;
        return 0;
}

static int line_subject(struct reading *reading, const json_t *line)
{
        bool selected[CASE_COUNT] = {false};
        struct subject *subject;
        const json_t *value;
        size_t i;

        json_array_foreach(json_object_get(line, "cases"), i, value)
        {
                const char *name = json_string_value(value);
                enum case_id id = name ? case_find(name) : CASE_COUNT;

                if (id == CASE_COUNT)
                        return -EINVAL;
                selected[id] = true;
        }
        subject = ledger_add_subject(reading->ledger, text_of(line, "machine"), false, selected);
        reading->expected = reallocarray(reading->expected, reading->ledger->subjects, sizeof(*reading->expected));
        reading->ended = reallocarray(reading->ended, reading->ledger->subjects, sizeof(*reading->ended));
        if (!subject || !reading->expected || !reading->ended)
                return -ENOMEM;
        memset(reading->expected[reading->ledger->subjects - 1], 0, sizeof(*reading->expected));
        memset(reading->ended[reading->ledger->subjects - 1], 0, sizeof(*reading->ended));
        free(subject->about);
        subject->about = strdup(text_of(line, "about"));
        json_array_foreach(json_object_get(line, "not_applicable"), i, value)
        {
                enum case_id id = case_find(text_of(value, "case"));
                struct fact fact = {.kind = FACT_NOT_APPLICABLE};

                if (id == CASE_COUNT || !subject_row(subject, id))
                        return -EINVAL;
                text_copy(fact.got, sizeof(fact.got), text_of(value, "reason"));
                fact_add(subject_row(subject, id), &fact, 0, 0, "host");
        }
        return subject->about ? 0 : -ENOMEM;
}

/* The subject's line says once with which accelerator its lanes ran. */
static void accelerator_say(struct subject *subject, const char *accelerator)
{
        char *about = NULL;

        if (!*accelerator || strstr(subject->about, ", accelerator ") ||
            asprintf(&about, "%s, accelerator %s", subject->about, accelerator) < 0)
                return;
        free(subject->about);
        subject->about = about;
}

static int line_lane(struct reading *reading, const json_t *line)
{
        long number = number_of(line, "lane");
        struct lane_record *lane;
        const json_t *boot, *part;
        size_t b, p;

        if (number < 0 || number >= RUN_LANES || reading->ledger->subjects == reading->first ||
            reading->lane[number].known)
                return -EINVAL;
        lane = &reading->lane[number];
        lane->known = true;
        lane->subject = reading->ledger->subjects - 1;
        lane->history.nonce = strtoull(text_of(line, "nonce"), NULL, 0);
        accelerator_say(lane_subject(reading, lane), text_of(line, "accelerator"));
        json_array_foreach(json_object_get(line, "boots"), b, boot)
        {
                json_array_foreach(json_object_get(boot, "parts"), p, part)
                {
                        enum case_id id = case_find(text_of(part, "case"));
                        long which = number_of(part, "part");

                        lane->part = reallocarray(lane->part, lane->parts + 1, sizeof(*lane->part));
                        if (!lane->part || id == CASE_COUNT || which < 1 || which > 3)
                                return -EINVAL;
                        lane->part[lane->parts++] = (struct planned_part){(unsigned)b, id, (uint8_t)which, -1};
                        if (cases[id].halves & HALF_G)
                                reading->expected[lane->subject][id]++;
                        if (cases[id].halves & HALF_J && which == 1)
                                reading->expected[lane->subject][id] += 2; /* in the guest, and here again */
                        if (cases[id].halves & HALF_H && which == 1)
                                reading->expected[lane->subject][id]++;
                }
        }
        return 0;
}

static enum fact_kind fact_kind_of(const char *name)
{
        static const char *const kinds[] = {"", "passed", "failed", "note", "skip", "not-applicable", "error"};

        for (int i = 1; i < FACT_KIND_END; i++)
                if (strcmp(kinds[i], name) == 0)
                        return i;
        return FACT_KIND_END;
}

static int line_case(struct reading *reading, const json_t *line, const char *event)
{
        long number = number_of(line, "lane"), part = number_of(line, "part");
        enum case_id id = case_find(text_of(line, "case"));
        unsigned half = strcmp(text_of(line, "half"), "guest") == 0 ? HALF_G : HALF_J;
        struct lane_record *lane;
        struct fact fact = {0};
        char origin[32];
        struct row *row;
        struct planned_part *planned = NULL;

        if (number < 0 || number >= RUN_LANES || !reading->lane[number].known || id == CASE_COUNT)
                return -EINVAL;
        lane = &reading->lane[number];
        row = subject_row(lane_subject(reading, lane), id);
        for (size_t i = 0; i < lane->parts; i++)
                if (lane->part[i].id == id && lane->part[i].part == part &&
                    lane->part[i].boot == (unsigned)number_of(line, "boot"))
                        planned = &lane->part[i];
        if (!row)
                return -EINVAL;
        if (!planned) {
                error_add(row, "verdicts.c", "the guest told of a part that was not planned for this boot");
                return 0;
        }
        if (strcmp(event, "case-end") == 0) {
                reading->ended[lane->subject][id]++;
                if (half == HALF_J)
                        planned->judged = number_of(line, "attempt");
                return 0;
        }
        fact.kind = fact_kind_of(text_of(line, "kind"));
        if (fact.kind == FACT_KIND_END)
                return -EINVAL;
        text_copy(fact.place, sizeof(fact.place), text_of(line, "place"));
        text_copy(fact.what, sizeof(fact.what), text_of(line, "what"));
        text_copy(fact.got, sizeof(fact.got), text_of(line, "got"));
        text_copy(fact.want, sizeof(fact.want), text_of(line, "want"));
        snprintf(origin, sizeof(origin), "lane %ld boot %ld", number, number_of(line, "boot"));
        fact_add(row, &fact, (unsigned)part, half, origin);
        return 0;
}

static int line_evidence(struct reading *reading, const json_t *line)
{
        long number = number_of(line, "lane"), start = number_of(line, "attempt"), kind = number_of(line, "kind");
        uint32_t crc = (uint32_t)number_of(line, "file_crc");
        struct bytes *place;

        if (number < 0 || number >= RUN_LANES || start < 0 || start >= STARTS || kind < 0 || kind >= EVIDENCE_COUNT)
                return -EINVAL;
        place = &reading->lane[number].start[start].evidence[kind];
        if (!place->data)
                (void)journal_read_file(reading->folder, text_of(line, "file"), EVIDENCE_MAX, &crc, place);
        return 0;
}

static int line_history(struct reading *reading, const json_t *line, const char *event)
{
        long number = number_of(line, "lane");
        struct history_event entry = {0};
        struct history *history;
        struct history_event *grown;

        if (number < 0 || number >= RUN_LANES || !reading->lane[number].known)
                return -EINVAL;
        history = &reading->lane[number].history;
        grown = reallocarray(history->event, history->events + 1, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        history->event = grown;
        text_copy(entry.name, sizeof(entry.name), event);
        text_copy(entry.text, sizeof(entry.text), text_of(line, "text"));
        entry.boot = (unsigned)number_of(line, "boot");
        entry.attempt = (unsigned)number_of(line, "attempt");
        entry.ns = (uint64_t)number_of(line, "ns");
        entry.console = (uint64_t)number_of(line, "console");
        history->event[history->events++] = entry;
        return 0;
}

static int line_take(void *context, const json_t *line)
{
        struct reading *reading = context;
        const char *event = text_of(line, "event");

        if (strcmp(event, "run") == 0)
                return line_run(reading, line);
        if (!reading->header)
                return -EINVAL;
        if (strcmp(event, "subject") == 0)
                return line_subject(reading, line);
        if (strcmp(event, "lane") == 0)
                return line_lane(reading, line);
        if (strcmp(event, "fact") == 0 || strcmp(event, "case-end") == 0)
                return line_case(reading, line, event);
        if (strcmp(event, "evidence") == 0)
                return line_evidence(reading, line);
        if (strcmp(event, "case-begin") == 0 || strcmp(event, "command-line") == 0 || strcmp(event, "end") == 0)
                return 0;
        return line_history(reading, line, event);
}

/* Judging ---------------------------------------------------------------------------------------------------------- */

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
static void evidence_judge(struct reading *reading, const struct lane_record *lane, const struct planned_part *part)
{
        bool heard = part->judged >= 0 && part->judged < STARTS;
        struct row *row = subject_row(lane_subject(reading, lane), part->id);
        struct evidence evidence = {0};
        struct judge judge = {.evidence = &evidence, .check = {.tell = row_told}};
        struct entry *guest = NULL;
        struct row_check check = {.row = row, .against_count = judged_entries(row, part->part, &guest)};

        check.against = guest;
        if (heard && judge_halves[part->id]) {
                memcpy(evidence.of, lane->start[part->judged].evidence, sizeof(evidence.of));
                listener = &check;
                judge_halves[part->id](&judge);
                if (check.differs || check.told != check.against_count)
                        error_add(row, "verdicts.c",
                                  "the judge said one thing in the guest and another over the recorded evidence");
                reading->ended[lane->subject][part->id]++;
        }
        free(guest);
}

static void host_judge(struct reading *reading, const struct lane_record *lane, enum case_id id)
{
        struct row *row = subject_row(lane_subject(reading, lane), id);
        struct row_check check = {.row = row, .half = HALF_H, .origin = "host", .keep = true};
        struct host host = {
                .check = {.tell = row_told},
                .id = id,
                .history = &lane->history,
                .row = row,
                .boot_of_part = {UINT_MAX, UINT_MAX, UINT_MAX, UINT_MAX},
        };

        for (size_t i = 0; i < lane->parts; i++)
                if (lane->part[i].id == id)
                        host.boot_of_part[lane->part[i].part] = lane->part[i].boot;
        if (!host_halves[id])
                return;
        listener = &check;
        host_halves[id](&host);
        reading->ended[lane->subject][id]++;
}

/* What happened to the lane as a whole, as a fact of each of its cases. */
static void lane_facts(struct reading *reading, const struct lane_record *lane)
{
        static const char *const bad[] = {"refused", "torn", "given-up", "log-lost", "wrong-ending", "silent",
                                          "crash",   "flood", "stuck"};

        for (size_t e = 0; e < lane->history.events; e++) {
                const struct history_event *event = &lane->history.event[e];
                char text[FACT_TEXT];
                bool told = false;

                for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
                        told |= strcmp(event->name, bad[i]) == 0;
                text_format(text, sizeof(text), "%s: %s", event->name, event->text);
                for (size_t i = 0; told && i < lane->parts; i++) {
                        struct row *row = subject_row(lane_subject(reading, lane), lane->part[i].id);
                        unsigned *ended = &reading->ended[lane->subject][lane->part[i].id];

                        if (row && lane->part[i].boot >= event->boot &&
                            *ended < reading->expected[lane->subject][lane->part[i].id])
                                error_add(row, "verdicts.c", text);
                }
        }
}

/* A case in which the VM ended by itself: the platform died inside it. */
static void lane_deaths(struct reading *reading, const struct lane_record *lane)
{
        for (size_t e = 0; e < lane->history.events; e++) {
                const struct history_event *event = &lane->history.event[e];
                enum case_id id = strcmp(event->name, "died") == 0 && *event->text ? case_find(event->text) : CASE_COUNT;
                struct fact fact = {.kind = FACT_FAILED};
                bool silent = false;
                struct row *row;

                for (size_t before = 0; before < e; before++)
                        silent |= lane->history.event[before].attempt == event->attempt &&
                                  (strcmp(lane->history.event[before].name, "silent") == 0 ||
                                   strcmp(lane->history.event[before].name, "refused") == 0);
                row = id == CASE_COUNT || silent ? NULL : subject_row(lane_subject(reading, lane), id);
                if (!row)
                        continue;
                text_copy(fact.place, sizeof(fact.place), "verdicts.c");
                text_copy(fact.what, sizeof(fact.what), "the VM lives through the case");
                text_copy(fact.got, sizeof(fact.got), "it reset, powered off or crashed inside it");
                text_copy(fact.want, sizeof(fact.want), "alive");
                fact_add(row, &fact, 0, 0, "host");
        }
}

static void lane_judge(struct reading *reading, struct lane_record *lane, unsigned number)
{
        char path[80];

        snprintf(path, sizeof(path), "console-%u.log", number);
        (void)journal_read_file(reading->folder, path, LANE_CONSOLE_MAX, NULL, &lane->history.console);
        for (size_t i = 0; i < lane->parts; i++)
                if (cases[lane->part[i].id].halves & HALF_J && lane->part[i].part == 1)
                        evidence_judge(reading, lane, &lane->part[i]);
        lane_deaths(reading, lane);
        for (size_t i = 0; i < lane->parts; i++)
                if (cases[lane->part[i].id].halves & HALF_H && lane->part[i].part == 1)
                        host_judge(reading, lane, lane->part[i].id);
        lane_facts(reading, lane);
}

static void lane_record_free(struct lane_record *lane)
{
        free(lane->part);
        free(lane->history.event);
        free((void *)(uintptr_t)lane->history.console.data);
        for (size_t s = 0; s < STARTS; s++)
                for (size_t k = 0; k < EVIDENCE_COUNT; k++)
                        free((void *)(uintptr_t)lane->start[s].evidence[k].data);
}

int verdicts_read(const char *folder, struct ledger *ledger, char *error, size_t error_size)
{
        struct reading reading = {.folder = folder, .ledger = ledger, .first = ledger->subjects};
        int result;

        reading.lane = calloc(RUN_LANES, sizeof(*reading.lane));
        if (!reading.lane)
                return -ENOMEM;
        result = journal_read(folder, line_take, &reading, error, error_size);
        if (result == -ESTALE)
                snprintf(error, error_size, "%s: the run was made with another catalogue, expected 0x%016llx", folder,
                         (unsigned long long)catalogue_hash);
        if (!result || result == -EBADMSG) {
                for (unsigned i = 0; i < RUN_LANES; i++)
                        if (reading.lane[i].known)
                                lane_judge(&reading, &reading.lane[i], i);
                for (size_t s = reading.first; s < ledger->subjects; s++)
                        subject_settle(&ledger->subject[s], reading.expected[s], reading.ended[s]);
        }
        for (unsigned i = 0; i < RUN_LANES; i++)
                lane_record_free(&reading.lane[i]);
        free(reading.lane);
        free(reading.expected);
        free(reading.ended);
        return result;
}
