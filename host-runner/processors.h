/* SPDX-License-Identifier: BSD-2-Clause */
/* Which of the host's processors a VMM is to keep to, and how long it waits for them. */
#pragma once

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * The share of place 0 .. places - 1 of the processors that this process may use: apart from the others' shares, and
 * all of them together. False where there are fewer processors than places, or one place alone: nothing to share.
 */
bool processors_share(unsigned place, unsigned places, cpu_set_t *ret);

/* For how long a thread ran, and for how long it was ready and had no processor, in nanoseconds. */
struct processors_thread {
        uint64_t ran, awaited;
};

/*
 * For how long others kept a process from running: its thread that waited longest waited so long, but not for the
 * process's own threads, which may share one processor.
 */
uint64_t processors_starved(const struct processors_thread *thread, unsigned threads);

/* Looks at a child of this process until it has been waited for, and is freed then. NULL: nothing tells of it. */
struct processors_watch *processors_watch_new(pid_t process);
void processors_watch_free(struct processors_watch *watch);
/* The same of such a child, from its start on. 0 for NULL. */
uint64_t processors_awaited(struct processors_watch *watch);
