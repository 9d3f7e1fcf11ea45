/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One recorded run, judged again by every profile, overlay, waiver and baseline: the verdicts stay, what they are worth
 * changes, and the exit status follows.
 */
#include "test_program.h"

#define MACHINE "aarch64-uboot"

/* U-Boot offers an FDT alone, keeps its variables on the ESP (VAR-08) and enters with IRQs masked (CPU-05). */
static int recorded_make(void **state)
{
        int status;

        if (scratch_set_up(state))
                return -1;
        status = RUN("run", "--machine", MACHINE, "--case", "HWD-0[1-4]", "--case", "irqs_are_not_masked", "--case",
                     "VAR-08", "--format", "json", "--out", in_scratch("out").text);
        if (status != 0)
                print_error("the recorded run: exit %d\n", status);
        return status;
}

/* What the case is shown as in the report on stdout. */
static void assert_shown(const char *id, const char *shown)
{
        json_t *root = report_load();
        const json_t *row;
        unsigned found = 0;
        size_t i;

        json_array_foreach(json_object_get(json_array_get(json_object_get(root, "subjects"), 0), "rows"), i, row)
        {
                if (strcmp(text_of(row, "case"), id) != 0)
                        continue;
                found++;
                assert_string_equal(text_of(row, "shown"), shown);
        }
        assert_int_equal(found, 1);
        json_decref(root);
}

static void profiles_and_overlays(void **state)
{
        static const struct {
                const char *profile, *overlay, *other;
                int status;
                const char *irqs, *disk, *acpi, *pair; /* irqs_are_not_masked, var_not_on_disk, acpi_is_offered, ... */
        } rows[] = {
                {"draft2014", "edk2-nv", "edk2-nv", 0, "WARN", "INFO", "INFO", "PASS"},
                {"draft2014", "ebbr", "vbsa", 0, "WARN", "INFO", "INFO", "PASS"},
                {"draft2014", "uefi24a-strict", "ebbr", 1, "FAIL", "INFO", "INFO", "PASS"},
                {"draft2014", "uefi-current", "acpi-linux", 1, "FAIL", "INFO", "INFO", "PASS"},
                {"vmspec-1.0", "acpi-linux", "acpi-linux", 1, "FAIL", "FAIL", "INFO", "PASS"},
                {"vmspec-2.0", "ebbr", "ebbr", 1, "FAIL", "FAIL", "FAIL", "PASS"},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                json_t *root;

                assert_int_equal(RUN("replay", in_scratch("out").text, "--profile", rows[i].profile, "--overlay",
                                     rows[i].overlay, "--overlay", rows[i].other, "--format", "json"),
                                 rows[i].status);
                root = report_load();
                assert_int_equal(json_integer_value(json_object_get(root, "exit_status")), rows[i].status);
                assert_string_equal(text_of(root, "profile"), rows[i].profile);
                json_decref(root);
                assert_shown("irqs_are_not_masked", rows[i].irqs);
                assert_shown("var_not_on_disk", rows[i].disk);
                assert_shown("acpi_is_offered", rows[i].acpi);
                assert_shown("exactly_one_description", rows[i].pair);
                assert_int_equal(RUN("report", in_scratch("out").text, "--profile", rows[i].profile, "--overlay",
                                     rows[i].overlay, "--overlay", rows[i].other, "--format", "text", "-o",
                                     in_scratch("report").text),
                                 rows[i].status);
        }
}

/* The report in that format has the words. */
static void assert_in_report(const char *format, const char *waivers, int status, const char *words)
{
        char *text;

        assert_int_equal(RUN("report", in_scratch("out").text, "--profile", "vmspec-1.0", "--format", format,
                             "--waivers", waivers, "-o", in_scratch("report").text),
                         status);
        text = file_text(in_scratch("report").text, NULL);
        if (!strstr(text, words))
                fail_msg("%s: the report does not say: %s", format, words);
        free(text);
}

static void waivers_are_shown_everywhere(void **state)
{
        static const char text[] = "[irqs]\nclause = CPU-05\nmachine = aarch64-*\nreason = it polls\n"
                                   "expires = 2999-12-31\n[disk]\nclause = VAR-08\nmachine = aarch64-uboot\n"
                                   "reason = a file on the ESP\nexpires = 2999-12-31\n";
        static const char gone[] = "[old]\nclause = *\nmachine = *\nreason = long ago\nexpires = 2020-01-01\n"
                                   "[other]\nclause = *\nmachine = riscv\nreason = no such\nexpires = 2999-12-31\n";
        static const char *const formats[] = {"tap", "junit", "json", "html", "text"};
        struct path file = in_scratch("waivers.ini");

        (void)state;
        file_write(file.text, text, sizeof(text) - 1);
        for (size_t i = 0; i < 5; i++)
                assert_in_report(formats[i], file.text, 0, "a file on the ESP (waiver disk, until 2999-12-31)");
        file_write(file.text, gone, sizeof(gone) - 1);
        for (size_t i = 0; i < 5; i++) {
                assert_in_report(formats[i], file.text, 1, "long ago");
                assert_in_report(formats[i], file.text, 1, i == 2 ? "\"expired\": true" : "expired: long ago");
                assert_in_report(formats[i], file.text, 1, i == 2 ? "\"waives\": 0" : "unused: no such");
        }
}

/* The sentence on stderr, and nothing judged or started. */
static void waiver_files_that_are_wrong(void **state)
{
        struct path file = in_scratch("waivers.ini"), other = in_scratch("other");

        (void)state;
        file_write(file.text, "[x]\nclause = NOPE-1\n", 20);
        assert_int_equal(RUN("replay", in_scratch("out").text, "--waivers", file.text), 2);
        assert_one_sentence("waivers.ini:2: clause = NOPE-1: expected a clause");
        assert_int_equal(RUN("run", "--machine", MACHINE, "--out", other.text, "--waivers", file.text), 2);
        assert_one_sentence("waivers.ini:2: clause = NOPE-1: expected a clause");
        assert_int_equal(access(other.text, F_OK), -1);
        assert_int_equal(RUN("image", VMSPEC, "--waivers", "/nonexistent"), 2);
        assert_one_sentence("/nonexistent: cannot be read: No such file or directory");
        assert_int_equal(RUN("list", "clauses", "--waivers", file.text), 2);
        assert_one_sentence("list takes no such option");
}

static void baseline_put(const char *text)
{
        file_write(in_scratch("config/vmspec/baselines/" MACHINE ".ini").text, text, strlen(text));
}

static size_t differences(json_t *root, const char *direction)
{
        const json_t *subject = json_array_get(json_object_get(root, "subjects"), 0), *difference;
        size_t i, count = 0;

        json_array_foreach(json_object_get(json_object_get(subject, "baseline"), "differences"), i, difference)
        {
                count += strcmp(text_of(difference, "direction"), direction) == 0;
        }
        return count;
}

static void baselines_are_told_in_both_directions(void **state)
{
        json_t *root;

        (void)state;
        assert_int_equal(RUN("replay", in_scratch("out").text, "--format", "json"), 0);
        root = report_load();
        assert_int_equal(differences(root, "worse") + differences(root, "better"), 0);
        json_decref(root);
        assert_int_equal(mkdir(in_scratch("config/vmspec/baselines").text, 0700), 0);
        baseline_put("[fdt_is_offered]\nverdict = FAIL\nreason = once\n[acpi_is_offered]\nverdict = FAIL\nreason = an "
                     "FDT only\n");
        assert_int_equal(RUN("replay", in_scratch("out").text, "--format", "json"), 0);
        root = report_load();
        assert_int_equal(differences(root, "worse"), 2); /* VAR-08 and CPU-05 */
        assert_int_equal(differences(root, "better"), 1);
        json_decref(root);
        assert_in_report("tap", "/dev/null", 1,
                         "# " MACHINE ": 3 differences from the baseline: var_not_on_disk FAIL, "
                         "expected PASS (worse); fdt_is_offered PASS, expected FAIL (better)");
        assert_in_report("junit", "/dev/null", 1, "<property name=\"baseline\" value=\"3 differences");
        assert_in_report("html", "/dev/null", 1, "<p>3 differences from the baseline");
        baseline_put("[fdt_is_offered]\nverdict = MAYBE\n");
        assert_int_equal(RUN("replay", in_scratch("out").text), 3);
        assert_one_sentence("baselines/" MACHINE ".ini:2: MAYBE: expected one verdict");
        assert_int_equal(unlink(in_scratch("config/vmspec/baselines/" MACHINE ".ini").text), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(profiles_and_overlays),
                cmocka_unit_test(waivers_are_shown_everywhere),
                cmocka_unit_test(waiver_files_that_are_wrong),
                cmocka_unit_test(baselines_are_told_in_both_directions),
        };

        return cmocka_run_group_tests(tests, recorded_make, scratch_tear_down);
}
