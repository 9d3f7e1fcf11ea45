/* SPDX-License-Identifier: BSD-2-Clause */
/* A person at a terminal sees one aligned line per row, the reason under every row that did not pass, and the end. */
#include "writers.h"

#include <inttypes.h>
#include <string.h>

#include "escape.h"
#include "remarks.h"
#include "summary.h"

static int names_width(const struct ledger *ledger)
{
        size_t width = 0;

        for (size_t s = 0; s < ledger->subjects; s++)
                for (size_t i = 0; i < ledger->subject[s].rows; i++) {
                        size_t length = strlen(cases[ledger->subject[s].row[i].id].name);

                        width = length > width ? length : width;
                }
        return (int)width;
}

static void line_write(const char *key, const char *text, FILE *to)
{
        fprintf(to, "%16s%s%s", "", key, *key ? ": " : "");
        escape_write(to, ESCAPE_PLAIN, text);
        fputc('\n', to);
}

static void reason_write(const struct ledger *ledger, const struct subject *subject, const struct row *row, FILE *to)
{
        struct remarks remarks;

        if (row->verdict != VERDICT_PASS)
                line_write("", row->reason, to);
        if (row->waived)
                line_write("waived", row->waiver, to);
        row_remark(ledger, subject, row, &remarks);
        for (size_t i = 0; i < remarks.count; i++)
                line_write(remarks.remark[i].key, remarks.remark[i].text, to);
}

static void subject_write(const struct ledger *ledger, const struct subject *subject, int width, FILE *to)
{
        fputs(subject->image ? "Image " : "Machine ", to);
        escape_write(to, ESCAPE_PLAIN, subject->name);
        if (subject->about[0])
                fputs(": ", to);
        escape_write(to, ESCAPE_PLAIN, subject->about);
        fputs("\n\n", to);
        for (size_t i = 0; i < subject->rows; i++) {
                const struct row *row = &subject->row[i];
                const struct test_case *test = &cases[row->id];
                enum shown shown = row_shown(row, ledger->profile, ledger->overlays);

                fprintf(to, "%-14s  %-7s  %-*s  ", shown_name(shown), clause_print_name(test->clause).text, width,
                        test->name);
                escape_write(to, ESCAPE_PLAIN, test->claim);
                fputc('\n', to);
                reason_write(ledger, subject, row, to);
        }
        fputc('\n', to);
}

static void counts_write(const struct ledger *ledger, const char *prefix, FILE *to)
{
        unsigned counts[SUMMARY_SHOWN] = {0};
        const char *separator = ": ";

        for (size_t s = 0; s < ledger->subjects; s++)
                summary_count(ledger, &ledger->subject[s], counts);
        fprintf(to, "%sprofile %s, %zu rows", prefix, profile_name(ledger->profile), summary_rows(ledger));
        for (int shown = 0; shown < SUMMARY_SHOWN; shown++) {
                if (counts[shown] == 0)
                        continue;
                fprintf(to, "%s%u %s", separator, counts[shown], shown_name(shown));
                separator = ", ";
        }
        fputc('\n', to);
}

/* The outcome of a party and the clauses that decide it. */
static void outcome_write(const struct ledger *ledger, enum profile profile, const struct summary_party *party,
                          FILE *to)
{
        const char *separator = ": ";
        const char *by;

        fprintf(to, "%s, %s: %s", profile_name(profile), party->name,
                outcome_name(ledger_outcome(ledger, party->party, profile)));
        for (int clause = 0; clause < CLAUSE_COUNT; clause++) {
                if (!summary_decides(ledger, clause, party->party, profile, &by))
                        continue;
                fprintf(to, "%s%s %s", separator, clause_print_name(clause).text, by);
                separator = ", ";
        }
}

static void party_write(const struct ledger *ledger, enum profile profile, const struct summary_party *party,
                        const char *prefix, FILE *to)
{
        fprintf(to, "%s  ", prefix);
        outcome_write(ledger, profile, party, to);
        fprintf(to, " (MUST not covered: %u, not run: %u)\n",
                summary_clauses(ledger, party->party, profile, summary_not_covered),
                summary_clauses(ledger, party->party, profile, summary_not_run));
}

/* Where there are several machines or images, each one's outcome for the parties that it was judged for. */
static void subjects_write(const struct ledger *ledger, const char *prefix, enum escape how, FILE *to)
{
        for (size_t s = 0; ledger->subjects > 1 && s < ledger->subjects; s++) {
                struct ledger alone = summary_alone(ledger, s);

                fprintf(to, "%s", prefix);
                escape_write(to, how, ledger->subject[s].name);
                fputs("\n", to);
                for (int profile = 0; profile < PROFILE_COUNT; profile++)
                        for (int p = 0; p < SUMMARY_PARTIES; p++) {
                                if (ledger_outcome(&alone, summary_parties[p].party, profile) == OUTCOME_NOT_JUDGED)
                                        continue;
                                fprintf(to, "%s  ", prefix);
                                outcome_write(&alone, profile, &summary_parties[p], to);
                                fputc('\n', to);
                        }
        }
}

/* What the run was held against besides the profile: the machines' baselines and the user's waivers. */
static void expectations_write(const struct ledger *ledger, const char *prefix, enum escape how, FILE *to)
{
        for (size_t s = 0; s < ledger->subjects; s++) {
                if (!ledger->subject[s].baseline)
                        continue;
                fputs(prefix, to);
                escape_write(to, how, ledger->subject[s].name);
                fputs(": ", to);
                baseline_write(&ledger->subject[s], to);
                fputc('\n', to);
        }
        for (size_t i = 0; i < ledger->waivers; i++) {
                const struct waiver *waiver = &ledger->waiver[i];

                fprintf(to, "%swaiver ", prefix);
                waiver_write(waiver, how, to);
                fputc('\n', to);
        }
}

void report_summary(const struct ledger *ledger, const char *prefix, enum escape how, FILE *to)
{
        fprintf(to, "%svmspec %s, catalogue %016" PRIx64, prefix, VMSPEC_VERSION, catalogue_hash);
        for (int overlay = OVERLAY_CORE + 1; overlay < OVERLAY_COUNT; overlay++)
                if (ledger->overlays & 1u << overlay)
                        fprintf(to, ", overlay %s", overlay_name(overlay));
        fputc('\n', to);
        subjects_write(ledger, prefix, how, to);
        counts_write(ledger, prefix, to);
        for (int profile = 0; profile < PROFILE_COUNT; profile++)
                for (int p = 0; p < SUMMARY_PARTIES; p++)
                        party_write(ledger, profile, &summary_parties[p], prefix, to);
        expectations_write(ledger, prefix, how, to);
        fprintf(to, "%sexit status %d\n", prefix, ledger_exit_status(ledger));
}

int report_text(const struct ledger *ledger, FILE *to)
{
        int width = names_width(ledger);

        for (size_t s = 0; s < ledger->subjects; s++)
                subject_write(ledger, &ledger->subject[s], width, to);
        report_summary(ledger, "", ESCAPE_PLAIN, to);
        return 0;
}
