/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A run's folder that was cut, changed or lost something: exit 3 and one sentence, and no verdict on what cannot be
 * read. Then what is no disk, and what is no use of the program.
 */
#include "test_program.h"

static char *journal; /* of the good run */
static size_t journal_size;

#define CASES                                                                                                          \
        "--case", "VAR-01", "--case", "VAR-02", "--case", "VAR-03", "--case", "CON-01", "--case", "boot_device_is_esp"

/* A good run in the scratch folder's out. */
static int good_make(void **state)
{
        int status;

        if (scratch_set_up(state))
                return -1;
        status = RUN("run", "--machine", "aarch64-aavmf-acpi", CASES, "--format", "json", "--out",
                     in_scratch("out").text);
        if (status != 0) {
                char *text = file_text(in_scratch("stderr").text, NULL);

                print_error("the good run: exit %d: %s\n", status, text);
                free(text);
                return -1;
        }
        journal = file_text(in_scratch("out/journal.jsonl").text, &journal_size);
        return 0;
}

static int good_remove(void **state)
{
        free(journal);
        return scratch_tear_down(state);
}

static int replay(void)
{
        return RUN("replay", in_scratch("out").text, "--format", "json");
}

/* The start of a line, counted from 0; the journal's end where there are fewer. */
static size_t line_start(unsigned number)
{
        size_t at = 0;

        while (number-- && at < journal_size)
                at += strcspn(journal + at, "\n") + 1;
        return at;
}

static unsigned lines_count(void)
{
        unsigned count = 0;

        for (size_t at = 0; at < journal_size; at++)
                count += journal[at] == '\n';
        return count;
}

/* True where the good journal says nothing of the case at or after that place but in the plan. */
static bool was_heard_before(const char *id, size_t place)
{
        char words[100];

        snprintf(words, sizeof(words), "\"case\":\"%s\"", id);
        for (const char *at = strstr(journal + place, words); at; at = strstr(at + 1, words))
                return false;
        return true;
}

/* Judged again from a journal that is good up to a place: nothing FAILs, and what PASSes was heard before. */
static void assert_cut_at(size_t place, const char *words)
{
        const json_t *subject, *row;
        json_t *root;
        size_t s, r;

        assert_int_equal(replay(), 3);
        assert_one_sentence(words);
        if (place < line_start(2)) { /* not even the machine is known */
                char *text = file_text(in_scratch("stdout").text, NULL);

                assert_string_equal(text, "");
                free(text);
                return;
        }
        root = report_load();
        assert_int_equal(rows_count(root, "FAIL"), 0);
        json_array_foreach(json_object_get(root, "subjects"), s, subject)
        {
                json_array_foreach(json_object_get(subject, "rows"), r, row)
                {
                        if (strcmp(text_of(row, "verdict"), "PASS") == 0)
                                assert_true(was_heard_before(text_of(row, "case"), place));
                }
        }
        json_decref(root);
}

static void journal_put(const char *bytes, size_t size)
{
        file_write(in_scratch("out/journal.jsonl").text, bytes, size);
}

static void good_run_is_judged_again(void **state)
{
        json_t *root;

        (void)state;
        assert_int_equal(replay(), 0);
        root = report_load();
        assert_int_equal(rows_count(root, "PASS"), 5);
        json_decref(root);
}

static void journal_is_cut(void **state)
{
        unsigned lines = lines_count();

        (void)state;
        for (unsigned line = 0; line < lines; line += 1 + lines / 24) {
                size_t start = line_start(line), next = line_start(line + 1);

                journal_put(journal, start);
                assert_cut_at(start, "the journal ends here, expected the event \"end\"");
                journal_put(journal, (start + next) / 2);
                assert_cut_at(start, "the line is torn");
        }
        journal_put(journal, line_start(lines - 1));
        assert_cut_at(line_start(lines - 1), "the journal ends here");
        journal_put(journal, journal_size - 1);
        assert_cut_at(line_start(lines - 1), "the line is torn");
}

static void journal_has_a_changed_byte(void **state)
{
        char *copy = malloc(journal_size);
        unsigned lines = lines_count();

        (void)state;
        assert_non_null(copy);
        for (unsigned i = 0; i < 60; i++) {
                size_t at = (journal_size - 1) * i / 60 + i % 7, line = 0;

                memcpy(copy, journal, journal_size);
                copy[at] ^= 1;
                journal_put(copy, journal_size);
                while (line < lines && line_start((unsigned)line + 1) <= at)
                        line++;
                assert_cut_at(line_start((unsigned)line), "the line is torn");
        }
        free(copy);
}

/* Every line is numbered: none can be missing, come twice, or come in another place. */
static void journal_lost_or_doubled_a_line(void **state)
{
        char *copy = malloc(2 * journal_size);
        unsigned lines = lines_count();

        (void)state;
        assert_non_null(copy);
        for (unsigned line = 1; line + 1 < lines; line += 1 + lines / 12) {
                size_t start = line_start(line), next = line_start(line + 1);

                memcpy(copy, journal, start);
                memcpy(copy + start, journal + next, journal_size - next);
                journal_put(copy, journal_size - (next - start));
                assert_cut_at(start, "the line is torn");
                memcpy(copy, journal, next);
                memcpy(copy + next, journal + start, journal_size - start);
                journal_put(copy, journal_size + (next - start));
                assert_cut_at(next, "the line is torn");
        }
        memcpy(copy, journal, journal_size);
        memcpy(copy + journal_size, journal, line_start(1));
        journal_put(copy, journal_size + line_start(1));
        assert_cut_at(journal_size, "the line is torn");
        free(copy);
}

static void journal_is_of_another_catalogue(void **state)
{
        static const char line[] =
                "{\"n\":0,\"event\":\"run\",\"vmspec\":\"0\",\"catalogue\":\"0x0\",\"crc\":\"e897c050\"}\n";
        char *text;

        (void)state;
        journal_put(line, sizeof(line) - 1);
        assert_int_equal(replay(), 3);
        text = file_text(in_scratch("stderr").text, NULL);
        assert_non_null(strstr(text, "the run was made with another catalogue"));
        free(text);
}

/* Evidence and console ------------------------------------------------------------------------------------------------
 */

/* The file of the start in which the judge half was heard. */
static struct path evidence_path(void)
{
        const char *line = strstr(journal, "\"case\":\"boot_device_is_esp\",\"part\":1,\"half\":\"judge\"");
        struct path path;
        int lane = -1;

        assert_non_null(line);
        while (line > journal && line[-1] != '\n')
                line--;
        assert_int_equal(sscanf(strstr(line, "\"lane\":"), "\"lane\":%d", &lane), 1);
        snprintf(path.text, sizeof(path.text), "%s/out/evidence/lane-%d-start-0/disk.txt", scratch, lane);
        return path;
}

static void assert_judge_is_error(const char *words)
{
        json_t *root;

        assert_int_equal(replay(), 3);
        assert_one_sentence(words);
        root = report_load();
        assert_int_equal(rows_count(root, "FAIL"), 0);
        assert_row(root, "boot_device_is_esp", "ERROR", words);
        assert_row(root, "var_volatile_works", "PASS", "");
        json_decref(root);
}

static void evidence_is_changed_or_lost(void **state)
{
        struct path path = evidence_path();
        char *text;
        size_t size;

        (void)state;
        text = file_text(path.text, &size);
        assert_true(size > 10);
        text[size / 2] ^= 1;
        file_write(path.text, text, size);
        assert_judge_is_error("disk.txt: the evidence is not what the run recorded");
        text[size / 2] ^= 1;
        file_write(path.text, text, size - 1);
        assert_judge_is_error("disk.txt: the evidence is not what the run recorded");
        assert_int_equal(remove(path.text), 0);
        assert_judge_is_error("disk.txt: the evidence cannot be read");
        file_write(path.text, text, size);
        free(text);
        assert_int_equal(replay(), 0);
}

static void console_is_changed(void **state)
{
        char *text;
        size_t size;
        json_t *root;

        (void)state;
        text = file_text(in_scratch("out/console-1.log").text, &size);
        file_write(in_scratch("out/console-1.log").text, text, size - 1);
        assert_int_equal(replay(), 3);
        assert_one_sentence("console-1.log: the console output is not what the run recorded");
        root = report_load();
        assert_row(root, "console_carries_output", "ERROR", "the console output is not what the run recorded");
        assert_row(root, "var_survives_reset", "PASS", "");
        json_decref(root);
        file_write(in_scratch("out/console-1.log").text, text, size);
        free(text);
}

static void report_cannot_be_written(void **state)
{
        (void)state;
        assert_int_equal(RUN("report", in_scratch("out").text, "--format", "json", "-o", "/dev/full"), 3);
        assert_one_sentence("/dev/full: the report cannot be written: No space left on device");
        assert_int_equal(RUN("replay", in_scratch("none").text), 3);
        assert_one_sentence("no journal of a run can be read here: No such file or directory");
        assert_int_equal(RUN("replay", VMSPEC), 3);
        assert_one_sentence("no journal of a run can be read here: Not a directory");
}

/* Not a disk ----------------------------------------------------------------------------------------------------------
 */

static void assert_no_disk(const char *name, const char *words)
{
        assert_int_equal(RUN("image", in_scratch(name).text), 3);
        assert_one_sentence(words);
}

static void image_is_no_disk(void **state)
{
        const char *const qcow2[] = {"/usr/bin/qemu-img",           "create", "-q", "-f", "qcow2",
                                     in_scratch("disk.qcow2").text, "1M",     NULL};

        (void)state;
        assert_no_disk("nothing", "No such file or directory");
        assert_no_disk("tmp", "found a directory, expected");
        file_write(in_scratch("text").text, "I am a disk.\n", 13);
        assert_no_disk("text", "expected a raw disk image");
        file_write(in_scratch("empty").text, "", 0);
        assert_no_disk("empty", "found no bytes at all");
        file_write(in_scratch("broken.qcow2").text, "QFI\373 is all that is right of it", 35);
        assert_no_disk("broken.qcow2", "cannot be presented");
        assert_int_equal(program(qcow2), 0); /* a container is judged by the disk in it: this one is blank */
        assert_int_equal(RUN("image", in_scratch("disk.qcow2").text), 1);
}

/* Usage
 * ---------------------------------------------------------------------------------------------------------------- */

static void usage_is_wrong(void **state)
{
        static const struct {
                const char *words[8];
                const char *sentence;
        } wrong[] = {
                {{VMSPEC, "run", "--nonsense"}, "unrecognized option '--nonsense'"},
                {{VMSPEC, "run", "--machine"}, "option '--machine' requires an argument"},
                {{VMSPEC, "run", "--machine", "pdp11"}, "no machine 'pdp11'"},
                {{VMSPEC, "run", "--profile", "v3"}, "unknown profile 'v3'"},
                {{VMSPEC, "run", "--overlay", "none"}, "unknown overlay 'none'"},
                {{VMSPEC, "run", "--case", "NOPE-*"}, "--case NOPE-*: no case has such an id or clause"},
                {{VMSPEC, "run", "--format", "pdf"}, "unknown format 'pdf'"},
                {{VMSPEC, "run", "--jobs", "0"}, "--jobs 0: expected 1 to 16"},
                {{VMSPEC, "run", "file"}, "run takes no 'file'"},
                {{VMSPEC, "run", "-o", "x"}, "run takes no such option"},
                {{VMSPEC, "image"}, "image takes one or more disk images"},
                {{VMSPEC, "image", VMSPEC, "--case", "VAR-01"}, "names no case that is judged over a disk image"},
                {{VMSPEC, "replay"}, "replay takes one folder of a run"},
                {{VMSPEC, "report", "x"}, "report needs --format"},
                {{VMSPEC, "list", "stars"}, "list knows no 'stars'"},
                {{VMSPEC, "mapping", "x"}, "mapping takes no 'x'"},
                {{VMSPEC, "doctor", "x"}, "doctor takes no 'x'"},
                {{VMSPEC, "certify"}, "there is no command 'certify': vmspec --help lists them"},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
                assert_int_equal(program(wrong[i].words), 2);
                assert_one_sentence(wrong[i].sentence);
        }
}

static void help_is_no_misuse(void **state)
{
        static const char *const words[][4] = {
                {VMSPEC, "--help"}, {VMSPEC, "-h"}, {VMSPEC, "run", "--help"}, {VMSPEC, "selftest", "-h"}};

        (void)state;
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
                assert_int_equal(program(words[i]), 0);
}

static int journal_restore(void **state)
{
        (void)state;
        journal_put(journal, journal_size);
        return 0;
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(good_run_is_judged_again),
                cmocka_unit_test_teardown(journal_is_cut, journal_restore),
                cmocka_unit_test_teardown(journal_has_a_changed_byte, journal_restore),
                cmocka_unit_test_teardown(journal_lost_or_doubled_a_line, journal_restore),
                cmocka_unit_test_teardown(journal_is_of_another_catalogue, journal_restore),
                cmocka_unit_test(evidence_is_changed_or_lost),
                cmocka_unit_test(console_is_changed),
                cmocka_unit_test(report_cannot_be_written),
                cmocka_unit_test(image_is_no_disk),
                cmocka_unit_test(usage_is_wrong),
                cmocka_unit_test(help_is_no_misuse),
        };

        return cmocka_run_group_tests(tests, good_make, good_remove);
}
