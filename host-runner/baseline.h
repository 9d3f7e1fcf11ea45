/* SPDX-License-Identifier: BSD-2-Clause */
/* What a machine is known not to meet: a run that ends better or worse than that says so. */
#pragma once

#include "ledger.h"

/*
 * Finds and reads the baseline of every machine in the ledger: baselines/<id>.ini beside the folder that the machine's
 * own file is in, in $XDG_CONFIG_HOME/vmspec (or ~/.config/vmspec) before the built-in folder. A machine without one
 * has none. 0, or a negative errno with one sentence where a file is wrong.
 */
int baselines_read(const char *built_in, struct ledger *ledger, char *error, size_t error_size);

/* One file, for one subject: a section is a case, its keys are verdict and reason. Same errors. */
int baseline_read(const char *path, struct subject *subject, char *error, size_t error_size);
