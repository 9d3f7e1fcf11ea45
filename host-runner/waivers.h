/* SPDX-License-Identifier: BSD-2-Clause */
/* What a user has decided to live with, for a reason and until a day: a failure that is waived stays in sight. */
#pragma once

#include <stdio.h>

#include "ledger.h"

/*
 * Reads a file into the ledger. Each section is one waiver, its name a name for it; clause and machine are globs,
 * reason is words, expires is the last day on which it holds (YYYY-MM-DD). 0, or a negative errno with one sentence.
 */
int waivers_read(const char *path, struct ledger *ledger, char *error, size_t error_size);

/* Waives the failures that the waivers name and that have not expired on the day (YYYY-MM-DD, UTC). */
void waivers_apply(struct ledger *ledger, const char *day);

/* One sentence for each that has expired or that waived nothing. */
void waivers_complain(const struct ledger *ledger, const char *path, FILE *to);

/* "expired", "unused", or "waives N rows". */
struct waiver_state {
        char text[32];
};
struct waiver_state waiver_state(const struct waiver *waiver);
