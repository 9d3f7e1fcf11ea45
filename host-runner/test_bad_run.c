/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whatever kills a VM, the runner or the output folder in the middle of a run: one sentence, no verdict that was not
 * earned, no VM and no file left behind, and what was heard is kept.
 */
#include <dirent.h>
#include <sys/resource.h>
#include <time.h>

#include "run.h"
#include "test_program.h"

enum { CHILDREN = 16, GONE_MS = 1000 };

#define MACHINE "aarch64-aavmf-acpi"

static uint64_t now_ms(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* One turn of a bounded wait. */
static void turn(uint64_t until, const char *what)
{
        if (now_ms() > until)
                fail_msg("%s did not come in time", what);
        (void)poll(NULL, 0, 5);
}

/* Waits until the run's journal has those words. */
static void journal_await(const char *words)
{
        uint64_t until = now_ms() + (uint64_t)patience_s * 1000;
        bool there = false;

        while (!there) {
                char *text = file_text(in_scratch("out/journal.jsonl").text, NULL);

                there = strstr(text, words) != NULL;
                free(text);
                if (!there)
                        turn(until, words);
        }
}

static size_t children_of(pid_t pid, pid_t ret[CHILDREN])
{
        char path[64], *text, *at;
        size_t count = 0;

        snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
        at = text = file_text(path, NULL);
        while (*at && count < CHILDREN) {
                ret[count++] = (pid_t)strtol(at, &at, 10);
                at += strspn(at, " \n");
        }
        free(text);
        return count;
}

/* A process that is gone, or a zombie that nobody has fetched yet: its descriptors and memory are free. */
static bool process_is_gone(pid_t pid)
{
        char path[64], *text, *state;
        bool gone;

        snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
        text = file_text(path, NULL);
        state = strrchr(text, ')');
        gone = !state || state[2] == 'Z' || state[2] == 'X';
        free(text);
        return gone;
}

static void assert_all_gone(const pid_t pids[], size_t count)
{
        uint64_t until = now_ms() + GONE_MS;

        for (size_t i = 0; i < count; i++)
                while (!process_is_gone(pids[i]))
                        turn(until, "the end of a VM");
}

static unsigned entries(const char *folder)
{
        DIR *open = opendir(folder);
        unsigned count = 0;

        assert_non_null(open);
        for (const struct dirent *entry = readdir(open); entry; entry = readdir(open))
                count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
        closedir(open);
        return count;
}

/* Nothing was left in the folders that a program may litter; the run's own one is all that is new. */
static void assert_tidy(void)
{
        assert_int_equal(entries(in_scratch("tmp").text), 0);
        assert_int_equal(entries(in_scratch("config/vmspec/machines").text), 0);
        assert_int_equal(entries(scratch), 5); /* config, tmp, out, stdout, stderr */
}

static pid_t run_begin(void)
{
        return BEGIN("run", "--machine", MACHINE, "--case", "VAR-02", "--case", "VAR-03", "--format", "json", "--out",
                     in_scratch("out").text);
}

/* Ends before the application's first record: nothing was heard, and nothing is held against the platform. */
static void vm_is_killed_before_it_spoke(void **state)
{
        pid_t runner = run_begin(), vm[CHILDREN];
        json_t *root;

        (void)state;
        journal_await("\"command-line\"");
        assert_int_equal(children_of(runner, vm), 1);
        assert_int_equal(kill(vm[0], SIGKILL), 0);
        assert_int_equal(program_end(runner), 3);
        assert_one_sentence("the VM ended before the application ever started");
        root = report_load();
        assert_row(root, "var_survives_reset", "ERROR", "killed: killed by signal 9");
        assert_row(root, "var_survives_power_off", "ERROR", "killed: killed by signal 9");
        json_decref(root);
        assert_tidy();
}

/* In the middle: the lane goes on where it can, and no row FAILs for a signal that came from outside. */
static void vm_is_killed_in_the_middle(void **state)
{
        pid_t runner = run_begin(), vm[CHILDREN];
        json_t *root;
        int status;

        (void)state;
        journal_await("\"event\":\"reset\"");
        assert_int_equal(children_of(runner, vm), 1);
        assert_int_equal(kill(vm[0], SIGTERM), 0);
        status = program_end(runner);
        assert_int_equal(status, 3);
        journal_await("\"killed\"");
        root = report_load();
        assert_row(root, "var_survives_reset", "ERROR", "");
        assert_int_equal(rows_count(root, "FAIL"), 0);
        json_decref(root);
        assert_tidy();
}

static void runner_is_killed(void **state)
{
        pid_t runner = run_begin(), vm[CHILDREN];
        size_t count;
        json_t *root;
        char *text;

        (void)state;
        journal_await("\"begin\"");
        count = children_of(runner, vm);
        assert_int_equal(count, 1);
        assert_int_equal(kill(runner, SIGKILL), 0);
        assert_int_equal(program_end(runner), -SIGKILL);
        assert_all_gone(vm, count);
        assert_tidy();
        assert_int_equal(RUN("replay", in_scratch("out").text, "--format", "json"), 3);
        text = file_text(in_scratch("stderr").text, NULL);
        assert_true(strstr(text, "expected the event \"end\"") || strstr(text, "the line is torn"));
        free(text);
        assert_one_sentence("journal.jsonl:");
        root = report_load();
        assert_row(root, "var_survives_reset", "ERROR", "");
        assert_row(root, "var_survives_power_off", "ERROR", "");
        json_decref(root);
}

/* The runner may write no file any further: what it wrote stays whole, and its VMs end with it. */
static void output_is_full(void **state)
{
        struct rlimit limit;
        pid_t runner, vm[CHILDREN];
        struct stat journal;
        size_t count;
        json_t *root;

        (void)state;
        output_unread = true; /* the limit would hold for it, too */
        runner = run_begin();
        journal_await("\"begin\"");
        count = children_of(runner, vm);
        assert_int_equal(stat(in_scratch("out/journal.jsonl").text, &journal), 0);
        limit = (struct rlimit){(rlim_t)journal.st_size + 100, RLIM_INFINITY};
        assert_int_equal(prlimit(runner, RLIMIT_FSIZE, &limit, NULL), 0);
        assert_int_equal(program_end(runner), 3);
        assert_one_sentence("what was heard cannot be written down: File too large");
        assert_all_gone(vm, count);
        output_unread = false;
        assert_int_equal(RUN("replay", in_scratch("out").text, "--format", "json"), 3);
        assert_one_sentence("the journal ends here, expected the event \"end\"");
        root = report_load();
        assert_int_equal(rows_count(root, "ERROR"), 2);
        json_decref(root);
        assert_tidy();
}

/* The console's file stands on a full device. */
static void console_file_is_full(void **state)
{
        (void)state;
        assert_int_equal(mkdir(in_scratch("out").text, 0777), 0);
        assert_int_equal(symlink("/dev/full", in_scratch("out/console-0.log").text), 0);
        assert_int_equal(program_end(run_begin()), 3);
        assert_one_sentence("what was heard cannot be written down: No space left on device");
        assert_tidy();
}

static void output_is_of_an_earlier_run(void **state)
{
        char *text;

        (void)state;
        assert_int_equal(mkdir(in_scratch("out").text, 0777), 0);
        file_write(in_scratch("out/journal.jsonl").text, "{}\n", 3);
        assert_int_equal(program_end(run_begin()), 3);
        assert_one_sentence("holds the journal of an earlier run, expected a new folder");
        text = file_text(in_scratch("stdout").text, NULL);
        assert_string_equal(text, "");
        free(text);
        text = file_text(in_scratch("out/journal.jsonl").text, NULL);
        assert_string_equal(text, "{}\n");
        free(text);
}

static void output_is_no_folder(void **state)
{
        (void)state;
        file_write(in_scratch("out").text, "", 0);
        assert_int_equal(program_end(run_begin()), 3);
        assert_one_sentence("the output folder cannot be used: Not a directory");
}

/* A plan starts no VM and leaves no folder. */
static void plan_is_only_printed(void **state)
{
        char *text;

        (void)state;
        assert_int_equal(
                RUN("run", "--plan", "--machine", MACHINE, "--case", "VAR-02", "--out", in_scratch("out").text), 0);
        text = file_text(in_scratch("stdout").text, NULL);
        assert_non_null(strstr(text, "machine " MACHINE ": 1 lanes, 2 boots\n"));
        free(text);
        assert_int_equal(access(in_scratch("out").text, F_OK), -1);
        assert_int_equal(RUN("run", "--plan", "--format", "html"), 2);
        assert_one_sentence("run --plan knows the formats text and json, not 'html'");
}

/* Descriptors ---------------------------------------------------------------------------------------------------------
 */

/* Lanes that boot and lanes that cannot start leave no descriptor open but the one that file_watch.c keeps. */
static void lanes_leave_no_descriptor(void **state)
{
        enum { KEPT = 1 };
        static bool selected[CASE_COUNT];
        const struct machine *chosen[] = {NULL, NULL, NULL, NULL};
        struct run_options options = {
                .machine = chosen, .selected = selected, .jobs = 2, .quiet = true, .data = TEST_BUILD_DIR};
        struct machine refused;
        struct run_figures figures;
        struct machines machines;
        unsigned before;
        struct path folder;
        char error[600];

        (void)state;
        assert_int_equal(machines_read(TEST_BUILD_DIR "/machines", &machines, error, sizeof(error)), 0);
        assert_int_equal(machine_copy(machines_find(&machines, MACHINE), &refused), 0);
        assert_int_equal(machine_set(&refused, "arg", "-nonsense", error, sizeof(error)), 0);
        chosen[0] = machines_find(&machines, MACHINE);
        chosen[1] = chosen[2] = &refused;
        selected[CASE_var_survives_power_off] = selected[CASE_var_volatile_works] = true;
        before = entries("/proc/self/fd");
        for (unsigned i = 0; i < 2; i++) {
                folder = in_scratch(i ? "second" : "first");
                options.folder = folder.text;
                chosen[i ? 1 : 3] = NULL; /* six lanes, then two */
                assert_int_equal(run_machines(&options, &figures, error, sizeof(error)), 0);
                assert_int_equal(entries("/proc/self/fd"), before + KEPT);
                assert_true(figures.starts >= 3);
        }
        machine_free(&refused);
        machines_free(&machines);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(vm_is_killed_before_it_spoke, scratch_set_up, scratch_tear_down),
                cmocka_unit_test_setup_teardown(vm_is_killed_in_the_middle, scratch_set_up, scratch_tear_down),
                cmocka_unit_test_setup_teardown(runner_is_killed, scratch_set_up, scratch_tear_down),
                cmocka_unit_test_setup_teardown(output_is_full, scratch_set_up, scratch_tear_down),
                cmocka_unit_test_setup_teardown(console_file_is_full, scratch_set_up, scratch_tear_down),
                cmocka_unit_test_setup_teardown(output_is_of_an_earlier_run, scratch_set_up, scratch_tear_down),
                cmocka_unit_test_setup_teardown(output_is_no_folder, scratch_set_up, scratch_tear_down),
                cmocka_unit_test_setup_teardown(plan_is_only_printed, scratch_set_up, scratch_tear_down),
                cmocka_unit_test_setup_teardown(lanes_leave_no_descriptor, scratch_set_up, scratch_tear_down),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
