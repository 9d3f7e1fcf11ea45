/* SPDX-License-Identifier: BSD-2-Clause */
/* SPEC-MAPPING.md is what the catalogue generates. VMSPEC_REGENERATE=1 writes it instead of comparing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "case.h"
#include "mapping.h"
#include "test_golden.h"

static char *mapping_generate(void)
{
        char *text = NULL;
        size_t size;
        FILE *to = open_memstream(&text, &size);

        assert_non_null(to);
        assert_int_equal(mapping_write(to), 0);
        fclose(to);
        return text;
}

static void test_page_is_what_the_catalogue_generates(void **state)
{
        char *made = mapping_generate();

        (void)state;
        golden_compare(TEST_SOURCE_DIR "/SPEC-MAPPING.md", made, "test_mapping");
        free(made);
}

static void test_every_clause_and_case_stands_in_it(void **state)
{
        char *text = mapping_generate();

        (void)state;
        for (int id = 0; id < CLAUSE_COUNT; id++) {
                char row[32];

                snprintf(row, sizeof(row), "\n| %s |", clause_print_name(id).text);
                assert_non_null(strstr(text, row));
        }
        for (int id = 0; id < CASE_COUNT; id++)
                assert_non_null(strstr(text, cases[id].name));
        free(text);
}

static void test_a_full_disk_is_an_error(void **state)
{
        FILE *to = fopen("/dev/full", "w");

        (void)state;
        if (!to)
                skip();
        assert_int_equal(mapping_write(to), -EIO);
        fclose(to);
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_page_is_what_the_catalogue_generates),
                cmocka_unit_test(test_every_clause_and_case_stands_in_it),
                cmocka_unit_test(test_a_full_disk_is_an_error),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
