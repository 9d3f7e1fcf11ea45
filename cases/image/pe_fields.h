/* SPDX-License-Identifier: BSD-2-Clause */
/* The fields of a PE image that no reader here needs, and that the specification fixes all the same. */
#pragma once

#include "image.h"
#include "pe.h"

struct judge;

void pe_fields_judge(struct judge *j, const struct image *file, const struct pe *pe, const char *name);
