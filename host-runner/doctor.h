/* SPDX-License-Identifier: BSD-2-Clause */
/* `vmspec doctor`: what is installed, what is missing, and what that costs. */
#pragma once

#include <stdio.h>

/* data: the folder of the built-in machines and the suite's disk. 0: all is there; 3: something is missing. */
int doctor_write(const char *data, FILE *to);
