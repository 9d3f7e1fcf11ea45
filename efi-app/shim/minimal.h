/* SPDX-License-Identifier: BSD-2-Clause */
/* An EFI environment of the shim's own around the application, see minimal.c. */
#pragma once

#include "shim.h"

EFI_STATUS minimal_defect(struct shim *shim, struct words *words);
/* Enters the application with the tables of a defect; false where no defect made any. */
bool minimal_enter(struct shim *shim);

/* Calls an application's entry point with a stack that is skew bytes off, and on x86 with RFLAGS.DF set. */
void processor_enter(uintptr_t address, EFI_HANDLE image, EFI_SYSTEM_TABLE *st, unsigned skew, bool backward);
