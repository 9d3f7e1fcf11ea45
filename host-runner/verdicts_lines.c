/* SPDX-License-Identifier: BSD-2-Clause */
/* A line of the journal is taken for nothing but what the run could have written. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journal.h"
#include "text.h"
#include "verdicts_private.h"

static int line_run(struct reading *reading, const json_t *line)
{
        char mine[24];

        snprintf(mine, sizeof(mine), "0x%016llx", (unsigned long long)catalogue_hash);
        if (strcmp(journal_text(line, "catalogue"), mine) != 0)
                return -ESTALE;
        reading->header = true;
        return 0;
}

/* Cases that no boot was made for, each with its reason. */
static int unplanned_facts(struct subject *subject, const json_t *list, enum fact_kind kind)
{
        const json_t *value;
        size_t i;

        json_array_foreach(list, i, value)
        {
                enum case_id id = case_find(journal_text(value, "case"));
                struct fact fact = {.kind = kind};

                if (id == CASE_COUNT || !subject_row(subject, id))
                        return -EINVAL;
                text_copy(fact.got, sizeof(fact.got), journal_text(value, "reason"));
                fact_add(subject_row(subject, id), &fact, 0, 0, "host");
        }
        return 0;
}

/* What is known without a boot: what does not apply or cannot be run, or that the machine cannot be started. */
static int subject_facts(struct subject *subject, const json_t *line)
{
        const char *error = journal_text(line, "error");
        int result = unplanned_facts(subject, json_object_get(line, "not_applicable"), FACT_NOT_APPLICABLE);

        if (!result)
                result = unplanned_facts(subject, json_object_get(line, "skipped"), FACT_SKIP);
        for (size_t i = 0; *error && i < subject->rows; i++)
                if (subject->row[i].entries == 0)
                        error_add(&subject->row[i], "run.c", error);
        return result;
}

static int line_subject(struct reading *reading, const json_t *line)
{
        bool selected[CASE_COUNT] = {false}, on_xen = strcmp(journal_text(line, "hypervisor"), "xen") == 0;
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
        subject = ledger_add_subject(reading->ledger, journal_text(line, "machine"), false, selected);
        if (!subject)
                return -ENOMEM;
        free(subject->about);
        subject->about = strdup(journal_text(line, "about"));
        if (!subject->about)
                return -ENOMEM;
        for (i = 0; i < subject->rows; i++)
                if (on_xen && case_is_genuine_on_xen(subject->row[i].id))
                        subject->row[i].stand_in = NULL;
        return subject_facts(subject, line);
}

void about_say(struct subject *subject, const char *what, const char *value)
{
        char *about = NULL;

        if (!*value || strstr(subject->about, what) || asprintf(&about, "%s%s%s", subject->about, what, value) < 0)
                return;
        free(subject->about);
        subject->about = about;
}

static unsigned units_due(enum case_id id, unsigned part)
{
        unsigned halves = cases[id].halves;

        return (halves & HALF_G ? UNIT_GUEST : 0) | (halves & HALF_J && part == 1 ? UNIT_JUDGE | UNIT_AGAIN : 0) |
               (halves & HALF_H && part == 1 ? UNIT_HOST : 0);
}

/* absent: the application is not to start in that boot, so its guest has nothing to tell. */
static int part_add(struct reading *reading, struct lane_record *lane, unsigned boot, bool absent, const json_t *part)
{
        enum case_id id = case_find(journal_text(part, "case"));
        long which = journal_number(part, "part");
        struct planned_part *grown = reallocarray(lane->part, lane->parts + 1, sizeof(*lane->part));

        if (!grown)
                return -ENOMEM;
        lane->part = grown;
        if (id == CASE_COUNT || which < 1 || which > 3 || !subject_row(lane_subject(reading, lane), id))
                return -EINVAL;
        lane->part[lane->parts++] = (struct planned_part){
                boot, id, (uint8_t)which, units_due(id, (unsigned)which) & (absent ? UNIT_HOST : ~0u), 0, 0, -1};
        return 0;
}

/* The subject of this run by its name. */
static size_t subject_named(const struct reading *reading, const char *name)
{
        size_t at = reading->first;

        while (at < reading->ledger->subjects && strcmp(reading->ledger->subject[at].name, name) != 0)
                at++;
        return at;
}

static int line_lane(struct reading *reading, const json_t *line)
{
        long number = journal_number(line, "lane");
        struct lane_record *lane;
        const json_t *boot, *part;
        int result = 0;
        size_t subject, b, p;

        if (number < 0 || number >= RUN_LANES || reading->lane[number] || reading->ledger->subjects == reading->first)
                return -EINVAL;
        subject = json_object_get(line, "subject") ? subject_named(reading, journal_text(line, "subject"))
                                                   : reading->ledger->subjects - 1;
        if (subject == reading->ledger->subjects)
                return -EINVAL;
        lane = calloc(1, sizeof(*lane));
        if (!lane)
                return -ENOMEM;
        reading->lane[number] = lane;
        if (reading->lanes <= (unsigned)number)
                reading->lanes = (unsigned)number + 1;
        lane->subject = subject;
        lane->start = calloc(STARTS, sizeof(*lane->start));
        if (!lane->start)
                return -ENOMEM;
        lane->history.nonce = strtoull(journal_text(line, "nonce"), NULL, 0);
        host_take(&lane->history, journal_text(line, "told"));
        about_say(lane_subject(reading, lane), ", accelerator ", journal_text(line, "accelerator"));
        json_array_foreach(json_object_get(line, "boots"), b, boot)
        {
                json_array_foreach(json_object_get(boot, "parts"), p, part)
                {
                        if (!result)
                                result = part_add(reading, lane, (unsigned)b,
                                                  json_is_true(json_object_get(boot, "absent")), part);
                }
        }
        return result;
}

static enum fact_kind fact_kind_of(const char *name)
{
        static const char *const kinds[] = {"", "passed", "failed", "note", "skip", "not-applicable", "error"};

        for (int i = 1; i < FACT_KIND_END; i++)
                if (strcmp(kinds[i], name) == 0)
                        return i;
        return FACT_KIND_END;
}

/* An end counts once, and only where the plan has it. */
static void part_end(struct row *row, struct planned_part *part, unsigned unit, long start)
{
        if (!(part->due & unit) || part->ended & unit) {
                error_add(row, "verdicts.c", "the guest told an end that was not planned, or told it twice");
                return;
        }
        part->ended |= unit;
        if (unit == UNIT_JUDGE)
                part->judged = start;
}

static struct planned_part *part_find(const struct lane_record *lane, enum case_id id, long part, long boot)
{
        for (size_t i = 0; i < lane->parts; i++)
                if (lane->part[i].id == id && lane->part[i].part == part && lane->part[i].boot == (unsigned long)boot)
                        return &lane->part[i];
        return NULL;
}

static int line_case(struct reading *reading, const json_t *line, const char *event)
{
        long number = journal_number(line, "lane"), part = journal_number(line, "part"),
             boot = journal_number(line, "boot");
        enum case_id id = case_find(journal_text(line, "case"));
        bool guest = strcmp(journal_text(line, "half"), "guest") == 0;
        struct planned_part *planned;
        struct lane_record *lane = reading_lane(reading, number);
        struct fact fact = {0};
        char origin[32];
        struct row *row;

        if (!lane || id == CASE_COUNT)
                return -EINVAL;
        row = subject_row(lane_subject(reading, lane), id);
        if (!row)
                return -EINVAL;
        planned = part_find(lane, id, part, boot);
        if (!planned) {
                error_add(row, "verdicts.c", "the guest told of a part that was not planned for this boot");
                return 0;
        }
        if (strcmp(event, "case-end") == 0) {
                part_end(row, planned, guest ? UNIT_GUEST : UNIT_JUDGE, journal_number(line, "attempt"));
                return 0;
        }
        fact.kind = fact_kind_of(journal_text(line, "kind"));
        if (fact.kind == FACT_KIND_END)
                return -EINVAL;
        text_copy(fact.place, sizeof(fact.place), journal_text(line, "place"));
        text_copy(fact.what, sizeof(fact.what), journal_text(line, "what"));
        text_copy(fact.got, sizeof(fact.got), journal_text(line, "got"));
        text_copy(fact.want, sizeof(fact.want), journal_text(line, "want"));
        snprintf(origin, sizeof(origin), "lane %ld boot %ld", number, boot);
        if (guest && fact.kind == FACT_NOTE && strcmp(fact.what, FACT_WAITED) == 0)
                planned->waited = (unsigned)strtoul(fact.got, NULL, 10);
        fact_add(row, &fact, (unsigned)part, guest ? HALF_G : HALF_J, origin);
        if (row->entries && guest && fact.kind == FACT_FAILED)
                row->entry[row->entries - 1].waited = planned->waited;
        return 0;
}

static int line_evidence(struct reading *reading, const json_t *line)
{
        struct lane_record *lane = reading_lane(reading, journal_number(line, "lane"));
        long which = journal_number(line, "attempt"), kind = journal_number(line, "kind");
        uint32_t crc = (uint32_t)journal_number(line, "file_crc");
        struct start *start;
        int result;

        if (!lane || which < 0 || which >= STARTS || kind < 0 || kind >= EVIDENCE_COUNT)
                return -EINVAL;
        start = &lane->start[which];
        if (start->evidence[kind].data)
                return -EINVAL;
        result = journal_read_file(reading->folder, journal_text(line, "file"), EVIDENCE_MAX, &crc,
                                   &start->evidence[kind]);
        if (!result)
                return 0;
        snprintf(start->lost, sizeof(start->lost), "%s: the evidence %s", journal_text(line, "file"),
                 result == -EBADMSG ? "is not what the run recorded" : "cannot be read");
        if (!*reading->lost)
                memcpy(reading->lost, start->lost, sizeof(reading->lost));
        return 0;
}

static int line_console(struct reading *reading, const json_t *line)
{
        struct lane_record *lane = reading_lane(reading, journal_number(line, "lane"));

        if (!lane)
                return -EINVAL;
        lane->console_told = true;
        lane->console_size = (uint64_t)journal_number(line, "size");
        lane->console_crc = (uint32_t)journal_number(line, "file_crc");
        return 0;
}

static int line_history(struct reading *reading, const json_t *line, const char *event)
{
        struct lane_record *lane = reading_lane(reading, journal_number(line, "lane"));
        struct history_event entry = {0};
        struct history *history;
        struct history_event *grown;

        if (!lane)
                return -EINVAL;
        if (strcmp(event, "vmm-version") == 0)
                about_say(lane_subject(reading, lane), ", VMM ", journal_text(line, "text"));
        history = &lane->history;
        grown = reallocarray(history->event, history->events + 1, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        history->event = grown;
        text_copy(entry.name, sizeof(entry.name), event);
        text_copy(entry.text, sizeof(entry.text), journal_text(line, "text"));
        entry.boot = (unsigned)journal_number(line, "boot");
        entry.attempt = (unsigned)journal_number(line, "attempt");
        entry.ns = (uint64_t)journal_number(line, "ns");
        entry.console = (uint64_t)journal_number(line, "console");
        history->event[history->events++] = entry;
        lane->over |= strcmp(event, "lane-end") == 0;
        for (size_t i = 0; strcmp(event, "turned-down") == 0 && i < lane->parts; i++)
                if (lane->part[i].boot == entry.boot) /* there was no guest */
                        lane->part[i].due &= UNIT_HOST;
        if (strcmp(event, "killed") == 0 || strcmp(event, "not-started") == 0)
                lane_cut(reading, lane, entry.boot);
        return 0;
}

int verdicts_line_void(void *context, const json_t *line)
{
        struct reading *reading = context;
        long number = journal_number(line, "lane");

        if (strcmp(journal_text(line, "event"), "lane-void") == 0 && number >= 0 && number < RUN_LANES)
                reading->is_void[number] = true;
        return 0;
}

int verdicts_line_take(void *context, const json_t *line)
{
        struct reading *reading = context;
        const char *event = journal_text(line, "event");
        long number = journal_number(line, "lane");

        if (number >= 0 && number < RUN_LANES && reading->is_void[number])
                return 0;
        if (strcmp(event, "run") == 0)
                return line_run(reading, line);
        if (strcmp(event, "image-run") == 0)
                return -EXDEV;
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
        if (strcmp(event, "console-file") == 0)
                return line_console(reading, line);
        if (strcmp(event, "case-begin") == 0 || strcmp(event, "resumed") == 0 || strcmp(event, "command-line") == 0 ||
            strcmp(event, "end") == 0)
                return 0;
        return line_history(reading, line, event);
}
