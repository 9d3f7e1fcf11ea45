/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One ledger with one row of each shown kind and with hostile strings gives, byte for byte, the files in golden/.
 *
 * VMSPEC_REGENERATE=1 writes the files instead of comparing. What grows with the catalogue (its hash, how many clauses
 * nothing covers) is replaced before the comparison.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "report.h"
#include "test_golden.h"
#include "test_sample.h"

static char *report_make(const struct ledger *ledger, enum format format)
{
        char *text = NULL;
        size_t size;
        FILE *to = open_memstream(&text, &size);

        assert_non_null(to);
        assert_int_equal(report_write(ledger, format, to), 0);
        fclose(to);
        assert_int_equal(strlen(text), size);
        return text;
}

static char *sample_make(enum format format)
{
        struct ledger ledger;
        char *text;

        ledger_make(&ledger);
        text = report_make(&ledger, format);
        ledger_free(&ledger);
        return text;
}

/* Goldens ------------------------------------------------------------------------------------------------------ */

/* Where *at begins with before: writes after instead, and steps over before and over what skip holds for. */
static bool replaced(const char **at, const char *before, const char *after, int skip_to, FILE *to)
{
        if (strncmp(*at, before, strlen(before)) != 0)
                return false;
        fputs(after, to);
        *at += strlen(before);
        if (skip_to)
                *at += strcspn(*at, (const char[]){(char)skip_to, 0});
        else
                *at += strspn(*at, "0123456789");
        return true;
}

/* What depends on more of the catalogue than the cases used here. Frees text. */
static char *normalise(char *text)
{
        char *normal = NULL, hash[17];
        size_t size;
        FILE *to = open_memstream(&normal, &size);

        assert_non_null(to);
        snprintf(hash, sizeof(hash), "%016" PRIx64, catalogue_hash);
        for (const char *at = text; *at;)
                if (!replaced(&at, hash, "CATALOGUE", 0, to) &&
                    !replaced(&at, "not covered: ", "not covered: N", 0, to) &&
                    !replaced(&at, "not run: ", "not run: N", 0, to) &&
                    !replaced(&at, "\"not_covered\": [", "\"not_covered\": [", ']', to) &&
                    !replaced(&at, "\"not_run\": [", "\"not_run\": [", ']', to))
                        fputc(*at++, to);
        fclose(to);
        free(text);
        return normal;
}

static void test_goldens(void **state)
{
        (void)state;
        for (int format = 0; format < FORMAT_COUNT; format++) {
                char path[sizeof(TEST_SOURCE_DIR) + 64];
                char *made = normalise(sample_make(format));

                snprintf(path, sizeof(path), "%s/reports/golden/every-kind.%s", TEST_SOURCE_DIR, format_name(format));
                golden_compare(path, made, "test_report");
                free(made);
        }
}

/* What must hold for any ledger --------------------------------------------------------------------------------- */

static void test_every_byte_is_printable(void **state)
{
        (void)state;
        for (int format = 0; format < FORMAT_COUNT; format++) {
                char *text = sample_make(format);

                for (const char *at = text; *at; at++)
                        if (*at != '\n' && (*at < 0x20 || *at > 0x7e))
                                fail_msg("%s: byte 0x%02x", format_name(format), (unsigned char)*at);
                free(text);
        }
}

static bool line_is(const char *line, const char *prefix)
{
        return strncmp(line, prefix, strlen(prefix)) == 0;
}

/* Outside of the diagnostics a line is the version, the plan, a point or a comment; points count up to the plan. */
static void test_tap_lines(void **state)
{
        char *text = sample_make(FORMAT_TAP), *rest = text, *line;
        unsigned plan = 0, points = 0, number;
        bool yaml = false;

        (void)state;
        assert_true(line_is(text, "TAP version 13\n1..15\n"));
        while ((line = strsep(&rest, "\n")) && *line) {
                const char *point = line_is(line, "not ok ") ? line + 4 : line;

                if (yaml || line_is(line, "  ---")) {
                        assert_true(line_is(line, "  "));
                        yaml = !line_is(line, "  ...");
                } else if (line_is(point, "ok ")) {
                        assert_int_equal(sscanf(point, "ok %u - ", &number), 1);
                        assert_int_equal(number, ++points);
                } else if (line_is(line, "1..")) {
                        plan = (unsigned)strtoul(line + 3, NULL, 10);
                } else {
                        assert_true(line_is(line, "# ") || line_is(line, "TAP version 13"));
                }
        }
        assert_false(yaml);
        assert_int_equal(points, plan);
        free(text);
}

static void test_json_reads_back(void **state)
{
        char *text = sample_make(FORMAT_JSON);
        json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL), *subject, *row;

        (void)state;
        assert_non_null(root);
        assert_int_equal(json_integer_value(json_object_get(root, "exit_status")), 1);
        assert_int_equal(json_array_size(json_object_get(root, "subjects")), 2);
        subject = json_array_get(json_object_get(root, "subjects"), 0);
        assert_int_equal(json_array_size(json_object_get(subject, "rows")), 10);
        row = json_array_get(json_object_get(subject, "rows"), 1);
        assert_string_equal(json_string_value(json_object_get(row, "case")), "gpt_backup_header");
        assert_string_equal(json_string_value(json_object_get(row, "verdict")), "FAIL");
        assert_int_equal(json_array_size(json_object_get(row, "facts")), 4);
        assert_true(json_is_null(json_object_get(subject, "baseline")));
        subject = json_array_get(json_object_get(root, "subjects"), 1);
        assert_int_equal(json_array_size(json_object_get(json_object_get(subject, "baseline"), "differences")), 4);
        assert_int_equal(json_array_size(json_object_get(root, "waivers")), 3);
        json_decref(root);
        free(text);
}

/* True where every tag is closed in order and every '&' begins an entity; the tags of HTML that are void are known. */
static bool markup_is_balanced(const char *text)
{
        char open[32][24];
        size_t depth = 0;

        for (const char *at = text; (at = strpbrk(at, "<&")); at++) {
                size_t name = strspn(at + 1, "/!?abcdefghijklmnopqrstuvwxyz0123456789#DOCTYPE-");
                const char *end = strchr(at, *at == '&' ? ';' : '>');

                if (!end || name == 0 || name >= sizeof(open[0]) || (*at == '&' && end != at + 1 + name))
                        return false;
                if (*at == '&' || at[1] == '!' || at[1] == '?' || line_is(at, "<meta ") || end[-1] == '/')
                        continue;
                if (at[1] == '/') {
                        if (depth-- == 0 || strlen(open[depth]) != name - 1 ||
                            strncmp(open[depth], at + 2, name - 1) != 0)
                                return false;
                } else {
                        if (depth == sizeof(open) / sizeof(open[0]))
                                return false;
                        snprintf(open[depth++], sizeof(open[0]), "%.*s", (int)name, at + 1);
                }
        }
        return depth == 0;
}

static void test_markup_is_well_formed(void **state)
{
        char *junit = sample_make(FORMAT_JUNIT), *html = sample_make(FORMAT_HTML);

        (void)state;
        assert_true(markup_is_balanced("<a><b c=\"d\"/>&amp;</a>"));
        assert_false(markup_is_balanced("<a><b></a></b>"));
        assert_false(markup_is_balanced("<a>"));
        assert_false(markup_is_balanced("<a>& </a>"));
        assert_true(markup_is_balanced(junit));
        assert_true(markup_is_balanced(html));
        assert_null(strstr(junit, "]]>"));
        assert_null(strstr(html, "<script"));
        assert_null(strstr(html, "http"));
        free(junit);
        free(html);
}

static void test_an_empty_ledger_is_no_success(void **state)
{
        struct ledger ledger = {.profile = PROFILE_VMSPEC_2_0};

        (void)state;
        for (int format = 0; format < FORMAT_COUNT; format++) {
                char *text = report_make(&ledger, format);

                if (format == FORMAT_TAP)
                        assert_non_null(strstr(text, "\nBail out! "));
                free(text);
        }
}

static void test_a_full_disk_is_an_error(void **state)
{
        struct ledger ledger;

        (void)state;
        ledger_make(&ledger);
        for (int format = 0; format < FORMAT_COUNT; format++) {
                FILE *to = fopen("/dev/full", "w");

                if (!to)
                        skip();
                assert_int_equal(report_write(&ledger, format, to), -ENOSPC);
                fclose(to);
        }
        ledger_free(&ledger);
}

static void test_formats_are_found_by_name(void **state)
{
        (void)state;
        for (int format = 0; format < FORMAT_COUNT; format++)
                assert_int_equal(format_find(format_name(format)), format);
        assert_int_equal(format_find("pdf"), FORMAT_COUNT);
        assert_int_equal(format_find("TAP"), FORMAT_COUNT);
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_goldens),
                cmocka_unit_test(test_every_byte_is_printable),
                cmocka_unit_test(test_tap_lines),
                cmocka_unit_test(test_json_reads_back),
                cmocka_unit_test(test_markup_is_well_formed),
                cmocka_unit_test(test_an_empty_ledger_is_no_success),
                cmocka_unit_test(test_a_full_disk_is_an_error),
                cmocka_unit_test(test_formats_are_found_by_name),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
