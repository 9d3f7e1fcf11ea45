/* SPDX-License-Identifier: BSD-2-Clause */
/* What the judges of ACPI tables share: a table's structures one by one, and forms that many tables use. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence.h"
#include "judge.h"

enum { MADT_FIRST = 44 };

/* The next structure of a MADT, *at from MADT_FIRST on; false at the end and where one does not fit. */
bool madt_next(struct bytes madt, size_t *at, struct bytes *ret);

/* All bytes of [from, from + size) are 0; what lies beyond the table's end counts as 0. */
bool field_zero(struct bytes table, size_t from, size_t size);

/* A number of the table; 0 beyond its end. */
uint64_t field_number(struct bytes table, size_t from, unsigned size);

/* Generic Address Structure: a known space, or all zero for "no register" (ACPI 5.2.3.2). */
bool gas_known(struct bytes table, size_t from);

/* A PPI, also an extended one; an SPI or an extended one. */
bool gsiv_is_ppi(uint64_t gsiv);
bool gsiv_is_spi(uint64_t gsiv);

/* The offered table, or NULL data where there is none to look into (told): that there must be one, other cases say. */
struct bytes acpi_table_judged(struct judge *j, const char *signature, size_t least);
