/* SPDX-License-Identifier: BSD-2-Clause */
/* Every list has a row for each thing, as text and as JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "case.h"
#include "list.h"

static char *list_text(const char *what, bool json)
{
        char *text = NULL;
        size_t size;
        FILE *to = open_memstream(&text, &size);

        assert_non_null(to);
        assert_int_equal(list_write(what, json, to), 0);
        fclose(to);
        return text;
}

static json_t *list_json(const char *what, size_t count)
{
        char *text = list_text(what, true);
        json_t *array = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

        free(text);
        assert_true(json_is_array(array));
        assert_int_equal(json_array_size(array), count);
        return array;
}

static void assert_lines(const char *what, size_t count)
{
        char *text = list_text(what, false);
        size_t lines = 0;

        for (const char *at = text; *at; at++)
                lines += *at == '\n';
        free(text);
        assert_int_equal(lines, count + 1);
}

static const char *member(const json_t *object, const char *name)
{
        return json_string_value(json_object_get(object, name));
}

static void test_clauses(void **state)
{
        json_t *array = list_json("clauses", CLAUSE_COUNT), *first = json_array_get(array, CLAUSE_IMG_01);

        (void)state;
        assert_lines("clauses", CLAUSE_COUNT);
        assert_string_equal(member(first, "clause"), "IMG-01");
        assert_string_equal(member(first, "binds"), "D");
        assert_string_equal(member(first, "overlay"), "core");
        assert_string_equal(member(first, "source"), clauses[CLAUSE_IMG_01].source);
        assert_string_equal(member(first, "text"), clauses[CLAUSE_IMG_01].text);
        assert_string_equal(member(json_object_get(first, "levels"), "vmspec-2.0"), "MUST");
        assert_string_equal(json_string_value(json_array_get(json_object_get(first, "cases"), 0)),
                            "gpt_primary_header");
        json_decref(array);
}

static void test_cases(void **state)
{
        json_t *array = list_json("cases", CASE_COUNT), *row = json_array_get(array, CASE_esp_type_guid);

        (void)state;
        assert_lines("cases", CASE_COUNT);
        assert_string_equal(member(row, "case"), "esp_type_guid");
        assert_string_equal(member(row, "clause"), "IMG-05");
        assert_string_equal(member(row, "stage"), "static");
        assert_string_equal(member(row, "route"), "none");
        assert_string_equal(member(row, "halves"), "J");
        assert_string_equal(member(row, "claim"), cases[CASE_esp_type_guid].claim);
        assert_int_equal(json_array_size(json_object_get(row, "needs")), 0);
        json_decref(array);
}

static void test_profiles(void **state)
{
        json_t *array = list_json("profiles", PROFILE_COUNT * OVERLAY_COUNT), *row;
        size_t index;

        (void)state;
        assert_lines("profiles", PROFILE_COUNT * OVERLAY_COUNT);
        json_array_foreach(array, index, row)
        {
                assert_non_null(member(row, "profile"));
                assert_non_null(member(row, "overlay"));
                assert_true(json_is_integer(json_object_get(json_object_get(row, "levels"), "MUST")));
        }
        json_decref(array);
}

static void test_what_it_cannot_do(void **state)
{
        FILE *full = fopen("/dev/full", "w");

        (void)state;
        assert_int_equal(list_write("machinery", false, stderr), -EINVAL);
        if (!full)
                skip();
        assert_int_equal(list_write("clauses", false, full), -EIO);
        assert_int_equal(list_write("clauses", true, full), -EIO);
        fclose(full);
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_clauses),
                cmocka_unit_test(test_cases),
                cmocka_unit_test(test_profiles),
                cmocka_unit_test(test_what_it_cannot_do),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
