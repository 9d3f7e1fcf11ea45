/* SPDX-License-Identifier: BSD-2-Clause */
/* Journal -> ledger: the same for a run that just ended and for one that is judged again later. */
#pragma once

#include <stddef.h>

#include "ledger.h"

/*
 * Adds a subject per machine of the run. Judges run again over the recorded evidence, and must agree with what the
 * guest said. 0; -EBADMSG with one sentence where the journal is torn (what was heard is in the ledger all the same);
 * another negative errno with one sentence where there is no run to judge.
 */
int verdicts_read(const char *folder, struct ledger *ledger, char *error, size_t error_size);
