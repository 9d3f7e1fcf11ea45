/* SPDX-License-Identifier: BSD-2-Clause */
/* No state is kept outside the variable under test: each part asks the firmware again. */
#include "guest.h"

void guest_var_volatile_works(struct guest *g)
{
        uint64_t other = ~g->nonce, got = 0;
        UINTN size = sizeof(got);

        CHECK_STATUS(g, var_read(g, L"VmspecVolatile", &got, sizeof(got)), EFI_NOT_FOUND);
        if (!CHECK_STATUS(g, var_write(g, L"VmspecVolatile", VAR_BS, &g->nonce, sizeof(g->nonce)), EFI_SUCCESS))
                return;
        CHECK_STATUS(g, var_read(g, L"VmspecVolatile", &got, sizeof(got)), EFI_SUCCESS);
        CHECK_EQ(g, got, g->nonce);
        CHECK_STATUS(g, g->rt->GetVariable(L"VmspecVolatile", &var_other_guid, NULL, &size, &got), EFI_NOT_FOUND);
        CHECK_STATUS(g, var_write(g, L"VmspecVolatile", VAR_BS, &other, sizeof(other)), EFI_SUCCESS);
        CHECK_STATUS(g, var_read(g, L"VmspecVolatile", &got, sizeof(got)), EFI_SUCCESS);
        CHECK_EQ(g, got, other);
        CHECK_STATUS(g, var_delete(g, L"VmspecVolatile"), EFI_SUCCESS);
        CHECK_STATUS(g, var_read(g, L"VmspecVolatile", &got, sizeof(got)), EFI_NOT_FOUND);
}

/* Part 1 writes what no other run knows; the last part must read just that. */
static void survives(struct guest *g, CHAR16 *name)
{
        uint64_t got = 0;

        if (g->part == 1) {
                CHECK_STATUS(g, var_write(g, name, VAR_NV_BS_RT, &g->nonce, sizeof(g->nonce)), EFI_SUCCESS);
                CHECK_STATUS(g, var_read(g, name, &got, sizeof(got)), EFI_SUCCESS);
        } else if (!CHECK_STATUS(g, var_read(g, name, &got, sizeof(got)), EFI_SUCCESS)) {
                return;
        }
        CHECK_EQ(g, got, g->nonce);
}

void guest_var_survives_reset(struct guest *g)
{
        survives(g, L"VmspecReset");
}

void guest_var_survives_power_off(struct guest *g)
{
        survives(g, L"VmspecPowerOff");
}

void guest_var_runtime_write_survives(struct guest *g)
{
        survives(g, L"VmspecRuntime");
}

/* Whether it was promised and whether it is there: the host half puts the two together. */
void guest_var_success_is_kept(struct guest *g)
{
        uint64_t got = 0;
        EFI_STATUS status;

        if (g->part == 1) {
                status = var_write(g, L"VmspecPromise", VAR_NV_BS_RT, &g->nonce, sizeof(g->nonce));
                NOTE_NUMBER(g, "status", status);
                return;
        }
        status = var_read(g, L"VmspecPromise", &got, sizeof(got));
        NOTE_NUMBER(g, "there", status == EFI_SUCCESS && got == g->nonce);
}

void guest_var_belongs_to_instance(struct guest *g)
{
        uint64_t got = 0;

        if (g->part != 2) {
                survives(g, L"VmspecInstance");
                return;
        }
        CHECK_STATUS(g, var_read(g, L"VmspecInstance", &got, sizeof(got)), EFI_NOT_FOUND);
}

void guest_var_not_on_disk(struct guest *g)
{
        if (g->part == 1)
                NOTE_NUMBER(g, "status", var_write(g, L"VmspecOnDisk", VAR_NV_BS_RT, &g->nonce, sizeof(g->nonce)));
        else
                NOTE(g, "part", "the instance was started again");
}
