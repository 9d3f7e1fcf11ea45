/* SPDX-License-Identifier: BSD-2-Clause */
/* Variables under the suite's own vendor GUID. */
#pragma once

#include <efi.h>

struct guest;

enum {
        VAR_BS = EFI_VARIABLE_BOOTSERVICE_ACCESS,
        VAR_BS_RT = EFI_VARIABLE_BOOTSERVICE_ACCESS | EFI_VARIABLE_RUNTIME_ACCESS,
        VAR_NV_BS_RT = EFI_VARIABLE_NON_VOLATILE | VAR_BS_RT,
};

extern EFI_GUID var_guid;       /* the suite's: wire_variable_guid; names begin with WIRE_VARIABLE_PREFIX */
extern EFI_GUID var_other_guid; /* a second one, for the same names under another vendor */

EFI_STATUS var_write(struct guest *g, CHAR16 *name, UINT32 attributes, const void *data, UINTN size);
/* Reads exactly size bytes: EFI_BAD_BUFFER_SIZE where the variable is shorter or longer. */
EFI_STATUS var_read(struct guest *g, CHAR16 *name, void *to, UINTN size);
EFI_STATUS var_delete(struct guest *g, CHAR16 *name);
