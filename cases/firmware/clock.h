/* SPDX-License-Identifier: BSD-2-Clause */
/* What the cases of the clock share. */
#pragma once

#include "guest.h"

struct reading {
        int64_t seconds;  /* since 1970 */
        uint64_t counter; /* when it was read; 0: it was not */
};

/* GetTime is SUCCESS: a fact, and its time. */
bool clock_read(struct guest *g, EFI_TIME *time, struct reading *ret);

/* The time is set one hour on or back, and the clock says so. */
bool clock_move(struct guest *g, bool back);

/* Every field is in its range. */
void clock_fields_judge(struct guest *g, const EFI_TIME *time);

/*
 * The clock tells a later time than it did, as soon as a second has passed by the counter and no sooner than it may:
 * waits for a tick only where none has been since.
 */
void clock_judge_advance(struct guest *g, const struct reading *since);
