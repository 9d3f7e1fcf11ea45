/* SPDX-License-Identifier: BSD-2-Clause */
/* Gathers the evidence of a boot: what the firmware handed over, byte for byte, before any case ran. */
#pragma once

#include <efi.h>

#include "evidence.h"

/* Fills every kind but EVIDENCE_TOLD; a kind that is not there, or whose reading faulted, stays empty. */
void tables_gather(EFI_SYSTEM_TABLE *st, EFI_HANDLE image, EFI_HANDLE device, struct evidence *evidence);
