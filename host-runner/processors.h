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

/* For how long, in nanoseconds, the thread of a process that waited longest was ready and had no processor; 0: nothing
 * tells. */
uint64_t processors_awaited(pid_t process);
