/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether a marker came is seen again in the console's bytes: what the run thought of it is not believed. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "image_boot_private.h"
#include "judge.h"
#include "verdicts_private.h"

enum { TRIALS_MAX = BOOT_TRIALS * 64 };

const char *const boot_fact_kinds[FACT_KIND_END] = {"", "passed", "failed", "note", "skip", "not-applicable", "error"};

struct image_reading {
        const char *folder;
        struct ledger *ledger;
        bool header, open; /* open: a subject whose trials are being read */
        size_t first;      /* number of its first trial */
        struct boot_trials trials;
        unsigned judged[CASE_COUNT];
        char lost[300];
};

static struct subject *subject_of(struct image_reading *reading)
{
        return &reading->ledger->subject[reading->ledger->subjects - 1];
}

/* Judging ---------------------------------------------------------------------------------------------------------- */

static struct row *listener; /* host halves run one at a time */

static void row_told(struct check *check, const struct fact *fact)
{
        struct entry entry = {.fact = *fact, .half = HALF_H, .origin = "host"};

        (void)check;
        (void)row_add(listener, &entry);
}

static void host_judge(struct image_reading *reading, struct row *row)
{
        struct host host = {.check = {.tell = row_told},
                            .id = row->id,
                            .row = row,
                            .trials = &reading->trials,
                            .boot_of_part = {UINT_MAX, UINT_MAX, UINT_MAX, UINT_MAX}};

        listener = row;
        host_halves[row->id](&host);
}

static void subject_close(struct image_reading *reading)
{
        unsigned expected[CASE_COUNT] = {0}, ended[CASE_COUNT] = {0};

        for (size_t i = 0; reading->open && i < subject_of(reading)->rows; i++) {
                struct row *row = &subject_of(reading)->row[i];

                if (judge_halves[row->id]) {
                        expected[row->id]++;
                        ended[row->id] += reading->judged[row->id];
                }
                if (host_halves[row->id]) {
                        expected[row->id]++;
                        ended[row->id]++;
                        host_judge(reading, row);
                }
        }
        if (reading->open)
                subject_settle(subject_of(reading), expected, ended);
        for (size_t i = 0; i < reading->trials.count; i++)
                free((void *)(uintptr_t)reading->trials.trial[i].console.data);
        free(reading->trials.trial);
        reading->first += reading->trials.count;
        reading->trials = (struct boot_trials){0};
        memset(reading->judged, 0, sizeof(reading->judged));
        reading->open = false;
}

/* Lines ------------------------------------------------------------------------------------------------------------ */

static int line_run(struct image_reading *reading, const json_t *line)
{
        char mine[24];

        snprintf(mine, sizeof(mine), "0x%016llx", (unsigned long long)catalogue_hash);
        reading->header = true;
        return strcmp(journal_text(line, "catalogue"), mine) == 0 ? 0 : -ESTALE;
}

static int line_image(struct image_reading *reading, const json_t *line)
{
        bool selected[CASE_COUNT] = {false};
        struct subject *subject;
        const json_t *value;
        size_t i;

        subject_close(reading);
        json_array_foreach(json_object_get(line, "cases"), i, value)
        {
                const char *name = json_string_value(value);
                enum case_id id = name ? case_find(name) : CASE_COUNT;

                if (id == CASE_COUNT || (cases[id].stage != STAGE_IMAGE && cases[id].stage != STAGE_STATIC))
                        return -EINVAL;
                selected[id] = true;
        }
        subject = ledger_add_subject(reading->ledger, journal_text(line, "path"), true, selected);
        if (!subject)
                return -ENOMEM;
        free(subject->about);
        subject->about = strdup(journal_text(line, "about"));
        text_copy(reading->trials.marker, sizeof(reading->trials.marker), journal_text(line, "marker"));
        text_copy(reading->trials.none, sizeof(reading->trials.none), journal_text(line, "none"));
        text_copy(reading->trials.no_xen, sizeof(reading->trials.no_xen), journal_text(line, "no-xen"));
        reading->open = true;
        return subject->about && *reading->trials.marker ? 0 : -ENOMEM;
}

static int line_fact(struct image_reading *reading, const json_t *line, bool end)
{
        enum case_id id = case_find(journal_text(line, "case"));
        struct row *row = id == CASE_COUNT ? NULL : subject_row(subject_of(reading), id);
        struct entry entry = {.half = HALF_J, .origin = "image"};

        if (!row)
                return -EINVAL;
        if (end) {
                reading->judged[id]++;
                return 0;
        }
        for (int kind = 1; kind < FACT_KIND_END; kind++)
                if (strcmp(boot_fact_kinds[kind], journal_text(line, "kind")) == 0)
                        entry.fact.kind = kind;
        if (!entry.fact.kind)
                return -EINVAL;
        text_copy(entry.fact.place, sizeof(entry.fact.place), journal_text(line, "place"));
        text_copy(entry.fact.what, sizeof(entry.fact.what), journal_text(line, "what"));
        text_copy(entry.fact.got, sizeof(entry.fact.got), journal_text(line, "got"));
        text_copy(entry.fact.want, sizeof(entry.fact.want), journal_text(line, "want"));
        return row_add(row, &entry) ? 0 : -ENOMEM;
}

static int line_trial(struct image_reading *reading, const json_t *line)
{
        struct boot_trials *trials = &reading->trials;
        struct boot_trial *grown;
        const json_t *value;
        size_t i;

        if (journal_number(line, "trial") != (json_int_t)(reading->first + trials->count) ||
            trials->count == TRIALS_MAX)
                return -EINVAL;
        grown = reallocarray(trials->trial, trials->count + 1, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        trials->trial = grown;
        grown += trials->count++;
        *grown = (struct boot_trial){.rtc = (uint64_t)journal_number(line, "rtc"), .end = TRIAL_BROKEN};
        json_array_foreach(json_object_get(line, "varied"), i, value)
        {
                const char *name = json_string_value(value);
                unsigned bit = name ? trial_vary_find(name) : 0;

                if (!bit)
                        return -EINVAL;
                grown->varied |= bit;
        }
        return 0;
}

/* The console is the evidence: without its bytes, as they were, a trial tells nothing. */
static int console_read(struct image_reading *reading, const json_t *line, json_int_t number, struct boot_trial *trial)
{
        uint32_t crc = (uint32_t)journal_number(line, "file_crc");
        char path[60];

        if (journal_number(line, "console") == 0)
                return 0;
        snprintf(path, sizeof(path), "trial-%lld.log", (long long)number);
        if (journal_read_file(reading->folder, path, BOOT_CONSOLE_MAX, &crc, &trial->console) == 0)
                return 0;
        text_format(trial->how, sizeof(trial->how), "%s: the console output is not what the run recorded", path);
        if (!*reading->lost)
                text_format(reading->lost, sizeof(reading->lost), "%s/%s", reading->folder, trial->how);
        return -EBADMSG;
}

static int line_trial_end(struct image_reading *reading, const json_t *line)
{
        const struct boot_trials *trials = &reading->trials;
        json_int_t number = journal_number(line, "trial"), place = number - (json_int_t)reading->first;
        size_t length = strlen(trials->marker);
        struct boot_trial *trial;

        if (place < 0 || place >= (json_int_t)trials->count || trials->trial[place].over)
                return -EINVAL;
        trial = &trials->trial[place];
        trial->over = true;
        text_copy(trial->how, sizeof(trial->how), journal_text(line, "how"));
        trial->milliseconds = (uint64_t)journal_number(line, "milliseconds");
        if (console_read(reading, line, number, trial))
                return 0;
        if (trial->console.data && memmem(trial->console.data, trial->console.size, trials->marker, length))
                trial->end = TRIAL_REACHED;
        else if (strcmp(journal_text(line, "end"), "failed") == 0)
                trial->end = TRIAL_FAILED;
        return 0;
}

static int line_take(void *context, const json_t *line)
{
        struct image_reading *reading = context;
        const char *event = journal_text(line, "event");

        if (strcmp(event, "image-run") == 0)
                return line_run(reading, line);
        if (!reading->header)
                return -EINVAL;
        if (strcmp(event, "image") == 0)
                return line_image(reading, line);
        if (strcmp(event, "end") == 0)
                return 0;
        if (!reading->open)
                return -EINVAL;
        if (strcmp(event, "image-fact") == 0 || strcmp(event, "image-judged") == 0)
                return line_fact(reading, line, strcmp(event, "image-judged") == 0);
        if (strcmp(event, "trial") == 0)
                return line_trial(reading, line);
        if (strcmp(event, "trial-end") == 0)
                return line_trial_end(reading, line);
        if (strcmp(event, "trial-event") != 0)
                return -EINVAL;
        if (strcmp(journal_text(line, "name"), "version") == 0)
                about_say(subject_of(reading), ", VMM ", journal_text(line, "text"));
        return 0;
}

int image_boot_verdicts(const char *folder, struct ledger *ledger, char *error, size_t error_size)
{
        struct image_reading reading = {.folder = folder, .ledger = ledger};
        int result = journal_read(folder, line_take, &reading, error, error_size);

        if (result == -ESTALE)
                snprintf(error, error_size, "%s: the run was made with another catalogue, expected 0x%016llx", folder,
                         (unsigned long long)catalogue_hash);
        subject_close(&reading);
        if (!result && *reading.lost) {
                result = -EBADMSG;
                snprintf(error, error_size, "%s", reading.lost);
        }
        return result;
}
