/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the running program lies: what it needs stands beside it. */
#pragma once

#include <limits.h>

/* The folder of the running program; "" where that cannot be told. */
void program_folder(char to[PATH_MAX]);
