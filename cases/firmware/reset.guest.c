/* SPDX-License-Identifier: BSD-2-Clause */
/* What ExitBootServices answered before this ran, and how a boot is going to end, which the host judges. */
#include "guest.h"

void guest_exit_boot_services_checks_its_key(struct guest *g)
{
        uint64_t got = 0;

        CHECK_STATUS(g, g->exit_wrong_key, EFI_INVALID_PARAMETER);
        CHECK_STATUS(g, g->exit_right_key, EFI_SUCCESS);
        CHECK_STATUS(g, var_read(g, L"VmspecNever", &got, sizeof(got)), EFI_NOT_FOUND);
}

void guest_reset_cold_restarts(struct guest *g)
{
        NOTE_NUMBER(g, "part", g->part);
}

void guest_reset_warm_restarts(struct guest *g)
{
        NOTE_NUMBER(g, "part", g->part);
}

void guest_reset_shutdown_powers_off(struct guest *g)
{
        NOTE_NUMBER(g, "part", g->part);
}
