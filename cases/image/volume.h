/* SPDX-License-Identifier: BSD-2-Clause */
/* A firmware volume for variables is known by its header, and by the variable store behind the header. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { VOLUME_HEAD = 56 }; /* bytes of the fixed part of a firmware volume header */

enum volume_kind { VOLUME_NONE, VOLUME_OTHER, VOLUME_VARIABLES };

/* What size bytes begin with; the more of them, the further behind the header the store's GUID can be seen. */
enum volume_kind volume_kind(const uint8_t *at, size_t size);
