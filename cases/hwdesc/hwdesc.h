/* SPDX-License-Identifier: BSD-2-Clause */
/* What the judges of the hardware description share. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "hw.h"
#include "judge.h"
#include "tree.h"

/* The configuration table is installed and points somewhere. */
bool table_offered(const struct evidence *evidence, const char *guid);

/* The application ran in the AArch32 state, by the registers that it found. */
bool evidence_is_aarch32(const struct evidence *evidence);

/* The application ran at EL2, where an HVC would come back to itself. */
bool at_el2(const struct evidence *evidence);

/*
 * The offered description in its one form, or NULL where the case has nothing to judge: not offered (told as not
 * applicable), offered and not readable (told as failed). hw is the caller's room.
 */
const struct hw *fdt_judged(struct judge *j, struct hw *hw);
const struct hw *acpi_judged(struct judge *j, struct hw *hw);

/* Walks DSDT and SSDTs; false where one is no AML, which is a failed fact where it is to be told. */
struct aml;
bool aml_tables_walk(struct judge *j, struct aml *aml, bool tell);
/* As fdt_judged(), for a case that walks the tree itself and needs no more of it: false where there is nothing to
 * judge. */
bool tree_judged(struct judge *j, struct tree *tree);

/* The structure behind this one, past the two NULs that end its strings; 0 where it does not end. */
size_t smbios_structure_end(struct bytes table, size_t at);

/* As CHECK_SAY, told only where it does not hold: for what is checked of every node or field. The case tells its end.
 */
#define CHECK_EACH(x, condition, want, ...) check_held((condition) || CHECK_SAY(x, false, want, __VA_ARGS__))
static inline bool check_held(bool held)
{
        return held;
}
