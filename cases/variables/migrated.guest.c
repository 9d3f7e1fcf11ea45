/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Firmware may keep a copy of its store in memory, which goes along in any case: that the guest finds its variables is
 * needed, and where their bytes are is for the host to say.
 */
#include "guest.h"

static void moved_not(struct guest *g, const char *answer)
{
        if (strncmp(answer, WIRE_NOT_MIGRATABLE, sizeof(WIRE_NOT_MIGRATABLE) - 1) == 0)
                NOT_APPLICABLE(g, "the machine %s", answer);
        else if (!g->attended)
                SKIP(g, "nobody moves the machine: %s", answer);
        else
                SUITE_ERROR(g, "the machine was not moved: %s", answer);
}

void guest_var_store_migrates(struct guest *g)
{
        static CHAR16 before[] = L"" WIRE_MOVED_BEFORE, after[] = L"" WIRE_MOVED_AFTER;
        uint64_t other = ~g->nonce, got = 0;
        char answer[MAILBOX_TEXT];

        if (!CHECK_STATUS(g, var_write(g, before, VAR_NV_BS_RT, &g->nonce, sizeof(g->nonce)), EFI_SUCCESS))
                return;
        if (!guest_ask(g, answer, "migrate")) {
                moved_not(g, answer);
                return;
        }
        NOTE_NUMBER(g, "moved", 1);
        if (CHECK_STATUS(g, var_read(g, before, &got, sizeof(got)), EFI_SUCCESS))
                CHECK_EQ(g, got, g->nonce);
        CHECK_STATUS(g, var_write(g, after, VAR_NV_BS_RT, &other, sizeof(other)), EFI_SUCCESS);
        if (CHECK_STATUS(g, var_read(g, after, &got, sizeof(got)), EFI_SUCCESS))
                CHECK_EQ(g, got, other);
}
