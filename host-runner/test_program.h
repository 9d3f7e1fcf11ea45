/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs build/vmspec in a scratch folder of its own, with every wait bounded; for tests only. */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "scratch.h"

#define VMSPEC TEST_BUILD_DIR "/vmspec"
#define MAYBE_UNUSED __attribute__((unused))

enum { WORDS_MAX = 24, PATH_ROOM = 300 };

static int patience_s = 100; /* that a program may take */

static char scratch[] = "/tmp/vmspec-test-XXXXXX";
static const char *path_override; /* of PATH; NULL: as it is */
static bool output_unread;        /* standard output goes nowhere */

/* Files ------------------------------------------------------------------------------------------------------------ */

struct path {
        char text[PATH_ROOM];
};

static struct path in_scratch(const char *name) MAYBE_UNUSED;
static struct path in_scratch(const char *name)
{
        struct path path;

        snprintf(path.text, sizeof(path.text), "%s/%s", scratch, name);
        return path;
}

/* The file's bytes with a NUL after them; "" where there is none. */
static char *file_text(const char *path, size_t *ret_size)
{
        FILE *file = fopen(path, "re");
        char *text = NULL;
        size_t size = 0, room = 0;

        for (size_t got = 1; file && got; size += got) {
                if (room - size < 65536) {
                        text = realloc(text, room += 1 << 20);
                        assert_non_null(text);
                }
                got = fread(text + size, 1, 65536 - 1, file);
        }
        if (file)
                fclose(file);
        if (!text)
                text = calloc(1, 1);
        text[size] = 0;
        if (ret_size)
                *ret_size = size;
        return text;
}

static void file_write(const char *path, const void *bytes, size_t size) MAYBE_UNUSED;
static void file_write(const char *path, const void *bytes, size_t size)
{
        FILE *file = fopen(path, "we");

        assert_non_null(file);
        assert_int_equal(fwrite(bytes, 1, size, file), size);
        assert_int_equal(fclose(file), 0);
}

static int scratch_set_up(void **state) MAYBE_UNUSED;
static int scratch_set_up(void **state)
{
        static const char *const folders[] = {"config", "config/vmspec", "config/vmspec/machines", "tmp"};

        (void)state;
        memcpy(strrchr(scratch, '-'), "-XXXXXX", 8);
        if (!mkdtemp(scratch))
                return -1;
        for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
                if (mkdir(in_scratch(folders[i]).text, 0777))
                        return -1;
        path_override = NULL;
        output_unread = false;
        return 0;
}

static int scratch_tear_down(void **state) MAYBE_UNUSED;
static int scratch_tear_down(void **state)
{
        (void)state;
        folder_remove(scratch);
        return 0;
}

/* The program ------------------------------------------------------------------------------------------------------ */

/* Starts it with words up to a NULL; what it writes goes to the scratch folder's stdout and stderr. */
static pid_t program_begin(const char *const words[])
{
        pid_t parent = getpid(), child = fork();

        assert_true(child >= 0);
        if (child)
                return child;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent || !freopen(output_unread ? "/dev/null" : in_scratch("stdout").text, "w", stdout) ||
            !freopen(in_scratch("stderr").text, "w", stderr))
                _exit(126);
        setenv("XDG_CONFIG_HOME", in_scratch("config").text, 1);
        setenv("XDG_STATE_HOME", in_scratch("state").text, 1);
        setenv("TMPDIR", in_scratch("tmp").text, 1);
        if (path_override)
                setenv("PATH", path_override, 1);
        execv(words[0], (char *const *)(uintptr_t)words);
        _exit(125);
}

/* Waits for a process that is a child; its exit status, or -signal. */
static int program_end(pid_t pid)
{
        int fd = (int)syscall(SYS_pidfd_open, pid, 0), status = 0;
        struct pollfd wait = {.fd = fd, .events = POLLIN};

        if (poll(&wait, 1, patience_s * 1000) != 1) {
                kill(pid, SIGKILL);
                (void)waitpid(pid, &status, 0);
                fail_msg("the program did not end within %d s", patience_s);
        }
        close(fd);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int program(const char *const words[]) MAYBE_UNUSED;
static int program(const char *const words[])
{
        return program_end(program_begin(words));
}

#define RUN(...) program((const char *const[]){VMSPEC, __VA_ARGS__, NULL})
#define BEGIN(...) program_begin((const char *const[]){VMSPEC, __VA_ARGS__, NULL})

/* Exactly one sentence came, with these words; where the run is kept is a remark. */
static void assert_one_sentence(const char *words) MAYBE_UNUSED;
static void assert_one_sentence(const char *words)
{
        char *text = file_text(in_scratch("stderr").text, NULL), *rest = NULL;
        unsigned sentences = 0;
        bool found = false;

        for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
                if (strstr(line, "the run is kept in"))
                        continue;
                sentences++;
                found |= strstr(line, words) != NULL;
                if (!found || sentences > 1)
                        print_message("stderr: %s\n", line);
        }
        free(text);
        assert_true(found);
        assert_int_equal(sentences, 1);
}

/* Rows ------------------------------------------------------------------------------------------------------------- */

/* The rows on the scratch folder's stdout, a report in JSON. */
static json_t *report_load(void) MAYBE_UNUSED;
static json_t *report_load(void)
{
        json_error_t error;
        json_t *root = json_load_file(in_scratch("stdout").text, 0, &error);

        if (!root)
                fail_msg("the report is no JSON: %s", error.text);
        return root;
}

static const char *text_of(const json_t *object, const char *key)
{
        const char *text = json_string_value(json_object_get(object, key));

        return text ? text : "";
}

static void assert_row(const json_t *root, const char *id, const char *verdict, const char *reason) MAYBE_UNUSED;
static void assert_row(const json_t *root, const char *id, const char *verdict, const char *reason)
{
        const json_t *subject, *row;
        unsigned found = 0;
        size_t s, r;

        json_array_foreach(json_object_get(root, "subjects"), s, subject)
        {
                json_array_foreach(json_object_get(subject, "rows"), r, row)
                {
                        if (strcmp(text_of(row, "case"), id) != 0)
                                continue;
                        found++;
                        if (strcmp(text_of(row, "verdict"), verdict) != 0 || !strstr(text_of(row, "reason"), reason))
                                fail_msg("%s: got %s (%s), want %s (%s)", id, text_of(row, "verdict"),
                                         text_of(row, "reason"), verdict, reason);
                }
        }
        if (found != 1)
                fail_msg("%s: got %u rows, want 1", id, found);
}

/* How many rows have that verdict. */
static unsigned rows_count(const json_t *root, const char *verdict) MAYBE_UNUSED;
static unsigned rows_count(const json_t *root, const char *verdict)
{
        const json_t *subject, *row;
        unsigned count = 0;
        size_t s, r;

        json_array_foreach(json_object_get(root, "subjects"), s, subject)
        {
                json_array_foreach(json_object_get(subject, "rows"), r, row)
                {
                        count += strcmp(text_of(row, "verdict"), verdict) == 0;
                }
        }
        return count;
}
