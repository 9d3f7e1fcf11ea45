/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of HOBs by which PI firmware tells its later phases of memory, for what no memory map can show. */
#pragma once

#include <stdint.h>

#include <efi.h>

/* A HOB of a memory allocation: where its base and its length stand, each of 8 bytes. */
enum { HOB_BASE = 24, HOB_LENGTH = 32 };

/* The HOB of the stack that the firmware runs on; NULL where there is no list, or none in it. */
uint8_t *hob_stack_find(const EFI_SYSTEM_TABLE *st);
