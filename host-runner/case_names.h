/* SPDX-License-Identifier: BSD-2-Clause */
/* Globs by which cases are named: on the command line, in the files of defects and machines. */
#pragma once

#include <stdbool.h>

#include "case.h"

/* True where the glob is of the case's name or of its clause: "gic_*", "GIC-0[12]". */
bool case_is_named(enum case_id id, const char *glob);
/* Sets every case that the glob names, and leaves the others as they are; false where it names none. */
bool cases_set(const char *glob, bool set[CASE_COUNT]);
