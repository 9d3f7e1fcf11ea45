/* SPDX-License-Identifier: BSD-2-Clause */
/* Wrong arguments are refused by name, and what was there before is there afterwards. */
#include "guest.h"

void guest_var_wrong_arguments_refused(struct guest *g)
{
        uint64_t got = 0;

        CHECK_STATUS(g, var_write(g, L"VmspecWrong", EFI_VARIABLE_RUNTIME_ACCESS, &g->nonce, sizeof(g->nonce)),
                     EFI_INVALID_PARAMETER);
        if (!CHECK_STATUS(g, var_read(g, L"VmspecWrong", &got, sizeof(got)), EFI_NOT_FOUND))
                (void)var_delete(g, L"VmspecWrong");
        if (!CHECK_STATUS(g, var_write(g, L"", VAR_BS, &g->nonce, sizeof(g->nonce)), EFI_INVALID_PARAMETER))
                (void)var_delete(g, L"");
}

void guest_var_short_buffer_refused(struct guest *g)
{
        uint8_t to[sizeof(g->nonce)], untouched[sizeof(to)];
        UINTN size = 3, none = 0;
        UINT32 attributes = 0;

        memset(to, 0xa5, sizeof(to));
        memset(untouched, 0xa5, sizeof(untouched));
        if (!CHECK_STATUS(g, var_write(g, L"VmspecShort", VAR_BS, &g->nonce, sizeof(g->nonce)), EFI_SUCCESS))
                return;
        CHECK_STATUS(g, g->rt->GetVariable(L"VmspecShort", &var_guid, &attributes, &size, to), EFI_BUFFER_TOO_SMALL);
        CHECK_EQ(g, size, sizeof(g->nonce));
        CHECK_EQ(g, attributes, VAR_BS);
        CHECK(g, memcmp(to + 3, untouched, sizeof(to) - 3) == 0);
        CHECK_STATUS(g, g->rt->GetVariable(L"VmspecShort", &var_guid, NULL, &none, NULL), EFI_BUFFER_TOO_SMALL);
        CHECK_EQ(g, none, sizeof(g->nonce));
        CHECK_STATUS(g, var_delete(g, L"VmspecShort"), EFI_SUCCESS);
}

/* UEFI 2.4A leaves open what comes of it; the clause takes the later text, and the case stands alone for that. */
void guest_var_attributes_are_fixed(struct guest *g)
{
        uint64_t other = ~g->nonce, got = 0;
        UINTN size = sizeof(got);
        UINT32 attributes = 0;

        if (!CHECK_STATUS(g, var_write(g, L"VmspecFixed", VAR_BS, &g->nonce, sizeof(g->nonce)), EFI_SUCCESS))
                return;
        CHECK_STATUS(g, var_write(g, L"VmspecFixed", VAR_BS_RT, &other, sizeof(other)), EFI_INVALID_PARAMETER);
        CHECK_STATUS(g, g->rt->GetVariable(L"VmspecFixed", &var_guid, &attributes, &size, &got), EFI_SUCCESS);
        CHECK_EQ(g, attributes, VAR_BS);
        CHECK_EQ(g, got, g->nonce);
        CHECK_STATUS(g, var_delete(g, L"VmspecFixed"), EFI_SUCCESS);
}
