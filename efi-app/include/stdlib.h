/* SPDX-License-Identifier: BSD-2-Clause */
/* libfdt includes <stdlib.h>; of it the application calls nothing but this. */
#pragma once

unsigned long strtoul(const char *from, char **ret_end, int base);
