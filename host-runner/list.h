/* SPDX-License-Identifier: BSD-2-Clause */
/* What `vmspec list` says of the catalogue. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "machine.h"

/*
 * Writes "clauses", "cases" or "profiles", as aligned columns or as a JSON array of objects.
 * 0, -EINVAL where what is none of them, -EIO where the stream could not take it, -ENOMEM.
 */
int list_write(const char *what, bool json, FILE *to);

/* The machines that can be started. 0, -EIO or -ENOMEM. */
int list_machines(const struct machines *machines, bool json, FILE *to);
