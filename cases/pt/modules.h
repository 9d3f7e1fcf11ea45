/* SPDX-License-Identifier: BSD-2-Clause */
/* The firmware modules that a machine passes through to its guest: what is given to the VMM, and what judges look for.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence.h"

enum { MODULE_MAX = 512, MODULE_SMALL_TABLES = 14, MODULE_LARGE = 65000 };

enum module_kind {
        MODULE_SMBIOS,
        MODULE_SMBIOS_OWN,    /* of a type that is the platform's to tell */
        MODULE_SMBIOS_BROKEN, /* its length is not that of a structure, or the file is no header */
        MODULE_ACPI,
        MODULE_ACPI_BAD
};

/* One module: a structure with its strings, or a table with its header. */
struct module {
        char name[16]; /* of its file, without .bin */
        enum module_kind kind;
        size_t size;
        uint8_t bytes[MODULE_MAX];
};

/* The index-th module, those of one kind in the order in which they are given; false behind the last one. */
bool module_make(unsigned index, struct module *ret);

/* A whole table of zeros, for a VM that is given many of them. */
void module_large_make(uint8_t bytes[MODULE_LARGE]);
