/* SPDX-License-Identifier: BSD-2-Clause */
/* SPEC-MAPPING.md, generated from the catalogue, so that it cannot drift. */
#pragma once

#include <stdio.h>

/* Writes the whole page. 0, or -EIO where the stream could not take it. */
int mapping_write(FILE *to);
