/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs a function so that a synchronous exception in it is an answer, not the end of the boot. */
#pragma once

#include <stdbool.h>

#include <efi.h>

#include "arch.h"

/* Takes the page that the vectors will stand in; before it, and where it fails, guard_run() runs unguarded. */
void guard_prepare(EFI_BOOT_SERVICES *bs);

/* True where the function came to its end; false where an exception ended it: arch_fault tells which. May be nested. */
bool guard_run(void (*function)(void *context), void *context);

/* In a guarded function: an IRQ goes to taken(), see arch_interrupt_divert(), until guard_undivert() or its end. */
bool guard_divert(arch_interrupt_taken *taken);
void guard_undivert(void);
