/* SPDX-License-Identifier: BSD-2-Clause */
/* `vmspec run --plan`: which boots a run would make, and why each. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "case.h"
#include "machine.h"

/* machine is NULL-terminated. As lines for people or as JSON; no VM is started. 0, -EIO or -ENOMEM. */
int plan_print(const struct machine *const *machine, const bool selected[CASE_COUNT], bool json, FILE *to);
