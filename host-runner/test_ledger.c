/* SPDX-License-Identifier: BSD-2-Clause */
/* Worst wins, nothing heard is never a pass, and the profile alone decides what a failure means. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ledger.h"

/* The cases used here by their levels in draft2014 and in vmspec-2.0; all bind the image. */
#define MUST CASE_gpt_primary_header          /* MUST, MUST */
#define MUST_TOO CASE_gpt_backup_header       /* MUST, MUST */
#define SHOULD CASE_esp_fat_is_clean          /* SHOULD, SHOULD */
#define LATER_SHOULD CASE_esp_is_only_one     /* ABSENT, SHOULD */
#define LATER_MUST_NOT CASE_no_variable_store /* INFO, MUST NOT */
/* Two cases of one clause that is INFO in draft2014 and MUST in vmspec-2.0 and binds the VM. */
#define BACKED CASE_psci_system_reset
#define BACKS CASE_psci_system_off

struct bench {
        struct ledger ledger;
        struct subject *subject;
        unsigned expected[CASE_COUNT], ended[CASE_COUNT];
};

static struct bench bench_make(enum profile profile, size_t count, const int ids[])
{
        struct bench bench = {.ledger = {.profile = profile}};
        bool selected[CASE_COUNT] = {false};

        for (size_t i = 0; i < count; i++) {
                selected[ids[i]] = true;
                bench.expected[ids[i]] = 1;
                bench.ended[ids[i]] = 1;
        }
        bench.subject = ledger_add_subject(&bench.ledger, "disk.img", true, selected);
        assert_non_null(bench.subject);
        return bench;
}

static void bench_tell(struct bench *bench, int id, enum fact_kind kind, const char *got)
{
        struct entry entry = {.fact = {.kind = kind, .place = "a.c:1", .what = "what", .want = "want"}};

        strncpy(entry.fact.got, got, sizeof(entry.fact.got) - 1);
        assert_true(row_add(subject_row(bench->subject, id), &entry));
}

static const struct row *bench_settle(struct bench *bench, int id)
{
        subject_settle(bench->subject, bench->expected, bench->ended);
        return subject_row(bench->subject, id);
}

/* The verdict of one row that heard these facts. */
static void expect_verdict(size_t count, const enum fact_kind kinds[], unsigned expected, unsigned ended,
                           enum verdict verdict, const char *reason)
{
        struct bench bench = bench_make(PROFILE_VMSPEC_2_0, 1, (const int[]){MUST});
        const struct row *row;

        for (size_t i = 0; i < count; i++)
                bench_tell(&bench, MUST, kinds[i], i == 0 ? "first" : "later");
        bench.expected[MUST] = expected;
        bench.ended[MUST] = ended;
        row = bench_settle(&bench, MUST);
        assert_string_equal(verdict_name(row->verdict), verdict_name(verdict));
        assert_string_equal(row->reason, reason);
        ledger_free(&bench.ledger);
}

#define KINDS(...)                                                                                                     \
        sizeof((const enum fact_kind[]){__VA_ARGS__}) / sizeof(enum fact_kind), (const enum fact_kind[])               \
        {                                                                                                              \
                __VA_ARGS__                                                                                            \
        }

static void test_worst_wins(void **state)
{
        (void)state;
        expect_verdict(KINDS(FACT_PASSED), 1, 1, VERDICT_PASS, "");
        expect_verdict(KINDS(FACT_PASSED, FACT_NOTE), 1, 1, VERDICT_PASS, "");
        expect_verdict(KINDS(FACT_PASSED, FACT_NOT_APPLICABLE), 1, 1, VERDICT_NOT_APPLICABLE, "later");
        expect_verdict(KINDS(FACT_NOT_APPLICABLE, FACT_SKIP), 1, 1, VERDICT_SKIP, "later");
        expect_verdict(KINDS(FACT_SKIP, FACT_NOT_APPLICABLE), 1, 1, VERDICT_SKIP, "first");
        expect_verdict(KINDS(FACT_ERROR, FACT_SKIP, FACT_PASSED), 1, 1, VERDICT_ERROR, "first");
        expect_verdict(KINDS(FACT_FAILED, FACT_ERROR), 1, 1, VERDICT_FAIL, "what: got first, want want");
        expect_verdict(KINDS(FACT_PASSED, FACT_FAILED, FACT_FAILED, FACT_PASSED), 1, 1, VERDICT_FAIL,
                       "what: got later, want want");
}

/* Behind the violent end of a VMM a failure proves nothing; one that came before it stands. */
static void test_doubtful_failure_is_an_error(void **state)
{
        struct bench bench = bench_make(PROFILE_VMSPEC_2_0, 2, (const int[]){MUST, MUST_TOO});
        const struct row *row;

        (void)state;
        bench_tell(&bench, MUST, FACT_FAILED, "first");
        bench_tell(&bench, MUST_TOO, FACT_FAILED, "first");
        bench_tell(&bench, MUST_TOO, FACT_FAILED, "later");
        subject_row(bench.subject, MUST)->entry[0].doubt = DOUBT_CUT;
        subject_row(bench.subject, MUST_TOO)->entry[1].doubt = DOUBT_STARVED;
        row = bench_settle(&bench, MUST);
        assert_int_equal(row->verdict, VERDICT_ERROR);
        assert_string_equal(row->reason, "the VMM was ended from outside before: what: got first, want want");
        row = subject_row(bench.subject, MUST_TOO);
        assert_int_equal(row->verdict, VERDICT_FAIL);
        assert_string_equal(row->reason, "what: got first, want want");
        ledger_free(&bench.ledger);
}

static void test_nothing_heard_is_never_a_pass(void **state)
{
        (void)state;
        expect_verdict(0, NULL, 1, 0, VERDICT_ERROR, "nothing was heard of the case");
        expect_verdict(0, NULL, 0, 0, VERDICT_ERROR, "the case was never planned");
        expect_verdict(KINDS(FACT_PASSED), 0, 0, VERDICT_ERROR, "the case was never planned");
        expect_verdict(0, NULL, 1, 1, VERDICT_ERROR, "the case ended without a single check");
        expect_verdict(KINDS(FACT_NOTE), 1, 1, VERDICT_ERROR, "the case ended without a single check");
        expect_verdict(KINDS(FACT_PASSED), 2, 1, VERDICT_ERROR, "the case was not heard to its end");
        expect_verdict(KINDS(FACT_SKIP), 2, 1, VERDICT_ERROR, "the case was not heard to its end");
        expect_verdict(KINDS(FACT_FAILED), 2, 1, VERDICT_FAIL, "what: got first, want want");
}

static void test_the_runner_may_skip_without_a_guest(void **state)
{
        (void)state;
        expect_verdict(KINDS(FACT_NOT_APPLICABLE), 0, 0, VERDICT_NOT_APPLICABLE, "first");
        expect_verdict(KINDS(FACT_SKIP), 0, 0, VERDICT_SKIP, "first");
        expect_verdict(KINDS(FACT_ERROR), 0, 0, VERDICT_ERROR, "first");
}

static void test_a_skip_needs_a_reason(void **state)
{
        struct bench bench = bench_make(PROFILE_VMSPEC_2_0, 2, (const int[]){MUST, MUST_TOO});

        (void)state;
        bench_tell(&bench, MUST, FACT_SKIP, "");
        bench_tell(&bench, MUST_TOO, FACT_NOT_APPLICABLE, "");
        assert_int_equal(bench_settle(&bench, MUST)->verdict, VERDICT_ERROR);
        assert_int_equal(bench_settle(&bench, MUST_TOO)->verdict, VERDICT_ERROR);
        ledger_free(&bench.ledger);
}

static void test_rows_are_the_selected_cases_in_order(void **state)
{
        struct bench bench = bench_make(PROFILE_VMSPEC_2_0, 2, (const int[]){SHOULD, MUST});

        (void)state;
        assert_int_equal(bench.subject->rows, 2);
        assert_int_equal(bench.subject->row[0].id, MUST);
        assert_int_equal(bench.subject->row[1].id, SHOULD);
        assert_null(subject_row(bench.subject, MUST_TOO));
        for (int i = 0; i < 100; i++)
                bench_tell(&bench, MUST, FACT_PASSED, i == 99 ? "last" : "");
        assert_int_equal(subject_row(bench.subject, MUST)->entries, 100);
        assert_string_equal(subject_row(bench.subject, MUST)->entry[99].fact.got, "last");
        ledger_free(&bench.ledger);
        assert_int_equal(bench.ledger.subjects, 0);
}

static void test_the_profile_decides_what_a_failure_is_shown_as(void **state)
{
        static const int ids[] = {MUST, SHOULD, LATER_SHOULD, LATER_MUST_NOT};
        static const enum shown draft[] = {SHOWN_FAIL, SHOWN_WARN, SHOWN_INFO, SHOWN_INFO};
        static const enum shown v2[] = {SHOWN_FAIL, SHOWN_WARN, SHOWN_WARN, SHOWN_FAIL};
        struct bench bench = bench_make(PROFILE_VMSPEC_2_0, 4, ids);

        (void)state;
        for (size_t i = 0; i < 4; i++)
                bench_tell(&bench, ids[i], FACT_FAILED, "x");
        for (size_t i = 0; i < 4; i++) {
                struct row *row = subject_row(bench.subject, ids[i]);

                (void)bench_settle(&bench, MUST);
                assert_int_equal(row_shown(row, PROFILE_DRAFT2014, 0), draft[i]);
                assert_int_equal(row_shown(row, PROFILE_VMSPEC_2_0, 0), v2[i]);
                row->waived = true;
                assert_int_equal(row_shown(row, PROFILE_VMSPEC_2_0, 0), SHOWN_WAIVED);
        }
        ledger_free(&bench.ledger);
}

static void test_other_verdicts_are_shown_as_they_are(void **state)
{
        static const struct {
                enum verdict verdict;
                enum shown shown;
        } rows[] = {{VERDICT_PASS, SHOWN_PASS},
                    {VERDICT_SKIP, SHOWN_SKIP},
                    {VERDICT_ERROR, SHOWN_ERROR},
                    {VERDICT_NOT_APPLICABLE, SHOWN_NOT_APPLICABLE}};

        (void)state;
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
                for (int waived = 0; waived < 2; waived++) {
                        struct row row = {.id = SHOULD, .verdict = rows[i].verdict, .waived = waived};

                        assert_int_equal(row_shown(&row, PROFILE_VMSPEC_2_0, 0), rows[i].shown);
                        assert_string_equal(shown_name(rows[i].shown), verdict_name(rows[i].verdict));
                }
}

/* One MUST and one SHOULD row with these facts: the image's outcome and the exit status. */
static void expect_outcome(enum fact_kind must, enum fact_kind should, bool waived, enum outcome outcome, int status)
{
        struct bench bench = bench_make(PROFILE_VMSPEC_2_0, 2, (const int[]){MUST, SHOULD});

        bench_tell(&bench, MUST, must, "x");
        bench_tell(&bench, SHOULD, should, "x");
        subject_row(bench.subject, MUST)->waived = waived;
        (void)bench_settle(&bench, MUST);
        assert_string_equal(outcome_name(ledger_outcome(&bench.ledger, PARTY_D, PROFILE_VMSPEC_2_0)),
                            outcome_name(outcome));
        assert_int_equal(ledger_outcome(&bench.ledger, PARTY_V, PROFILE_VMSPEC_2_0), OUTCOME_NOT_JUDGED);
        assert_int_equal(ledger_outcome(&bench.ledger, PARTY_G, PROFILE_VMSPEC_2_0), OUTCOME_NOT_JUDGED);
        assert_int_equal(ledger_exit_status(&bench.ledger), status);
        ledger_free(&bench.ledger);
}

static void test_outcomes_and_exit_statuses(void **state)
{
        (void)state;
        expect_outcome(FACT_PASSED, FACT_PASSED, false, OUTCOME_CONFORMANT, 0);
        expect_outcome(FACT_NOT_APPLICABLE, FACT_PASSED, false, OUTCOME_CONFORMANT, 0);
        expect_outcome(FACT_PASSED, FACT_FAILED, false, OUTCOME_CONFORMANT, 0);
        expect_outcome(FACT_PASSED, FACT_SKIP, false, OUTCOME_CONFORMANT, 0);
        expect_outcome(FACT_PASSED, FACT_ERROR, false, OUTCOME_CONFORMANT, 3);
        expect_outcome(FACT_SKIP, FACT_PASSED, false, OUTCOME_INCOMPLETE, 3);
        expect_outcome(FACT_ERROR, FACT_PASSED, false, OUTCOME_INCOMPLETE, 3);
        expect_outcome(FACT_FAILED, FACT_PASSED, false, OUTCOME_NOT_CONFORMANT, 1);
        expect_outcome(FACT_FAILED, FACT_ERROR, false, OUTCOME_NOT_CONFORMANT, 1);
        expect_outcome(FACT_FAILED, FACT_PASSED, true, OUTCOME_CONFORMANT, 0);
        expect_outcome(FACT_SKIP, FACT_PASSED, true, OUTCOME_INCOMPLETE, 3);
        expect_outcome(FACT_ERROR, FACT_PASSED, true, OUTCOME_INCOMPLETE, 3);
}

static void test_outcome_is_over_all_subjects(void **state)
{
        struct bench bench = bench_make(PROFILE_DRAFT2014, 2, (const int[]){MUST, LATER_MUST_NOT});
        bool selected[CASE_COUNT] = {[MUST_TOO] = true};
        struct entry failed = {.fact = {.kind = FACT_FAILED}};
        struct subject *other;

        (void)state;
        bench_tell(&bench, MUST, FACT_PASSED, "x");
        bench_tell(&bench, LATER_MUST_NOT, FACT_FAILED, "x");
        (void)bench_settle(&bench, MUST);
        assert_int_equal(ledger_outcome(&bench.ledger, PARTY_D, PROFILE_DRAFT2014), OUTCOME_CONFORMANT);
        assert_int_equal(ledger_outcome(&bench.ledger, PARTY_D, PROFILE_VMSPEC_2_0), OUTCOME_NOT_CONFORMANT);
        assert_int_equal(ledger_exit_status(&bench.ledger), 0);
        other = ledger_add_subject(&bench.ledger, "other.img", true, selected);
        assert_non_null(other);
        bench.expected[MUST_TOO] = 2;
        subject_settle(other, bench.expected, bench.ended);
        assert_int_equal(ledger_outcome(&bench.ledger, PARTY_D, PROFILE_DRAFT2014), OUTCOME_INCOMPLETE);
        assert_true(row_add(&other->row[0], &failed));
        subject_settle(other, bench.expected, bench.ended);
        assert_int_equal(ledger_outcome(&bench.ledger, PARTY_D, PROFILE_DRAFT2014), OUTCOME_NOT_CONFORMANT);
        assert_int_equal(ledger_exit_status(&bench.ledger), 1);
        ledger_free(&bench.ledger);
}

/* MUST and MUST_TOO bind the same party; the cases of one clause back one another. */
static void test_a_stand_in_alone_is_never_conformant(void **state)
{
        struct bench bench = bench_make(PROFILE_VMSPEC_2_0, 2, (const int[]){BACKED, BACKS});

        (void)state;
        bench_tell(&bench, BACKED, FACT_PASSED, "x");
        bench_tell(&bench, BACKS, FACT_NOT_APPLICABLE, "x");
        subject_row(bench.subject, BACKED)->stand_in = "a substitute";
        assert_true(bench_settle(&bench, BACKED)->unbacked);
        assert_int_equal(ledger_outcome(&bench.ledger, PARTY_V, PROFILE_VMSPEC_2_0), OUTCOME_INCOMPLETE);
        assert_int_equal(ledger_exit_status(&bench.ledger), 3);
        assert_int_equal(ledger_outcome(&bench.ledger, PARTY_V, PROFILE_DRAFT2014), OUTCOME_NOT_JUDGED);
        subject_row(bench.subject, BACKS)->entries = 0;
        bench_tell(&bench, BACKS, FACT_PASSED, "x");
        assert_false(bench_settle(&bench, BACKED)->unbacked);
        assert_int_equal(ledger_outcome(&bench.ledger, PARTY_V, PROFILE_VMSPEC_2_0), OUTCOME_CONFORMANT);
        subject_row(bench.subject, BACKS)->stand_in = "another substitute";
        assert_true(bench_settle(&bench, BACKED)->unbacked);
        bench_tell(&bench, BACKED, FACT_FAILED, "x");
        assert_false(bench_settle(&bench, BACKED)->unbacked);
        assert_int_equal(ledger_outcome(&bench.ledger, PARTY_V, PROFILE_VMSPEC_2_0), OUTCOME_NOT_CONFORMANT);
        ledger_free(&bench.ledger);
}

static void test_an_overlay_decides_too(void **state)
{
        static const unsigned ebbr = 1u << OVERLAY_EBBR;
        struct bench bench = bench_make(PROFILE_DRAFT2014, 2, (const int[]){CASE_mbr_is_not_hybrid, SHOULD});

        (void)state;
        bench_tell(&bench, CASE_mbr_is_not_hybrid, FACT_FAILED, "x");
        bench_tell(&bench, SHOULD, FACT_PASSED, "x");
        assert_int_equal(row_shown(bench_settle(&bench, CASE_mbr_is_not_hybrid), PROFILE_DRAFT2014, 0), SHOWN_WARN);
        assert_int_equal(ledger_exit_status(&bench.ledger), 0);
        bench.ledger.overlays = ebbr;
        assert_int_equal(row_shown(subject_row(bench.subject, CASE_mbr_is_not_hybrid), PROFILE_DRAFT2014, ebbr),
                         SHOWN_FAIL);
        assert_int_equal(ledger_exit_status(&bench.ledger), 1);
        ledger_free(&bench.ledger);
}

static void test_a_ruling_stands_by_what_it_decides(void **state)
{
        struct row row = {.id = CASE_hardware_is_described, .verdict = VERDICT_PASS};

        (void)state;
        assert_non_null(row_ruling(&row));
        row.verdict = VERDICT_ERROR;
        assert_null(row_ruling(&row));
        row = (struct row){.id = CASE_var_success_is_kept, .verdict = VERDICT_PASS};
        assert_null(row_ruling(&row));
        row.verdict = VERDICT_FAIL;
        assert_non_null(strstr(row_ruling(&row), "uefi24a-strict"));
        row = (struct row){.id = CASE_acpi_is_offered, .verdict = VERDICT_NOT_APPLICABLE};
        assert_non_null(strstr(row_ruling(&row), "AArch32"));
}

static void test_differences_from_the_baseline(void **state)
{
        static const enum verdict P = VERDICT_PASS, N = VERDICT_NOT_APPLICABLE, S = VERDICT_SKIP, E = VERDICT_ERROR,
                                  F = VERDICT_FAIL;
        const struct {
                bool listed;
                enum verdict expected, got;
                enum difference difference;
        } rows[] = {
                {false, P, P, DIFFERENCE_NONE},  {false, P, N, DIFFERENCE_NONE},  {false, P, S, DIFFERENCE_WORSE},
                {false, P, E, DIFFERENCE_WORSE}, {false, P, F, DIFFERENCE_WORSE}, {true, F, F, DIFFERENCE_NONE},
                {true, F, P, DIFFERENCE_BETTER}, {true, F, N, DIFFERENCE_BETTER}, {true, F, E, DIFFERENCE_WORSE},
                {true, F, S, DIFFERENCE_WORSE},  {true, S, S, DIFFERENCE_NONE},   {true, S, F, DIFFERENCE_WORSE},
                {true, S, P, DIFFERENCE_BETTER}, {true, N, P, DIFFERENCE_BETTER}, {true, P, N, DIFFERENCE_WORSE},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                struct subject subject = {.baseline = true};
                struct row row = {.verdict = rows[i].got, .expected = {rows[i].listed, rows[i].expected, "known"}};

                assert_int_equal(row_difference(&subject, &row), rows[i].difference);
                subject.baseline = false;
                assert_int_equal(row_difference(&subject, &row), DIFFERENCE_NONE);
        }
}

static void test_a_run_of_nothing_is_incomplete(void **state)
{
        struct ledger none = {.profile = PROFILE_VMSPEC_2_0};
        struct bench bench = bench_make(PROFILE_VMSPEC_2_0, 0, NULL);

        (void)state;
        assert_int_equal(ledger_exit_status(&none), 3);
        assert_int_equal(ledger_exit_status(&bench.ledger), 3);
        assert_int_equal(ledger_outcome(&bench.ledger, PARTY_D, PROFILE_VMSPEC_2_0), OUTCOME_NOT_JUDGED);
        ledger_free(&bench.ledger);
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_worst_wins),
                cmocka_unit_test(test_doubtful_failure_is_an_error),
                cmocka_unit_test(test_nothing_heard_is_never_a_pass),
                cmocka_unit_test(test_the_runner_may_skip_without_a_guest),
                cmocka_unit_test(test_a_skip_needs_a_reason),
                cmocka_unit_test(test_rows_are_the_selected_cases_in_order),
                cmocka_unit_test(test_the_profile_decides_what_a_failure_is_shown_as),
                cmocka_unit_test(test_other_verdicts_are_shown_as_they_are),
                cmocka_unit_test(test_outcomes_and_exit_statuses),
                cmocka_unit_test(test_outcome_is_over_all_subjects),
                cmocka_unit_test(test_a_stand_in_alone_is_never_conformant),
                cmocka_unit_test(test_an_overlay_decides_too),
                cmocka_unit_test(test_a_ruling_stands_by_what_it_decides),
                cmocka_unit_test(test_differences_from_the_baseline),
                cmocka_unit_test(test_a_run_of_nothing_is_incomplete),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
