/* SPDX-License-Identifier: BSD-2-Clause */
/* How a boot ends where the firmware has no ResetSystem to speak of. */
#pragma once

#include "evidence.h"

/* Powers off by the ACPI tables of the evidence. Comes back where they do not say how. */
void power_off(const struct evidence *evidence);
