/* SPDX-License-Identifier: BSD-2-Clause */
/* Every wait has an end: the next event or the next deadline. */
#include "loop.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WATCHES = 192, TIMERS = 80 }; /* 16 lanes at once have at most 10 and 4 each: one that is moved has two VMs */

struct watch {
        loop_watch_function *function; /* NULL: free */
        void *context;
        uint64_t generation; /* tells a reused place from the one that poll reported */
};

struct timer {
        loop_timer_function *function; /* NULL: free */
        void *context;
        uint64_t at;
};

struct loop {
        struct pollfd poll[WATCHES]; /* fd -1: free */
        struct watch watch[WATCHES];
        struct timer timer[TIMERS];
        uint64_t generation;
};

uint64_t loop_now(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

struct loop *loop_new(void)
{
        struct loop *loop = calloc(1, sizeof(*loop));

        for (unsigned i = 0; loop && i < WATCHES; i++)
                loop->poll[i].fd = -1;
        return loop;
}

void loop_free(struct loop *loop)
{
        free(loop);
}

int loop_watch(struct loop *loop, int fd, short events, loop_watch_function *function, void *context)
{
        for (unsigned i = 0; i < WATCHES; i++) {
                if (loop->poll[i].fd >= 0)
                        continue;
                loop->poll[i] = (struct pollfd){.fd = fd, .events = events};
                loop->watch[i] = (struct watch){function, context, ++loop->generation};
                return 0;
        }
        return -ENOMEM;
}

void loop_unwatch(struct loop *loop, int fd)
{
        for (unsigned i = 0; i < WATCHES; i++)
                if (loop->poll[i].fd == fd) {
                        loop->poll[i] = (struct pollfd){.fd = -1};
                        loop->watch[i] = (struct watch){0};
                }
}

int loop_timer_set(struct loop *loop, unsigned milliseconds, loop_timer_function *function, void *context)
{
        struct timer *place = NULL;

        for (unsigned i = 0; i < TIMERS; i++) {
                struct timer *timer = &loop->timer[i];

                if (timer->function == function && timer->context == context) {
                        place = timer;
                        break;
                }
                if (!timer->function && !place)
                        place = timer;
        }
        if (!place)
                return -ENOMEM;
        *place = (struct timer){function, context, loop_now() + milliseconds * UINT64_C(1000000)};
        return 0;
}

void loop_timer_clear(struct loop *loop, loop_timer_function *function, void *context)
{
        for (unsigned i = 0; i < TIMERS; i++)
                if (loop->timer[i].function == function && loop->timer[i].context == context)
                        loop->timer[i] = (struct timer){0};
}

/* Milliseconds to the next deadline, rounded up; -1 where there is none. */
static int loop_patience(const struct loop *loop)
{
        uint64_t now = loop_now(), next = UINT64_MAX;

        for (unsigned i = 0; i < TIMERS; i++)
                if (loop->timer[i].function && loop->timer[i].at < next)
                        next = loop->timer[i].at;
        if (next == UINT64_MAX)
                return -1;
        return next <= now ? 0 : (int)((next - now + 999999) / 1000000);
}

static void loop_fire_timers(struct loop *loop, uint64_t now)
{
        for (unsigned i = 0; i < TIMERS; i++) {
                struct timer timer = loop->timer[i];

                if (!timer.function || timer.at > now)
                        continue;
                loop->timer[i] = (struct timer){0};
                timer.function(timer.context);
        }
}

static void loop_fire_watches(struct loop *loop)
{
        struct pollfd ready[WATCHES];
        struct watch watch[WATCHES];

        memcpy(ready, loop->poll, sizeof(ready));
        memcpy(watch, loop->watch, sizeof(watch));
        for (unsigned i = 0; i < WATCHES; i++)
                if (ready[i].fd >= 0 && ready[i].revents && loop->watch[i].generation == watch[i].generation)
                        watch[i].function(watch[i].context, ready[i].revents);
}

/* A deadline that passes while what was ready is served waits for what has become ready meanwhile. */
int loop_run(struct loop *loop, const bool *done)
{
        uint64_t polled;

        while (!*done) {
                if (poll(loop->poll, WATCHES, loop_patience(loop)) < 0) {
                        if (errno == EINTR)
                                continue;
                        return -errno;
                }
                polled = loop_now();
                loop_fire_watches(loop);
                loop_fire_timers(loop, polled);
        }
        return 0;
}
