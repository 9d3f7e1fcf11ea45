/* SPDX-License-Identifier: BSD-2-Clause */
/* A write is told to each who asked, once a turn, and to nobody behind the end; the loop waits for no deadline first.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "file_watch.h"
#include "suite_disk.h"

static struct loop *loop;
static bool over;

struct hearer {
        unsigned heard;
        struct hearer *ends; /* whose watch it ends */
};

static void hear(void *context)
{
        struct hearer *hearer = context;

        hearer->heard++;
        if (hearer->ends)
                file_watch_end(hear, hearer->ends);
}

static void turn_over(void *context)
{
        (void)context;
        over = true;
}

/* What was written is heard of now. */
static void loop_turn(void)
{
        over = false;
        assert_int_equal(loop_timer_set(loop, 0, turn_over, NULL), 0);
        assert_int_equal(loop_run(loop, &over), 0);
}

/* As a VMM does, by a description of its own: recent kernels do not tell of what memfd_create(2)'s own writes. */
static void file_write(int fd)
{
        char path[40];
        int other;

        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        other = open(path, O_WRONLY | O_CLOEXEC);
        assert_true(other >= 0);
        assert_int_equal(pwrite(other, "x", 1, 0), 1);
        close(other);
}

static int files_make(void **state)
{
        int *fd = calloc(2, sizeof(*fd));

        loop = loop_new();
        if (!fd || !loop)
                return -1;
        fd[0] = private_file(10);
        fd[1] = private_file(10);
        *state = fd;
        return fd[0] < 0 || fd[1] < 0;
}

static int files_drop(void **state)
{
        int *fd = *state;

        close(fd[0]);
        close(fd[1]);
        free(fd);
        loop_free(loop);
        return 0;
}

static void each_file_has_its_hearers(void **state)
{
        struct hearer one = {0}, other = {0}, both = {0};
        int *fd = *state;

        assert_int_equal(file_watch_begin(loop, fd[0], hear, &one), 0);
        assert_int_equal(file_watch_begin(loop, fd[1], hear, &other), 0);
        assert_int_equal(file_watch_begin(loop, fd[0], hear, &both), 0);
        loop_turn();
        assert_int_equal(one.heard + other.heard + both.heard, 0);
        file_write(fd[0]);
        file_write(fd[0]);
        loop_turn();
        assert_int_equal(one.heard, 1);
        assert_int_equal(both.heard, 1);
        assert_int_equal(other.heard, 0);
        file_watch_end(hear, &one);
        file_write(fd[0]);
        file_write(fd[1]);
        loop_turn();
        assert_int_equal(one.heard, 1);
        assert_int_equal(both.heard, 2);
        assert_int_equal(other.heard, 1);
        file_watch_end(hear, &both);
        file_watch_end(hear, &other);
        file_watch_end(hear, &other);
}

static void hearer_may_end_another(void **state)
{
        struct hearer last = {0}, first = {.ends = &last}, self = {.ends = &self};
        int *fd = *state;

        assert_int_equal(file_watch_begin(loop, fd[0], hear, &first), 0);
        assert_int_equal(file_watch_begin(loop, fd[0], hear, &last), 0);
        assert_int_equal(file_watch_begin(loop, fd[0], hear, &self), 0);
        file_write(fd[0]);
        loop_turn();
        file_write(fd[0]);
        loop_turn();
        assert_int_equal(first.heard, 2);
        assert_int_equal(last.heard, 0);
        assert_int_equal(self.heard, 1);
        file_watch_end(hear, &first);
}

static void watches_are_of_one_loop_and_one_process(void **state)
{
        struct loop *second = loop_new();
        struct hearer one = {0};
        int *fd = *state, status;
        pid_t child;

        assert_non_null(second);
        assert_int_equal(file_watch_begin(loop, fd[0], hear, &one), 0);
        assert_int_equal(file_watch_begin(second, fd[1], hear, &one), -EBUSY);
        child = fork();
        if (child == 0) {
                struct hearer own = {0};
                bool begun = file_watch_begin(second, fd[0], hear, &own) == 0;

                file_watch_end(hear, &one); /* which is the parent's */
                file_write(fd[0]);
                (void)loop_timer_set(second, 0, turn_over, NULL);
                over = !begun;
                (void)loop_run(second, &over);
                _exit(begun && own.heard == 1 ? 0 : 1);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        loop_turn();
        assert_int_equal(one.heard, 1);
        file_watch_end(hear, &one);
        assert_int_equal(file_watch_begin(second, fd[1], hear, &one), 0);
        file_watch_end(hear, &one);
        loop_free(second);
}

static void file_that_is_none_cannot_be_watched(void **state)
{
        struct hearer one = {0};

        (void)state;
        assert_int_equal(file_watch_begin(loop, -1, hear, &one), -ENOENT);
}

/* A runner that the host held up ---------------------------------------------------------------------------------- */

static struct hearer late_hearer;
static unsigned heard_at_deadline;

static void deadline(void *context)
{
        (void)context;
        heard_at_deadline = late_hearer.heard;
        over = true;
}

/* While it serves one thing, another becomes ready and the deadline for that passes. */
static void hold_up(void *context)
{
        int *fd = context;
        uint64_t since = loop_now();

        file_watch_end(hold_up, context);
        file_write(fd[1]);
        while (loop_now() - since < 30000000)
                ;
}

static void what_is_ready_comes_before_a_deadline(void **state)
{
        int *fd = *state;

        late_hearer = (struct hearer){0};
        over = false;
        assert_int_equal(file_watch_begin(loop, fd[0], hold_up, fd), 0);
        assert_int_equal(file_watch_begin(loop, fd[1], hear, &late_hearer), 0);
        assert_int_equal(loop_timer_set(loop, 20, deadline, NULL), 0);
        file_write(fd[0]);
        assert_int_equal(loop_run(loop, &over), 0);
        assert_int_equal(heard_at_deadline, 1);
        file_watch_end(hear, &late_hearer);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(each_file_has_its_hearers, files_make, files_drop),
                cmocka_unit_test_setup_teardown(hearer_may_end_another, files_make, files_drop),
                cmocka_unit_test_setup_teardown(watches_are_of_one_loop_and_one_process, files_make, files_drop),
                cmocka_unit_test_setup_teardown(file_that_is_none_cannot_be_watched, files_make, files_drop),
                cmocka_unit_test_setup_teardown(what_is_ready_comes_before_a_deadline, files_make, files_drop),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
