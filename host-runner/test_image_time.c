/* SPDX-License-Identifier: BSD-2-Clause */
/* A disk image of 1 TiB is judged from its metadata: in less than 50 ms of processor time, process start included. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { ROUNDS = 5, LIMIT_US = 50000 };

static int program_run(char *const words[], struct rusage *ret)
{
        pid_t child = fork();
        int status = 0;

        if (child == 0) {
                if (!freopen("/dev/null", "w", stdout))
                        _exit(126);
                execvp(words[0], words);
                _exit(127);
        }
        if (child < 0 || wait4(child, &status, 0, ret) != child || !WIFEXITED(status))
                return -1;
        return WEXITSTATUS(status);
}

static long microseconds(const struct rusage *usage)
{
        return (usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000000 + usage->ru_utime.tv_usec +
               usage->ru_stime.tv_usec;
}

/* Of an image's judging, the least of some rounds, in microseconds. */
static long image_time(char *path)
{
        struct rusage usage;
        long best = 0;

        for (int i = 0; i < ROUNDS; i++) {
                assert_int_equal(program_run((char *[]){TEST_BUILD_DIR "/vmspec", "image", path, NULL}, &usage), 0);
                if (i == 0 || microseconds(&usage) < best)
                        best = microseconds(&usage);
        }
        return best;
}

/* A sanitizer's own time, at a program's start and end, is no matter of the image's: held against a small one's. */
static void test_one_tebibyte(void **state)
{
        char path[] = TEST_BUILD_DIR "/tests/tebibyte-XXXXXX";
        char copy[] = TEST_BUILD_DIR "/suite.img";
        long small, large;
        struct rusage usage;
        int fd = mkstemp(path);

        (void)state;
        assert_true(fd >= 0);
        close(fd);
        assert_int_equal(program_run((char *[]){"cp", "--sparse=always", copy, path, NULL}, &usage), 0);
        assert_int_equal(truncate(path, 1L << 40), 0);
        assert_int_equal(program_run((char *[]){"sgdisk", "--move-second-header", path, NULL}, &usage), 0);
        small = image_time(copy);
        large = image_time(path);
        print_message("1 TiB judged in %ld us of processor time, 139 MiB in %ld us\n", large, small);
        assert_true(large < 2 * small);
#ifndef VMSPEC_SANITIZED
        assert_true(large < LIMIT_US);
#endif
        unlink(path);
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(test_one_tebibyte)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
