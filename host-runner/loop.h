/* SPDX-License-Identifier: BSD-2-Clause */
/* The only place that waits: poll(2) over watched descriptors and deadlines. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct loop;

/* Called with the poll(2) events that came. May add and remove watches and timers, its own included. */
typedef void loop_watch_function(void *context, short events);
typedef void loop_timer_function(void *context);

struct loop *loop_new(void);
void loop_free(struct loop *loop);

/* 0 or -ENOMEM. events as in poll(2). */
int loop_watch(struct loop *loop, int fd, short events, loop_watch_function *function, void *context);
void loop_unwatch(struct loop *loop, int fd);

/* One timer per context: setting it again moves it. milliseconds from now. 0 or -ENOMEM. */
int loop_timer_set(struct loop *loop, unsigned milliseconds, loop_timer_function *function, void *context);
void loop_timer_clear(struct loop *loop, loop_timer_function *function, void *context);

/* Waits and calls until *done; 0, or a negative errno where poll itself fails. */
int loop_run(struct loop *loop, const bool *done);

/* CLOCK_MONOTONIC in nanoseconds. */
uint64_t loop_now(void);
