/* SPDX-License-Identifier: BSD-2-Clause */
/* What the compiler cannot see of the two .def files holds for every row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "case.h"

static bool text_is_printable(const char *text)
{
        for (; *text; text++)
                if (*text < 0x20 || *text > 0x7e)
                        return false;
        return true;
}

static void test_case_names(void **state)
{
        (void)state;
        for (int id = 0; id < CASE_COUNT; id++) {
                const char *name = cases[id].name;

                if (strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(name) || !*name)
                        fail_msg("case %s: a name is made of a-z, 0-9 and _", name);
                if (case_find(name) != (enum case_id)id)
                        fail_msg("case %s: the name is not unique", name);
        }
        assert_int_equal(case_find("no_such_case"), CASE_COUNT);
        assert_int_equal(case_find(""), CASE_COUNT);
}

static void test_claims(void **state)
{
        (void)state;
        for (int id = 0; id < CASE_COUNT; id++) {
                const char *claim = cases[id].claim;
                size_t length = strlen(claim);

                if (length == 0 || claim[length - 1] == '.')
                        fail_msg("case %s: a claim is words without a full stop", cases[id].name);
                if (!text_is_printable(claim))
                        fail_msg("case %s: a claim is printable ASCII", cases[id].name);
        }
}

static void test_case_shapes(void **state)
{
        (void)state;
        for (int id = 0; id < CASE_COUNT; id++) {
                const struct test_case *test = &cases[id];
                bool of_image = stage_is_of_image(test->stage);

                assert_in_range(test->clause, 0, CLAUSE_COUNT - 1);
                if (of_image != (test->route == ROUTE_NONE))
                        fail_msg("case %s: a case about an image, and no other, has no route", test->name);
                if (of_image && test->halves & HALF_G)
                        fail_msg("case %s: a case about an image has no guest half", test->name);
                if (test->halves == 0)
                        fail_msg("case %s: a case has at least one half", test->name);
        }
}

static void test_clauses(void **state)
{
        (void)state;
        for (int id = 0; id < CLAUSE_COUNT; id++) {
                const struct clause *clause = &clauses[id];
                struct clause_name printed = clause_print_name(id);

                assert_non_null(clause->name);
                assert_int_equal(strlen(printed.text), strlen(clause->name));
                assert_null(strchr(printed.text, '_'));
                assert_int_not_equal(clause->binds, 0);
                assert_in_range(clause->overlay, OVERLAY_CORE, OVERLAY_COUNT - 1);
                if (!clause->text[0] || !text_is_printable(clause->text) || !text_is_printable(clause->source))
                        fail_msg("clause %s: source and criterion are printable ASCII", clause->name);
        }
}

static void test_no_clause_is_waived_and_cased(void **state)
{
        (void)state;
        for (int id = 0; id < CASE_COUNT; id++)
                if (clause_waiver(cases[id].clause))
                        fail_msg("clause %s is waived, but case %s judges it", clauses[cases[id].clause].name,
                                 cases[id].name);
        for (int id = 0; id < CLAUSE_COUNT; id++)
                if (clause_waiver(id) && !clause_waiver(id)[0])
                        fail_msg("clause %s is waived without a reason", clauses[id].name);
}

static void test_levels_and_overlays(void **state)
{
        (void)state;
        assert_true(level_is_binding(LEVEL_M) && level_is_binding(LEVEL_X));
        assert_false(level_is_binding(LEVEL_S) || level_is_binding(LEVEL_N) || level_is_binding(LEVEL_ABSENT));
        for (int id = 0; id < CLAUSE_COUNT; id++)
                for (int profile = 0; profile < PROFILE_COUNT; profile++) {
                        enum level chosen = clauses[id].level[profile];
                        bool core = clauses[id].overlay == OVERLAY_CORE;

                        assert_int_equal(clause_level(id, profile, 0), core ? chosen : LEVEL_ABSENT);
                        assert_int_equal(clause_level(id, profile, 1u << clauses[id].overlay), chosen);
                }
}

static void test_every_value_has_a_name(void **state)
{
        (void)state;
        for (int i = 0; i < PROFILE_COUNT; i++)
                assert_non_null(profile_name(i));
        for (int i = 0; i < OVERLAY_COUNT; i++)
                assert_non_null(overlay_name(i));
        assert_string_equal(level_name(LEVEL_ABSENT), "ABSENT");
        assert_string_equal(level_name(LEVEL_M), "MUST");
        assert_string_equal(level_name(LEVEL_X), "MUST NOT");
        assert_string_equal(stage_name(STAGE_RUNTIME), "runtime");
        assert_string_equal(route_name(ROUTE_PSCI_OFF), "psci-off");
        assert_int_equal(route_parts(ROUTE_NONE), 0);
        assert_int_equal(route_parts(ROUTE_OTHER_INSTANCE), 3);
        assert_int_equal(route_parts(ROUTE_PSCI_OFF), 1);
        assert_true(catalogue_hash != 0);
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_case_names),
                cmocka_unit_test(test_claims),
                cmocka_unit_test(test_case_shapes),
                cmocka_unit_test(test_clauses),
                cmocka_unit_test(test_no_clause_is_waived_and_cased),
                cmocka_unit_test(test_levels_and_overlays),
                cmocka_unit_test(test_every_value_has_a_name),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
