/* SPDX-License-Identifier: BSD-2-Clause */
/* Variables under the suite's own vendor GUID. */
#pragma once

#include <stdbool.h>

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

enum { VAR_NAME_MAX = 512, VAR_NAMES_MAX = 2048 };

/* A variable's full name, as GetNextVariableName walks over them. */
struct var_name {
        CHAR16 text[VAR_NAME_MAX];
        EFI_GUID vendor;
};

/* Steps to the next name; all zero is before the first one. */
EFI_STATUS var_next(struct guest *g, struct var_name *at);
bool var_name_is(const struct var_name *at, const CHAR16 *name, const EFI_GUID *vendor);

/* What RUNTIME cases find: both hold the nonce, and are volatile. How writing them went is kept beside them. */
struct var_prepared {
        EFI_STATUS boot_only; /* VmspecBootOnly, VAR_BS */
        EFI_STATUS read_only; /* VmspecReadOnly, VAR_BS_RT */
};
extern struct var_prepared var_prepared;
void var_prepare(struct guest *g); /* before ExitBootServices */

/* The variable that is written while the VMM is killed, VmspecKilled: the nonce, then the round again and again. */
enum { VAR_KILLED_WORDS = 32 };
struct var_killed {
        uint64_t nonce;
        uint32_t round[VAR_KILLED_WORDS];
};
EFI_STATUS var_killed_write(struct guest *g, uint32_t round);
