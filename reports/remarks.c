/* SPDX-License-Identifier: BSD-2-Clause */
/* The words are chosen once, here, so that no format can say anything else. */
#include "remarks.h"

#include "text.h"
#include "waivers.h"

static void remark_add(struct remarks *remarks, const char *key, const char *text)
{
        if (!text)
                return;
        remarks->remark[remarks->count].key = key;
        remarks->remark[remarks->count++].text = text;
}

/* What the baseline has on the row: a known failure, or a difference. */
static const char *baseline_text(const struct subject *subject, const struct row *row, struct remarks *remarks)
{
        enum difference difference = row_difference(subject, row);

        if (!subject->baseline || (difference == DIFFERENCE_NONE && !row->expected.listed))
                return NULL;
        text_format(remarks->baseline, sizeof(remarks->baseline), "%s%sexpected %s%s%s", difference_name(difference),
                    difference == DIFFERENCE_NONE ? "" : " than the baseline: ", verdict_name(row->expected.verdict),
                    row->expected.listed ? ": " : "", row->expected.reason);
        return remarks->baseline;
}

void row_remark(const struct ledger *ledger, const struct subject *subject, const struct row *row, struct remarks *ret)
{
        ret->count = 0;
        if (row->verdict == VERDICT_FAIL)
                remark_add(ret, "level_source", case_level_source(row->id, ledger->profile, ledger->overlays));
        remark_add(ret, "ruling", row_ruling(row));
        remark_add(ret, "stand_in", row->stand_in);
        remark_add(ret, "baseline", baseline_text(subject, row, ret));
}

void baseline_write(const struct subject *subject, FILE *to)
{
        const char *separator = ": ";
        unsigned differences = 0;

        for (size_t i = 0; i < subject->rows; i++)
                differences += row_difference(subject, &subject->row[i]) != DIFFERENCE_NONE;
        if (differences)
                fprintf(to, "%u %s from the baseline", differences, differences == 1 ? "difference" : "differences");
        else
                fputs("as its baseline says", to);
        for (size_t i = 0; i < subject->rows; i++) {
                const struct row *row = &subject->row[i];
                enum difference difference = row_difference(subject, row);

                if (difference == DIFFERENCE_NONE)
                        continue;
                fprintf(to, "%s%s %s, expected %s (%s)", separator, cases[row->id].name, verdict_name(row->verdict),
                        verdict_name(row->expected.verdict), difference_name(difference));
                separator = "; ";
        }
        if (subject->unjudged)
                fprintf(to, "; %u of the cases that it lists %s not judged", subject->unjudged,
                        subject->unjudged == 1 ? "was" : "were");
}

void waiver_write(const struct waiver *waiver, enum escape how, FILE *to)
{
        escape_write(to, how, waiver->name);
        fputs(" (", to);
        escape_write(to, how, waiver->clause);
        fputs(" on ", to);
        escape_write(to, how, waiver->machine);
        fprintf(to, ", until %s): %s: ", waiver->expires, waiver_state(waiver).text);
        escape_write(to, how, waiver->reason);
}
