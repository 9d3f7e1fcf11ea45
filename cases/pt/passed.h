/* SPDX-License-Identifier: BSD-2-Clause */
/* What the judges of tables that are passed through share. */
#pragma once

#include "judge.h"
#include "modules.h"

enum { STRUCTURE_HEADER = 4, END_OF_TABLE = 127 };

/* True where modules of that kind were given, else told as not applicable; the runner tells what it started. */
bool modules_given(struct judge *j, enum module_kind kind);

/* The entry point and the structures; false, told as failed, where they cannot be read. */
bool smbios_read(struct judge *j, struct bytes *ret_entry, struct bytes *ret_table);

/* The next structure, *at from 0; false behind the last one that is whole. */
bool structure_next(struct bytes table, size_t *at, struct bytes *ret);

/* It is the module, but for the handle, which the firmware may count anew. */
bool structure_is(struct bytes structure, const struct module *module);
