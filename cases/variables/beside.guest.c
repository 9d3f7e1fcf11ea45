/* SPDX-License-Identifier: BSD-2-Clause */
/* Two instances that run at the same time each find their own variable, and not the other one's. */
#include "guest.h"

enum { MEETINGS = 12, DIGITS = 16 };

static const CHAR16 prefix[] = L"VmspecBeside";
enum { PREFIX = sizeof(prefix) / sizeof(prefix[0]) - 1 };

/* A name that no other instance writes: it ends in the instance's own number. */
static void name_make(const struct guest *g, CHAR16 name[PREFIX + DIGITS + 1])
{
        memcpy(name, prefix, sizeof(prefix));
        for (unsigned i = 0; i < DIGITS; i++)
                name[PREFIX + i] = (CHAR16) "0123456789ABCDEF"[g->nonce >> 4 * i & 15];
        name[PREFIX + DIGITS] = 0;
}

/* How many names begin like this instance's, and where the list ended. */
static EFI_STATUS names_count(struct guest *g, unsigned *ret)
{
        static struct var_name name;
        EFI_STATUS status = EFI_ABORTED;

        *ret = 0;
        memset(&name, 0, sizeof(name));
        for (unsigned i = 0; i < VAR_NAMES_MAX; i++) {
                status = var_next(g, &name);
                if (EFI_ERROR(status))
                        return status;
                *ret += memcmp(name.text, prefix, PREFIX * sizeof(CHAR16)) == 0 &&
                        memcmp(&name.vendor, &var_guid, sizeof(var_guid)) == 0;
        }
        return EFI_ABORTED;
}

/* The other instance has written, too; it may come up later than this one. */
static bool meet(struct guest *g)
{
        char answer[MAILBOX_TEXT];

        for (unsigned i = 0; i < MEETINGS; i++) {
                if (guest_ask(g, answer, "meet"))
                        return true;
                if (strcmp(answer, "not yet") != 0)
                        break;
        }
        SKIP(g, "no other instance was met: %s", answer);
        return false;
}

void guest_var_instances_are_apart(struct guest *g)
{
        static CHAR16 name[PREFIX + DIGITS + 1];
        uint64_t got = 0;
        unsigned names = 0;

        name_make(g, name);
        if (!CHECK_STATUS(g, var_write(g, name, VAR_NV_BS_RT, &g->nonce, sizeof(g->nonce)), EFI_SUCCESS) ||
            !CHECK_STATUS(g, var_write(g, L"VmspecSameName", VAR_NV_BS_RT, &g->nonce, sizeof(g->nonce)), EFI_SUCCESS) ||
            !meet(g))
                return;
        CHECK_STATUS(g, names_count(g, &names), EFI_NOT_FOUND);
        CHECK_EQ(g, names, 1);
        if (CHECK_STATUS(g, var_read(g, name, &got, sizeof(got)), EFI_SUCCESS))
                CHECK_EQ(g, got, g->nonce);
        if (CHECK_STATUS(g, var_read(g, L"VmspecSameName", &got, sizeof(got)), EFI_SUCCESS))
                CHECK_EQ(g, got, g->nonce);
}
