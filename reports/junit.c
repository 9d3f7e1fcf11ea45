/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * JUnit XML by which a CI fails exactly where a MUST was broken or the suite itself failed.
 *
 * One testsuite per subject; testcase name is the case id, classname is "<group>.<clause>" ("IMG.IMG-05"): both stay
 * the same from run to run. FAIL is a failure and ERROR an error; SKIP, NOT-APPLICABLE and WAIVED are skipped, with
 * the reason; WARN and INFO pass, and system-out says what was not met.
 */
#include "writers.h"

#include <inttypes.h>
#include <string.h>

#include "escape.h"
#include "remarks.h"
#include "summary.h"

struct tally {
        size_t tests;
        unsigned failures, errors, skipped;
};

static void attribute_write(FILE *to, const char *name, const char *value)
{
        fprintf(to, " %s=\"", name);
        escape_write(to, ESCAPE_XML, value);
        fputc('"', to);
}

static void remarks_write(const struct remarks *remarks, FILE *to)
{
        for (size_t i = 0; i < remarks->count; i++) {
                fprintf(to, "%s: ", remarks->remark[i].key);
                escape_write(to, ESCAPE_XML, remarks->remark[i].text);
                fputc('\n', to);
        }
}

static void facts_write(const struct row *row, const struct remarks *remarks, FILE *to)
{
        remarks_write(remarks, to);
        for (size_t i = 0; i < row->entries; i++) {
                const struct fact *fact = &row->entry[i].fact;

                if (fact->kind == FACT_PASSED)
                        continue;
                escape_write(to, ESCAPE_XML, fact->place);
                fputs(fact->kind == FACT_NOTE ? " note " : " ", to);
                escape_write(to, ESCAPE_XML, fact->what);
                fputs(": got ", to);
                escape_write(to, ESCAPE_XML, fact->got);
                if (fact->kind == FACT_FAILED)
                        fputs(", want ", to);
                escape_write(to, ESCAPE_XML, fact->want);
                fputc('\n', to);
        }
}

static void element_write(const struct row *row, const struct remarks *remarks, const char *element, const char *type,
                          const char *lead, const char *message, FILE *to)
{
        fprintf(to, "      <%s", element);
        if (type)
                attribute_write(to, "type", type);
        fprintf(to, " message=\"%s", lead);
        escape_write(to, ESCAPE_XML, message);
        fputs("\">", to);
        facts_write(row, remarks, to);
        fprintf(to, "</%s>\n", element);
}

static void system_out_write(const struct row *row, const struct remarks *remarks, enum shown shown, const char *level,
                             FILE *to)
{
        fprintf(to, "      <system-out>%s %s: ", shown_name(shown), level);
        escape_write(to, ESCAPE_XML, row->reason);
        fputc('\n', to);
        facts_write(row, remarks, to);
        fputs("</system-out>\n", to);
}

static void testcase_write(const struct ledger *ledger, const struct subject *subject, const struct row *row, FILE *to)
{
        const struct test_case *test = &cases[row->id];
        struct clause_name clause = clause_print_name(test->clause);
        const char *level = level_name(case_level(row->id, ledger->profile, ledger->overlays));
        enum shown shown = row_shown(row, ledger->profile, ledger->overlays);
        struct remarks remarks;

        row_remark(ledger, subject, row, &remarks);
        fprintf(to, "    <testcase classname=\"%.*s.%s\" name=\"%s\"", (int)strcspn(clause.text, "-"), clause.text,
                clause.text, test->name);
        fputs(shown == SHOWN_PASS && !remarks.count ? "/>\n" : ">\n", to);
        switch (shown) {
        case SHOWN_PASS:
                if (!remarks.count)
                        return;
                fputs("      <system-out>", to);
                remarks_write(&remarks, to);
                fputs("</system-out>\n", to);
                break;
        case SHOWN_FAIL:
                element_write(row, &remarks, "failure", level, "", row->reason, to);
                break;
        case SHOWN_ERROR:
                element_write(row, &remarks, "error", "ERROR", "", row->reason, to);
                break;
        case SHOWN_SKIP:
                element_write(row, &remarks, "skipped", NULL, "", row->reason, to);
                break;
        case SHOWN_NOT_APPLICABLE:
                element_write(row, &remarks, "skipped", NULL, "not applicable: ", row->reason, to);
                break;
        case SHOWN_WAIVED:
                element_write(row, &remarks, "skipped", NULL, "waived: ", row->waiver, to);
                break;
        case SHOWN_WARN:
        case SHOWN_INFO:
                system_out_write(row, &remarks, shown, level, to);
                break;
        }
        fputs("    </testcase>\n", to);
}

static struct tally subject_tally(const struct ledger *ledger, const struct subject *subject)
{
        unsigned counts[SUMMARY_SHOWN] = {0};

        summary_count(ledger, subject, counts);
        return (struct tally){
                .tests = subject->rows,
                .failures = counts[SHOWN_FAIL],
                .errors = counts[SHOWN_ERROR],
                .skipped = counts[SHOWN_SKIP] + counts[SHOWN_NOT_APPLICABLE] + counts[SHOWN_WAIVED],
        };
}

static void tally_write(const struct tally *tally, FILE *to)
{
        fprintf(to, " tests=\"%zu\" failures=\"%u\" errors=\"%u\" skipped=\"%u\"", tally->tests, tally->failures,
                tally->errors, tally->skipped);
}

static void property_write(FILE *to, const char *name, const char *value)
{
        fputs("      <property", to);
        attribute_write(to, "name", name);
        attribute_write(to, "value", value);
        fputs("/>\n", to);
}

/* What the run was held against besides the profile. */
static void expectations_write(const struct ledger *ledger, const struct subject *subject, FILE *to)
{
        if (subject->baseline) {
                fputs("      <property name=\"baseline\" value=\"", to);
                baseline_write(subject, to);
                fputs("\"/>\n", to);
        }
        for (size_t i = 0; i < ledger->waivers; i++) {
                fputs("      <property name=\"waiver\" value=\"", to);
                waiver_write(&ledger->waiver[i], ESCAPE_XML, to);
                fputs("\"/>\n", to);
        }
}

static void subject_write(const struct ledger *ledger, size_t index, FILE *to)
{
        const struct subject *subject = &ledger->subject[index];
        struct ledger alone = summary_alone(ledger, index);
        struct tally tally = subject_tally(ledger, subject);
        char hash[17];

        snprintf(hash, sizeof(hash), "%016" PRIx64, catalogue_hash);
        fputs("  <testsuite", to);
        attribute_write(to, "name", subject->name);
        tally_write(&tally, to);
        fputs(">\n    <properties>\n", to);
        property_write(to, "vmspec", VMSPEC_VERSION);
        property_write(to, "catalogue", hash);
        property_write(to, "profile", profile_name(ledger->profile));
        property_write(to, subject->image ? "image" : "machine", subject->about);
        expectations_write(ledger, subject, to);
        fputs("    </properties>\n", to);
        for (size_t i = 0; i < subject->rows; i++)
                testcase_write(ledger, subject, &subject->row[i], to);
        fputs("    <system-out>", to);
        report_summary(&alone, "", ESCAPE_XML, to);
        fputs("</system-out>\n  </testsuite>\n", to);
}

int report_junit(const struct ledger *ledger, FILE *to)
{
        struct tally all = {0};

        for (size_t s = 0; s < ledger->subjects; s++) {
                struct tally tally = subject_tally(ledger, &ledger->subject[s]);

                all.tests += tally.tests;
                all.failures += tally.failures;
                all.errors += tally.errors;
                all.skipped += tally.skipped;
        }
        fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"vmspec\"", to);
        tally_write(&all, to);
        fputs(">\n", to);
        for (size_t s = 0; s < ledger->subjects; s++)
                subject_write(ledger, s, to);
        fputs("</testsuites>\n", to);
        return 0;
}
