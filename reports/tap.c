/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TAP 13 that prove accepts: the plan first, one point per row, and only a broken MUST or an ERROR fails the stream.
 *
 * What is not met but does not break conformance (WARN, INFO, WAIVED) is "not ok ... # TODO", which a harness shows
 * and lets pass. SKIP and NOT-APPLICABLE are "ok ... # SKIP" with the reason. Where nothing was selected the stream
 * bails out, because an empty plan would count as a success.
 */
#include "writers.h"

#include "escape.h"
#include "remarks.h"
#include "summary.h"

enum { FAILURES_MAX = 16, NOTES_MAX = 16 };

static void directive_write(const struct ledger *ledger, const struct row *row, enum shown shown, FILE *to)
{
        enum level level = case_level(row->id, ledger->profile, ledger->overlays);
        const char *why = shown == SHOWN_WAIVED ? row->waiver : row->reason;

        switch (shown) {
        case SHOWN_PASS:
        case SHOWN_FAIL:
        case SHOWN_ERROR:
                return;
        case SHOWN_WARN:
                fprintf(to, " # TODO %s: ", level_name(level));
                break;
        case SHOWN_INFO:
                if (level == LEVEL_ABSENT)
                        fprintf(to, " # TODO INFO: not asked by %s: ", profile_name(ledger->profile));
                else
                        fprintf(to, " # TODO INFO: %s in %s: ", level_name(level), profile_name(ledger->profile));
                break;
        case SHOWN_WAIVED:
                fputs(" # TODO waived: ", to);
                break;
        case SHOWN_SKIP:
                fputs(" # SKIP ", to);
                break;
        case SHOWN_NOT_APPLICABLE:
                fputs(" # SKIP not applicable: ", to);
                break;
        }
        escape_write(to, ESCAPE_TAP, why);
}

static void yaml_line(FILE *to, const char *lead, const char *key, const char *value)
{
        fprintf(to, "  %s%s: \"", lead, key);
        escape_write(to, ESCAPE_YAML, value);
        fputs("\"\n", to);
}

static void failures_write(const struct row *row, FILE *to)
{
        unsigned count = 0;

        for (size_t i = 0; i < row->entries; i++) {
                const struct entry *entry = &row->entry[i];

                if (entry->fact.kind != FACT_FAILED || count++ >= FAILURES_MAX)
                        continue;
                if (count == 1)
                        fputs("  failed:\n", to);
                yaml_line(to, "  - ", "place", entry->fact.place);
                yaml_line(to, "    ", "what", entry->fact.what);
                yaml_line(to, "    ", "got", entry->fact.got);
                yaml_line(to, "    ", "want", entry->fact.want);
                if (entry->origin[0])
                        yaml_line(to, "    ", "origin", entry->origin);
        }
        if (count > FAILURES_MAX)
                fprintf(to, "  more_failed: %u\n", count - FAILURES_MAX);
}

static void notes_write(const struct row *row, FILE *to)
{
        unsigned count = 0;

        for (size_t i = 0; i < row->entries; i++) {
                const struct fact *fact = &row->entry[i].fact;

                if (fact->kind != FACT_NOTE || count++ >= NOTES_MAX)
                        continue;
                if (count == 1)
                        fputs("  notes:\n", to);
                yaml_line(to, "  - ", "name", fact->what);
                yaml_line(to, "    ", "value", fact->got);
        }
        if (count > NOTES_MAX)
                fprintf(to, "  more_notes: %u\n", count - NOTES_MAX);
}

static void diagnostics_write(const struct ledger *ledger, const struct subject *subject, const struct row *row,
                              const struct remarks *remarks, FILE *to)
{
        enum clause_id clause = cases[row->id].clause;

        fputs("  ---\n", to);
        yaml_line(to, "", "clause", clause_print_name(clause).text);
        yaml_line(to, "", "level", level_name(case_level(row->id, ledger->profile, ledger->overlays)));
        yaml_line(to, "", "verdict", verdict_name(row->verdict));
        yaml_line(to, "", subject->image ? "image" : "machine", subject->name);
        if (*row->reason)
                yaml_line(to, "", "reason", row->reason);
        if (row->waived)
                yaml_line(to, "", "waiver", row->waiver);
        for (size_t i = 0; i < remarks->count; i++)
                yaml_line(to, "", remarks->remark[i].key, remarks->remark[i].text);
        failures_write(row, to);
        notes_write(row, to);
        fputs("  ...\n", to);
}

static void point_write(const struct ledger *ledger, const struct subject *subject, const struct row *row,
                        size_t number, FILE *to)
{
        static const bool ok[SUMMARY_SHOWN] = {[SHOWN_PASS] = true, [SHOWN_SKIP] = true, [SHOWN_NOT_APPLICABLE] = true};
        enum shown shown = row_shown(row, ledger->profile, ledger->overlays);
        const struct test_case *test = &cases[row->id];
        struct remarks remarks;

        row_remark(ledger, subject, row, &remarks);
        fprintf(to, "%s %zu - %s %s: ", ok[shown] ? "ok" : "not ok", number, clause_print_name(test->clause).text,
                test->name);
        escape_write(to, ESCAPE_TAP, test->claim);
        if (ledger->subjects > 1) {
                fputs(" [", to);
                escape_write(to, ESCAPE_TAP, subject->name);
                fputc(']', to);
        }
        directive_write(ledger, row, shown, to);
        fputc('\n', to);
        if (shown != SHOWN_PASS || remarks.count)
                diagnostics_write(ledger, subject, row, &remarks, to);
}

int report_tap(const struct ledger *ledger, FILE *to)
{
        size_t number = 0;

        fprintf(to, "TAP version 13\n1..%zu\n", summary_rows(ledger));
        for (size_t s = 0; s < ledger->subjects; s++) {
                const struct subject *subject = &ledger->subject[s];

                for (size_t i = 0; i < subject->rows; i++)
                        point_write(ledger, subject, &subject->row[i], ++number, to);
        }
        report_summary(ledger, "# ", ESCAPE_PLAIN, to);
        if (number == 0)
                fputs("Bail out! No case was selected.\n", to);
        return 0;
}
