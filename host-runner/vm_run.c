/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A machine's whole run ends as its baseline says: every planned case judged, no ERROR, nothing unexplained in either
 * direction; the replay prints the same bytes; and a TAP parser that is not ours takes the stream.
 *
 * usage: vm_run MACHINE BASELINE.ini
 */
#include <errno.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ini.h>
#include <jansson.h>

enum { EXPECTED_MAX = 64, NAME = 80 };

struct expectation {
        char id[NAME];
        char verdict[NAME];
        bool reason;
        bool met;
};

static struct expectation expectations[EXPECTED_MAX];
static size_t expected;
static unsigned wrong;

static void complain(const char *what, const char *id, const char *got, const char *want)
{
        fprintf(stderr, "%s: %s: got %s, want %s\n", what, id, got, want);
        wrong++;
}

/* The baseline ----------------------------------------------------------------------------------------------------- */

static int baseline_line(void *context, const char *section, const char *name, const char *value)
{
        struct expectation *last = expected ? &expectations[expected - 1] : NULL;

        (void)context;
        if (!last || strcmp(last->id, section) != 0) {
                if (expected == EXPECTED_MAX)
                        return 0;
                last = &expectations[expected++];
                snprintf(last->id, sizeof(last->id), "%s", section);
        }
        if (strcmp(name, "verdict") == 0)
                snprintf(last->verdict, sizeof(last->verdict), "%s", value);
        else if (strcmp(name, "reason") == 0)
                last->reason = *value != 0;
        else
                return 0;
        return 1;
}

static void row_check(const json_t *row)
{
        const char *id = json_string_value(json_object_get(row, "case"));
        const char *verdict = json_string_value(json_object_get(row, "verdict"));
        const char *reason = json_string_value(json_object_get(row, "reason"));
        bool fine = strcmp(verdict, "PASS") == 0 || strcmp(verdict, "NOT-APPLICABLE") == 0;

        for (size_t i = 0; i < expected; i++) {
                if (strcmp(expectations[i].id, id) != 0)
                        continue;
                expectations[i].met = true;
                if (strcmp(expectations[i].verdict, verdict) != 0)
                        complain("differs from the baseline", id, verdict, expectations[i].verdict);
                return;
        }
        if (!fine) {
                fprintf(stderr, "  %s\n", reason ? reason : "");
                complain("not in the baseline", id, verdict, "PASS or NOT-APPLICABLE");
        }
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

static void rows_check(const char *path)
{
        json_t *root = json_load_file(path, 0, NULL), *subject, *row;
        size_t s, r, rows = 0;

        json_array_foreach(json_object_get(root, "subjects"), s, subject)
        {
                json_array_foreach(json_object_get(subject, "rows"), r, row)
                {
                        row_check(row);
                        rows++;
                }
        }
        if (rows == 0)
                complain("report", path, "no row", "a row per case");
        json_decref(root);
        for (size_t i = 0; i < expected; i++) {
                if (!expectations[i].met)
                        complain("baseline", expectations[i].id, "no such case in the run", expectations[i].verdict);
                if (!expectations[i].reason)
                        complain("baseline", expectations[i].id, "no reason", "a reason");
        }
}

static int entry_remove(const char *path, const struct stat *status, int type, struct FTW *at)
{
        (void)status, (void)type, (void)at;
        return remove(path);
}

int main(int argc, char **argv)
{
        char folder[] = "/tmp/vmspec-run-XXXXXX";
        int status;

        if (argc != 3 || !mkdtemp(folder) || chdir(folder)) {
                fprintf(stderr, "usage: vm_run MACHINE BASELINE.ini\n");
                return 2;
        }
        if (access(argv[2], F_OK) == 0 && ini_parse(argv[2], baseline_line, NULL))
                complain("baseline", argv[2], "a line that does not parse", "[case], verdict, reason");
        status = program_run((char *[]){TEST_BUILD_DIR "/vmspec", "run", "--machine", argv[1], "--out", "run", NULL},
                             "tap");
        if (status != 0 && status != 1)
                complain("vmspec run", argv[1], status == 3 ? "exit status 3" : "another exit status", "0 or 1");
        if (program_run((char *[]){TEST_BUILD_DIR "/vmspec", "replay", "run", NULL}, "replay") != status)
                complain("vmspec replay", argv[1], "another exit status", "that of the run");
        if (!same_bytes("tap", "replay"))
                complain("vmspec replay", argv[1], "another report", "that of the run");
        (void)program_run((char *[]){"prove", "--exec", "cat", "tap", NULL}, "prove");
        if (file_says("prove", "Parse errors") || !file_says("prove", "Result:"))
                complain("prove", argv[1], "parse errors", "TAP 13");
        (void)program_run((char *[]){TEST_BUILD_DIR "/vmspec", "report", "run", "--format", "json", NULL}, "json");
        rows_check("json");
        if (wrong) {
                fprintf(stderr, "%u differences; the run is kept in %s\n", wrong, folder);
                return 1;
        }
        if (chdir("/") == 0)
                (void)nftw(folder, entry_remove, 16, FTW_DEPTH | FTW_PHYS);
        printf("%s: as its baseline says\n", argv[1]);
        return 0;
}
