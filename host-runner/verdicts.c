/* SPDX-License-Identifier: BSD-2-Clause */
/* Every verdict follows from the journal alone, so a replay cannot differ from the run. */
#include "verdicts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image_boot.h"
#include "journal.h"
#include "text.h"
#include "verdicts_private.h"

/* Facts into rows -------------------------------------------------------------------------------------------------- */

struct subject *lane_subject(struct reading *reading, const struct lane_record *lane)
{
        return &reading->ledger->subject[lane->subject];
}

void fact_add(struct row *row, const struct fact *fact, unsigned part, unsigned half, const char *origin)
{
        struct entry entry = {.fact = *fact,
                              .part = (uint8_t)part,
                              .half = (uint8_t)half,
                              .doubt = row->cut ? DOUBT_CUT : DOUBT_NONE};

        text_copy(entry.origin, sizeof(entry.origin), origin);
        (void)row_add(row, &entry);
}

void error_add(struct row *row, const char *place, const char *text)
{
        struct fact fact = {.kind = FACT_ERROR};

        text_copy(fact.place, sizeof(fact.place), place);
        text_copy(fact.got, sizeof(fact.got), text);
        fact_add(row, &fact, 0, 0, "host");
}

/* The whole ------------------------------------------------------------------------------------------------------- */

struct lane_record *reading_lane(const struct reading *reading, long number)
{
        return number >= 0 && number < RUN_LANES ? reading->lane[number] : NULL;
}

static void lane_record_free(struct lane_record *lane)
{
        if (!lane)
                return;
        free(lane->part);
        free(lane->history.event);
        free((void *)(uintptr_t)lane->history.console.data);
        for (size_t s = 0; lane->start && s < STARTS; s++)
                for (size_t k = 0; k < EVIDENCE_COUNT; k++)
                        free((void *)(uintptr_t)lane->start[s].evidence[k].data);
        free(lane->start);
        free(lane);
}

static void lanes_free(struct reading *reading)
{
        for (unsigned i = 0; i < reading->lanes; i++)
                lane_record_free(reading->lane[i]);
}

static unsigned units_count(unsigned units)
{
        unsigned count = 0;

        for (; units; units &= units - 1)
                count++;
        return count;
}

/* Settles the rows of one subject by what was due of it and what came to its end. */
static void subject_close(struct reading *reading, size_t subject)
{
        unsigned expected[CASE_COUNT] = {0}, ended[CASE_COUNT] = {0};

        for (unsigned number = 0; number < reading->lanes; number++) {
                const struct lane_record *lane = reading->lane[number];

                for (size_t i = 0; lane && lane->subject == subject && i < lane->parts; i++) {
                        expected[lane->part[i].id] += units_count(lane->part[i].due);
                        ended[lane->part[i].id] += units_count(lane->part[i].due & lane->part[i].ended);
                }
        }
        subject_settle(&reading->ledger->subject[subject], expected, ended);
}

int verdicts_read(const char *folder, struct ledger *ledger, char *error, size_t error_size)
{
        struct reading reading = {.folder = folder, .ledger = ledger, .first = ledger->subjects};
        int result;

        snprintf(error, error_size, "out of memory");
        result = journal_read(folder, verdicts_line_void, &reading, error, error_size);
        if (!result || result == -EBADMSG)
                result = journal_read(folder, verdicts_line_take, &reading, error, error_size);
        if (result == -EXDEV) { /* a folder of images that were booted, not of machines */
                lanes_free(&reading);
                return image_boot_verdicts(folder, ledger, error, error_size);
        }
        if (result == -ESTALE)
                snprintf(error, error_size, "%s: the run was made with another catalogue, expected 0x%016llx", folder,
                         (unsigned long long)catalogue_hash);
        if (!result || result == -EBADMSG) {
                for (unsigned i = 0; i < reading.lanes; i++)
                        if (reading.lane[i])
                                lane_judge(&reading, reading.lane[i], i);
                for (size_t s = reading.first; s < ledger->subjects; s++)
                        subject_close(&reading, s);
        }
        if (!result && *reading.lost) {
                result = -EBADMSG;
                snprintf(error, error_size, "%s/%s", folder, reading.lost);
        }
        lanes_free(&reading);
        return result;
}
