/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A machine's whole run ends as its baseline says: every planned case judged, no ERROR, nothing unexplained in either
 * direction; the replay prints the same bytes; and a TAP parser that is not ours takes the stream.
 * A run that differs by nothing but a SKIP, which is what a case says on a host too busy to judge by, is made again.
 *
 * usage: vm_run MACHINE
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <jansson.h>

#include "scratch.h"

static unsigned wrong, skipped;

static void complain(const char *what, const char *id, const char *got, const char *want)
{
        fprintf(stderr, "%s: %s: got %s, want %s\n", what, id, got, want);
        wrong++;
}

/* Programs --------------------------------------------------------------------------------------------------------- */

/* Runs a program to its end with its output in a file; its exit status. */
static int program_run(char *const words[], const char *output)
{
        pid_t child = fork();
        int status = 0;

        if (child == 0) {
                if (!freopen(output, "w", stdout))
                        _exit(126);
                execvp(words[0], words);
                _exit(127);
        }
        if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
                return -1;
        return WEXITSTATUS(status);
}

static bool same_bytes(const char *a, const char *b)
{
        FILE *x = fopen(a, "re"), *y = fopen(b, "re");
        int c = 0, d = 0;

        while (x && y && c == d && c != EOF) {
                c = fgetc(x);
                d = fgetc(y);
        }
        if (x)
                fclose(x);
        if (y)
                fclose(y);
        return x && y && c == d;
}

static bool file_says(const char *path, const char *words)
{
        FILE *file = fopen(path, "re");
        char line[1000];
        bool says = false;

        while (file && fgets(line, sizeof(line), file))
                says |= strstr(line, words) != NULL;
        if (file)
                fclose(file);
        return says;
}

/* Why a case came out as it did, in the report's words. */
static const char *row_reason(const json_t *subject, const char *id)
{
        const json_t *row;
        size_t i;

        json_array_foreach(json_object_get(subject, "rows"), i, row)
        {
                const char *name = json_string_value(json_object_get(row, "case"));
                const char *reason = json_string_value(json_object_get(row, "reason"));

                if (name && reason && strcmp(name, id) == 0)
                        return reason;
        }
        return "no reason";
}

/* The product compares with the baseline; here it is asked whether it did, and that nothing was left unexplained. */
static void subject_check(const char *name, const json_t *subject)
{
        const json_t *baseline = json_object_get(subject, "baseline"), *difference;
        size_t i;

        if (json_array_size(json_object_get(subject, "rows")) == 0)
                complain("report", name, "no row", "a row per case");
        if (!json_is_object(baseline)) {
                complain("report", name, "no baseline", "fixtures/baselines has one for each stock machine");
                return;
        }
        json_array_foreach(json_object_get(baseline, "differences"), i, difference)
        {
                skipped += strcmp(json_string_value(json_object_get(difference, "verdict")), "SKIP") == 0;
                complain(json_string_value(json_object_get(difference, "direction")),
                         json_string_value(json_object_get(difference, "case")),
                         json_string_value(json_object_get(difference, "verdict")),
                         json_string_value(json_object_get(difference, "expected")));
                fprintf(stderr, "  %s\n", row_reason(subject, json_string_value(json_object_get(difference, "case"))));
        }
        if (json_integer_value(json_object_get(baseline, "not_judged")) != 0)
                complain("baseline", name, "cases that this machine does not run", "only cases that it runs");
}

static void report_check(const char *name, char *run)
{
        int made = program_run((char *[]){TEST_BUILD_DIR "/vmspec", "report", run, "--format", "json", NULL}, "json");
        json_t *root = made < 0 ? NULL : json_load_file("json", 0, NULL), *subject;
        size_t s;

        if (json_array_size(json_object_get(root, "subjects")) != 1)
                complain("report", name, "no subject", "this machine");
        json_array_foreach(json_object_get(root, "subjects"), s, subject)
        {
                subject_check(name, subject);
        }
        json_decref(root);
}

/* One run and what is to be seen of it, in a folder of that name. */
static void machine_run(char *machine, char *run)
{
        char *words[] = {TEST_BUILD_DIR "/vmspec", "run", "--machine", machine, "--out", run, NULL};
        int status = program_run(words, "tap");

        report_check(machine, run);
        if (status != 0 && status != 1 && !(status == 3 && skipped))
                complain("vmspec run", machine, status == 3 ? "exit status 3" : "another exit status", "0 or 1");
        if (program_run((char *[]){TEST_BUILD_DIR "/vmspec", "replay", run, NULL}, "replay") != status)
                complain("vmspec replay", machine, "another exit status", "that of the run");
        if (!same_bytes("tap", "replay"))
                complain("vmspec replay", machine, "another report", "that of the run");
        (void)program_run((char *[]){"prove", "--exec", "cat", "tap", NULL}, "prove");
        if (file_says("prove", "Parse errors") || !file_says("prove", "Result:"))
                complain("prove", machine, "parse errors", "TAP 13");
}

int main(int argc, char **argv)
{
        static char *const runs[] = {"run", "run-again", "run-once-more"};
        char folder[] = "/tmp/vmspec-run-XXXXXX";

        if (argc != 2 || !mkdtemp(folder) || chdir(folder)) {
                fprintf(stderr, "usage: vm_run MACHINE\n");
                return 2;
        }
        for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]) && wrong == skipped && (i == 0 || wrong); i++) {
                wrong = skipped = 0;
                machine_run(argv[1], runs[i]);
        }
        if (wrong) {
                fprintf(stderr, "%u differences; the run is kept in %s\n", wrong, folder);
                return 1;
        }
        if (chdir("/") == 0)
                folder_remove(folder);
        printf("%s: as its baseline says\n", argv[1]);
        return 0;
}
