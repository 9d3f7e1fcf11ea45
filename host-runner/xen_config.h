/* SPDX-License-Identifier: BSD-2-Clause */
/* The xl.cfg that a user names in a machine's file. */
#pragma once

#include <stddef.h>

#include "machine.h"

/* 0 where there is none, or it can be used; or a negative errno with one sentence in error. */
int xen_config_check(const struct machine *machine, char *error, size_t error_size);
