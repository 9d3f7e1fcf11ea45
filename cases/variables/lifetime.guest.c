/* SPDX-License-Identifier: BSD-2-Clause */
/* A variable lives as long, and is seen as far, as its attributes say. */
#include "guest.h"

/* How often the names after ExitBootServices hold one of the suite's; the status behind the last name. */
static EFI_STATUS count_names(struct guest *g, unsigned *ret_boot_only, unsigned *ret_read_only)
{
        static struct var_name name;

        *ret_boot_only = *ret_read_only = 0;
        memset(&name, 0, sizeof(name));
        for (unsigned i = 0; i < VAR_NAMES_MAX; i++) {
                EFI_STATUS status = var_next(g, &name);

                if (EFI_ERROR(status))
                        return status;
                *ret_boot_only += var_name_is(&name, L"VmspecBootOnly", &var_guid);
                *ret_read_only += var_name_is(&name, L"VmspecReadOnly", &var_guid);
        }
        return EFI_ABORTED;
}

/* That the other variable is listed shows that the list is one. */
void guest_var_boot_only_is_gone(struct guest *g)
{
        unsigned boot_only = 0, read_only = 0;
        uint64_t got = 0;

        if (!CHECK_STATUS(g, var_prepared.boot_only, EFI_SUCCESS) ||
            !CHECK_STATUS(g, var_prepared.read_only, EFI_SUCCESS))
                return;
        CHECK_STATUS(g, var_read(g, L"VmspecBootOnly", &got, sizeof(got)), EFI_NOT_FOUND);
        CHECK_STATUS(g, count_names(g, &boot_only, &read_only), EFI_NOT_FOUND);
        CHECK_EQ(g, boot_only, 0);
        CHECK_EQ(g, read_only, 1);
}

void guest_var_volatile_is_read_only(struct guest *g)
{
        uint64_t other = ~g->nonce, got = 0;
        EFI_STATUS status;

        if (!CHECK_STATUS(g, var_prepared.read_only, EFI_SUCCESS))
                return;
        CHECK_STATUS(g, var_read(g, L"VmspecReadOnly", &got, sizeof(got)), EFI_SUCCESS);
        CHECK_EQ(g, got, g->nonce);
        status = var_write(g, L"VmspecReadOnly", VAR_BS_RT, &other, sizeof(other));
        CHECK_SAY(g, EFI_ERROR(status), "an overwrite is an error", "%s", status_name(status).text);
        status = var_delete(g, L"VmspecReadOnly");
        CHECK_SAY(g, EFI_ERROR(status), "a deletion is an error", "%s", status_name(status).text);
        got = 0;
        CHECK_STATUS(g, var_read(g, L"VmspecReadOnly", &got, sizeof(got)), EFI_SUCCESS);
        CHECK_EQ(g, got, g->nonce);
}

void guest_var_volatile_ends_at_reset(struct guest *g)
{
        uint64_t got = 0;

        if (g->part == 1) {
                CHECK_STATUS(g, var_write(g, L"VmspecEnds", VAR_BS_RT, &g->nonce, sizeof(g->nonce)), EFI_SUCCESS);
                CHECK_STATUS(g, var_read(g, L"VmspecEnds", &got, sizeof(got)), EFI_SUCCESS);
                CHECK_EQ(g, got, g->nonce);
        } else if (!CHECK_STATUS(g, var_read(g, L"VmspecEnds", &got, sizeof(got)), EFI_NOT_FOUND)) {
                (void)var_delete(g, L"VmspecEnds");
        }
}
