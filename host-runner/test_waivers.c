/* SPDX-License-Identifier: BSD-2-Clause */
/* A waiver file or a baseline that is wrong in any way is one sentence; one that is right waives what it names alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "baseline.h"
#include "waivers.h"

static char path[] = "/tmp/vmspec-waivers-XXXXXX";

static int file_make(void **state)
{
        int fd = mkstemp(path);

        (void)state;
        return fd < 0 || close(fd);
}

static int file_remove(void **state)
{
        (void)state;
        return unlink(path);
}

static void file_put(const char *text, size_t size)
{
        FILE *to = fopen(path, "we");

        assert_non_null(to);
        assert_int_equal(fwrite(text, 1, size, to), size);
        assert_int_equal(fclose(to), 0);
}

/* What is wrong, as LINE: words; the file's name stands before it, and the sentence is one line. */
static void assert_said(const char *error, const char *words)
{
        char whole[400];

        snprintf(whole, sizeof(whole), "%s%s", path, words);
        if (strncmp(error, whole, strlen(whole)) != 0)
                fail_msg("said \"%s\", not \"%s\"", error, whole);
        for (const char *at = error; *at; at++)
                assert_in_range(*at, 0x20, 0x7e);
}

static void assert_refused(const char *text, size_t size, const char *words)
{
        struct ledger ledger = {0};
        char error[400] = "";

        file_put(text, size);
        assert_true(waivers_read(path, &ledger, error, sizeof(error)) < 0);
        assert_said(error, words);
        ledger_free(&ledger);
}

#define REFUSED(text, words) assert_refused(text, sizeof(text) - 1, words)
#define HEAD "[a]\nclause = VAR-08\nmachine = m\n"

static void test_wrong_files_are_refused(void **state)
{
        enum { LINES = 100001 };
        char *text = malloc(LINES);

        (void)state;
        assert_non_null(text);
        REFUSED(HEAD "reason = r\n", ":2: [a] has no expires: expected clause, machine, reason and expires");
        REFUSED("[a]\nmachine = m\n", ":2: [a] has no clause: expected clause, machine, reason and expires");
        REFUSED(HEAD "expires = 2026-02-29\n", ":4: expires = 2026-02-29: expected a day as YYYY-MM-DD");
        REFUSED(HEAD "expires = 2026-13-01\n", ":4: expires = 2026-13-01: expected a day");
        REFUSED(HEAD "expires = 2026-1-1\n", ":4: expires = 2026-1-1: expected a day");
        REFUSED(HEAD "expires = 2026-10-100\n", ":4: expires = 2026-10-100: expected a day");
        REFUSED(HEAD "expires = +026-10-10\n", ":4: expires = +026-10-10: expected a day");
        REFUSED(HEAD "expires = never\n", ":4: expires = never: expected a day");
        REFUSED(HEAD "expires =\n", ":4: expires = : expected a value");
        REFUSED("[a]\nclause = VAR-99\n", ":2: clause = VAR-99: expected a clause, see vmspec list clauses");
        REFUSED("[a]\nclause = [\n", ":2: clause = [: expected a clause");
        REFUSED(HEAD "colour = red\n", ":4: colour = red: expected clause, machine, reason or expires");
        REFUSED(HEAD "machine = n\n", ":4: machine = n: expected each key once");
        REFUSED("clause = VAR-08\n", ":1: clause = VAR-08: expected a section");
        REFUSED("[a]\nclause = VAR-08\n[b]\nclause = VAR-08\n[a]\nmachine = m\n",
                ":6: section = a: expected each name once");
        REFUSED("[a]\nwords\n", ":2: expected a section or key = value");
        REFUSED("[a\n", ":1: expected a section or key = value");
        REFUSED("[a]\nclause = VAR\0-08\nmachine = m\n", ":2: expected lines shorter than");
        REFUSED("[a]\nclause = \x1b[2J\xff\n", ":2: clause = \\x1b[2J\\xff: expected a clause");
        REFUSED("[aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee]\nclause = *\n",
                ":1: section: expected at most 49");
        memset(text, 'x', 100000);
        memcpy(text, "[a]\nreason = ", 13);
        assert_refused(text, 100000, ":2: expected lines shorter than");
        memset(text, '\n', LINES);
        assert_refused(text, LINES, ":100001: expected at most 100000 lines");
        free(text);
}

static void test_a_file_that_is_not_there(void **state)
{
        struct ledger ledger = {0};
        char error[400] = "";

        (void)state;
        assert_true(waivers_read("/nonexistent/waivers", &ledger, error, sizeof(error)) < 0);
        assert_string_equal(error, "/nonexistent/waivers: cannot be read: No such file or directory");
        assert_true(waivers_read("/", &ledger, error, sizeof(error)) < 0);
        assert_string_equal(error, "/: cannot be read: Input/output error");
        ledger_free(&ledger);
}

static void row_fail(struct subject *subject, enum case_id id)
{
        const struct entry entry = {.fact = {.kind = FACT_FAILED, .what = "w", .got = "g", .want = "x"}};

        assert_true(row_add(subject_row(subject, id), &entry));
}

/* Two machines that fail in a MUST (HWD-01) and in a MUST NOT of v1.0 (VAR-08). */
static void ledger_make(struct ledger *ledger)
{
        bool selected[CASE_COUNT] = {[CASE_hardware_is_described] = true, [CASE_var_not_on_disk] = true};
        unsigned ones[CASE_COUNT];

        *ledger = (struct ledger){.profile = PROFILE_VMSPEC_1_0};
        for (int id = 0; id < CASE_COUNT; id++)
                ones[id] = 1;
        for (int i = 0; i < 2; i++) {
                struct subject *subject = ledger_add_subject(ledger, i ? "m-two" : "m-one", false, selected);

                assert_non_null(subject);
                row_fail(subject, CASE_hardware_is_described);
                row_fail(subject, CASE_var_not_on_disk);
                subject_settle(subject, ones, ones);
        }
}

static const struct row *row_of(const struct ledger *ledger, size_t subject, enum case_id id)
{
        return subject_row(&ledger->subject[subject], id);
}

static void test_a_waiver_waives_what_it_names(void **state)
{
        static const char text[] = "; a comment\n[first]\nclause = VAR-08\nmachine = m-one\nreason = it is known\n"
                                   "expires = 2026-06-30\n[second]\nclause = HWD-*\nmachine = m-*\nreason = so be it\n"
                                   "expires = 2028-02-29\n[third]\nclause = GIC-01\nmachine = *\nreason = nothing\n"
                                   "expires = 2030-01-01\n";
        struct ledger ledger;
        char error[400] = "", *said = NULL;
        size_t size;
        FILE *to = open_memstream(&said, &size);

        (void)state;
        ledger_make(&ledger);
        assert_int_equal(ledger_exit_status(&ledger), 1);
        file_put(text, sizeof(text) - 1);
        assert_int_equal(waivers_read(path, &ledger, error, sizeof(error)), 0);
        waivers_apply(&ledger, "2026-06-30");
        assert_true(row_of(&ledger, 0, CASE_var_not_on_disk)->waived);
        assert_false(row_of(&ledger, 1, CASE_var_not_on_disk)->waived);
        assert_true(row_of(&ledger, 1, CASE_hardware_is_described)->waived);
        assert_string_equal(row_of(&ledger, 0, CASE_var_not_on_disk)->waiver,
                            "it is known (waiver first, until 2026-06-30)");
        assert_int_equal(row_of(&ledger, 0, CASE_var_not_on_disk)->verdict, VERDICT_FAIL);
        assert_int_equal(ledger_exit_status(&ledger), 1);
        assert_string_equal(waiver_state(&ledger.waiver[0]).text, "waives 1 row");
        assert_string_equal(waiver_state(&ledger.waiver[1]).text, "waives 2 rows");
        assert_string_equal(waiver_state(&ledger.waiver[2]).text, "unused");
        waivers_complain(&ledger, "FILE", to);
        fclose(to);
        assert_string_equal(said, "vmspec: FILE:13: the waiver third is unused: nothing that it names failed\n");
        free(said);
        ledger_free(&ledger);
}

static void test_an_expired_waiver_waives_nothing(void **state)
{
        static const char text[] = "[all]\nclause = *\nmachine = *\nreason = it is known\nexpires = 2026-06-30\n";
        static const char *const days[] = {"2026-07-01", "2026-06-30"};

        (void)state;
        file_put(text, sizeof(text) - 1);
        for (int holds = 0; holds < 2; holds++) {
                struct ledger ledger;
                char error[400] = "", *said = NULL;
                size_t size;
                FILE *to = open_memstream(&said, &size);

                ledger_make(&ledger);
                assert_int_equal(waivers_read(path, &ledger, error, sizeof(error)), 0);
                waivers_apply(&ledger, days[holds]);
                assert_int_equal(ledger_exit_status(&ledger), holds ? 0 : 1);
                assert_int_equal(ledger.waiver[0].waives, holds ? 4 : 0);
                waivers_complain(&ledger, "FILE", to);
                fclose(to);
                assert_string_equal(
                        said, holds ? "" : "vmspec: FILE:2: the waiver all expired on 2026-06-30 and waives nothing\n");
                free(said);
                ledger_free(&ledger);
        }
}

static void baseline_refused(const char *text, const char *words)
{
        struct ledger ledger;
        char error[400] = "";

        ledger_make(&ledger);
        file_put(text, strlen(text));
        assert_true(baseline_read(path, &ledger.subject[0], error, sizeof(error)) < 0);
        assert_said(error, words);
        assert_false(ledger.subject[0].baseline);
        ledger_free(&ledger);
}

static void test_baselines(void **state)
{
        static const char text[] = "[var_not_on_disk]\nverdict = FAIL\nreason = known\n"
                                   "[gpt_entry_array]\nverdict = SKIP\nreason = elsewhere\n";
        struct ledger ledger;
        char error[400] = "";

        (void)state;
        baseline_refused("[var_is_red]\nverdict = FAIL\n", ":2: var_is_red: expected a section with the id of a case");
        baseline_refused("[var_not_on_disk]\nverdict = WARN\n", ":2: WARN: expected one verdict: FAIL");
        baseline_refused("[var_not_on_disk]\nverdict = FAIL\nverdict = PASS\n", ":3: PASS: expected one verdict");
        baseline_refused("[var_not_on_disk]\nreason = r\n", ":2: [var_not_on_disk] has no verdict: expected");
        baseline_refused("[var_not_on_disk]\nverdict = FAIL\n", ":2: [var_not_on_disk] has no reason: expected");
        baseline_refused("[var_not_on_disk]\nreason =\n", ":2: reason: expected one, in fewer");
        baseline_refused("[var_not_on_disk]\ncolour = red\n", ":2: colour: expected verdict or reason");
        ledger_make(&ledger);
        file_put(text, sizeof(text) - 1);
        assert_int_equal(baseline_read(path, &ledger.subject[0], error, sizeof(error)), 0);
        assert_true(ledger.subject[0].baseline);
        assert_int_equal(ledger.subject[0].unjudged, 1);
        assert_int_equal(row_difference(&ledger.subject[0], row_of(&ledger, 0, CASE_var_not_on_disk)), DIFFERENCE_NONE);
        assert_int_equal(row_difference(&ledger.subject[0], row_of(&ledger, 0, CASE_hardware_is_described)),
                         DIFFERENCE_WORSE);
        ledger_free(&ledger);
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_wrong_files_are_refused),
                cmocka_unit_test(test_a_file_that_is_not_there),
                cmocka_unit_test(test_a_waiver_waives_what_it_names),
                cmocka_unit_test(test_an_expired_waiver_waives_nothing),
                cmocka_unit_test(test_baselines),
        };

        return cmocka_run_group_tests(tests, file_make, file_remove);
}
