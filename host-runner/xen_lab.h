/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the Xen lab is, which ./dev xen-lab makes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "machine.h"

/*
 * Checks that the lab is there, and makes a firmware-code without a folder the path of the lab's own file. 0, or a
 * negative errno with one sentence in error.
 */
int xen_lab_find(struct machine *machine, char *error, size_t error_size);

/* Makes a firmware without a folder the path of the lab's own; the same errors. */
int xen_lab_firmware(struct machine *machine, char *error, size_t error_size);

/* True for a machine of Xen's where the lab is not there, or another version's: it is left out where nobody named it.
 */
bool xen_lab_is_missing(const struct machine *machine);
