/* SPDX-License-Identifier: BSD-2-Clause */
/* Shares of the processors that the process has: none is given twice, none is left over. And who waits for one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "processors.h"

enum { WORK_NS = 200000000 };

static void shares_are_apart_and_whole(void **state)
{
        cpu_set_t all, share, both, sum;
        unsigned count;

        (void)state;
        assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
        count = (unsigned)CPU_COUNT(&all);
        for (unsigned places = 2; places <= count; places++) {
                CPU_ZERO(&sum);
                for (unsigned place = 0; place < places; place++) {
                        assert_true(processors_share(place, places, &share));
                        assert_true(CPU_COUNT(&share) >= (int)(count / places));
                        CPU_AND(&both, &share, &sum);
                        assert_int_equal(CPU_COUNT(&both), 0);
                        CPU_OR(&sum, &sum, &share);
                }
                assert_true(CPU_EQUAL(&sum, &all));
        }
}

static void one_processor_is_not_shared(void **state)
{
        cpu_set_t all, one, share;
        int first = 0;

        (void)state;
        assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
        while (!CPU_ISSET(first, &all))
                first++;
        CPU_ZERO(&one);
        CPU_SET(first, &one);
        assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
        assert_false(processors_share(0, 2, &share));
        assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
}

static void a_place_alone_or_outside_has_no_share(void **state)
{
        cpu_set_t share;

        (void)state;
        assert_false(processors_share(0, 1, &share));
        assert_false(processors_share(2, 2, &share));
}

static void own_threads_starve_nobody(void **state)
{
        static const struct processors_thread alone[] = {{25, 75}, {25, 75}, {25, 75}, {25, 75}},
                                              beside_others[] = {{10, 90}, {40, 50}}, idle[] = {{1, 0}, {99, 1}};

        (void)state;
        assert_int_equal(processors_starved(alone, 4), 0);
        assert_int_equal(processors_starved(beside_others, 2), 50);
        assert_int_equal(processors_starved(idle, 2), 0);
        assert_int_equal(processors_starved(idle, 0), 0);
}

/* Works for so long in its own time, and stops. */
static void work_and_stop(void) __attribute__((noreturn));
static void work_and_stop(void)
{
        struct timespec own = {0};

        prctl(PR_SET_PDEATHSIG, SIGKILL);
        while (own.tv_sec == 0 && own.tv_nsec < WORK_NS)
                (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &own);
        raise(SIGSTOP);
        _exit(0);
}

/* Two that never rest share one processor: when both have worked for a fifth of a second, the first waited as long. */
static void waiting_is_told(void **state)
{
        struct processors_watch *watch[2];
        cpu_set_t all, one;
        int first = 0, status;
        pid_t child[2];
        uint64_t awaited = 0;

        (void)state;
        assert_int_equal(processors_awaited(NULL), 0);
        assert_null(processors_watch_new(0));
        assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
        while (!CPU_ISSET(first, &all))
                first++;
        CPU_ZERO(&one);
        CPU_SET(first, &one);
        assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
        for (unsigned i = 0; i < 2; i++) {
                child[i] = fork();
                assert_true(child[i] >= 0);
                if (child[i] == 0)
                        work_and_stop();
                watch[i] = processors_watch_new(child[i]);
                assert_non_null(watch[i]);
        }
        assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
        for (unsigned i = 0; i < 2; i++) {
                assert_int_equal(waitpid(child[i], &status, WUNTRACED), child[i]);
                assert_true(WIFSTOPPED(status));
                awaited += processors_awaited(watch[i]);
        }
        for (unsigned i = 0; i < 2; i++) {
                kill(child[i], SIGKILL);
                (void)waitpid(child[i], NULL, 0);
                assert_int_equal(processors_awaited(watch[i]), 0);
                processors_watch_free(watch[i]);
        }
        assert_true(awaited >= WORK_NS / 2);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(shares_are_apart_and_whole),
                cmocka_unit_test(one_processor_is_not_shared),
                cmocka_unit_test(own_threads_starve_nobody),
                cmocka_unit_test(waiting_is_told),
                cmocka_unit_test(a_place_alone_or_outside_has_no_share),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
