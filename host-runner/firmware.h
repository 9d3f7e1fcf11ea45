/* SPDX-License-Identifier: BSD-2-Clause */
/* QEMU's firmware descriptors: which files are the UEFI firmware of a machine. */
#pragma once

#include <stddef.h>

#include "machine.h"

/*
 * Fills machine->code and machine->vars of a FIRMWARE_DESCRIPTOR machine, and checks for every kind that the files can
 * be read. Descriptors: $XDG_CONFIG_HOME/qemu/firmware, /etc/qemu/firmware, /usr/share/qemu/firmware; sorted by name,
 * the more specific folder wins, an empty file hides. 0, or a negative errno with one sentence in error.
 */
int firmware_find(struct machine *machine, char *error, size_t error_size);
