/* SPDX-License-Identifier: BSD-2-Clause */
/* What the guest halves of this chapter share. */
#pragma once

#include "guest.h"

/* The application came from the removable media path. */
void boot_check_removable_path(struct guest *g);
