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

static const char page_path[] = TEST_SOURCE_DIR "/SPEC-MAPPING.md";

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

/* The whole file, or NULL; at most a byte more than room, so that a longer file differs. */
static char *file_read(const char *path, size_t room)
{
        FILE *from = fopen(path, "rb");
        char *text = from ? calloc(1, room + 2) : NULL;

        if (text && fread(text, 1, room + 1, from) == 0)
                text[0] = 0;
        if (from)
                fclose(from);
        return text;
}

static void test_page_is_what_the_catalogue_generates(void **state)
{
        char *want = mapping_generate(), *got;
        bool same;

        (void)state;
        if (getenv("VMSPEC_REGENERATE")) {
                FILE *to = fopen(page_path, "wb");

                assert_non_null(to);
                fputs(want, to);
                assert_int_equal(fclose(to), 0);
        }
        got = file_read(page_path, strlen(want));
        same = got && strcmp(got, want) == 0;
        free(got);
        free(want);
        if (!same)
                fail_msg("SPEC-MAPPING.md is not what cases/ says; write it again: VMSPEC_REGENERATE=1 %s",
                         TEST_BUILD_DIR "/tests/test_mapping");
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
