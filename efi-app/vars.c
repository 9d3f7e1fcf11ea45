/* SPDX-License-Identifier: BSD-2-Clause */
/* Each helper answers with the status of the runtime service that it calls. */
#include "guest.h"

EFI_GUID var_guid = {0x7c3f2a11, 0x5e64, 0x4b0d, {0x9d, 0x5a, 0x76, 0x4d, 0x53, 0x50, 0x45, 0x43}};
EFI_GUID var_other_guid = {0x1d0c9b7e, 0x2f4e, 0x4c6a, {0x8b, 0x11, 0x76, 0x4d, 0x53, 0x50, 0x45, 0x43}};

EFI_STATUS var_write(struct guest *g, CHAR16 *name, UINT32 attributes, const void *data, UINTN size)
{
        return g->rt->SetVariable(name, &var_guid, attributes, size, (void *)(uintptr_t)data);
}

EFI_STATUS var_read(struct guest *g, CHAR16 *name, void *to, UINTN size)
{
        UINTN got = size;
        UINT32 attributes = 0;
        EFI_STATUS status = g->rt->GetVariable(name, &var_guid, &attributes, &got, to);

        if (status == EFI_BUFFER_TOO_SMALL || (status == EFI_SUCCESS && got != size))
                return EFI_BAD_BUFFER_SIZE;
        return status;
}

EFI_STATUS var_delete(struct guest *g, CHAR16 *name)
{
        return g->rt->SetVariable(name, &var_guid, 0, 0, NULL);
}

EFI_STATUS var_next(struct guest *g, struct var_name *at)
{
        UINTN size = sizeof(at->text);

        return g->rt->GetNextVariableName(&size, at->text, &at->vendor);
}

bool var_name_is(const struct var_name *at, const CHAR16 *name, const EFI_GUID *vendor)
{
        size_t i = 0;

        while (i + 1 < VAR_NAME_MAX && name[i] && at->text[i] == name[i])
                i++;
        return at->text[i] == name[i] && memcmp(&at->vendor, vendor, sizeof(*vendor)) == 0;
}

struct var_prepared var_prepared = {EFI_NOT_READY, EFI_NOT_READY};

void var_prepare(struct guest *g)
{
        var_prepared.boot_only = var_write(g, L"VmspecBootOnly", VAR_BS, &g->nonce, sizeof(g->nonce));
        var_prepared.read_only = var_write(g, L"VmspecReadOnly", VAR_BS_RT, &g->nonce, sizeof(g->nonce));
}

EFI_STATUS var_killed_write(struct guest *g, uint32_t round)
{
        struct var_killed value = {.nonce = g->nonce};

        for (unsigned i = 0; i < VAR_KILLED_WORDS; i++)
                value.round[i] = round;
        return var_write(g, L"VmspecKilled", VAR_NV_BS_RT, &value, sizeof(value));
}
