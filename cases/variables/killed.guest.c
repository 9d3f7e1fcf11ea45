/* SPDX-License-Identifier: BSD-2-Clause */
/* A VMM that was killed in the middle of a write leaves one whole value, and a store that goes on working. */
#include "guest.h"

/* The first word that is not as the others; VAR_KILLED_WORDS where they are all alike. */
static unsigned torn_at(const struct var_killed *value)
{
        unsigned i = 1;

        while (i < VAR_KILLED_WORDS && value->round[i] == value->round[0])
                i++;
        return i;
}

static void value_check(struct guest *g)
{
        struct var_killed value = {.nonce = 0};
        unsigned whole;

        if (!CHECK_STATUS(g, var_read(g, L"VmspecKilled", &value, sizeof(value)), EFI_SUCCESS))
                return;
        whole = torn_at(&value);
        CHECK_EQ(g, value.nonce, g->nonce);
        CHECK_SAY(g, whole == VAR_KILLED_WORDS, "one value", "%u words of round %u, then one of round %u", whole,
                  value.round[0], value.round[whole % VAR_KILLED_WORDS]);
        NOTE_NUMBER(g, "round", value.round[0]);
}

/* Others, written before the loop began, of which each must be whole: they make up some pages of the store. */
enum { OTHERS = 6, OTHER_SIZE = 1000 };

static CHAR16 *other_name(unsigned number)
{
        static CHAR16 name[] = L"VmspecBefore0";

        name[12] = (CHAR16)('0' + number);
        return name;
}

static void other_fill(const struct guest *g, unsigned number, uint8_t to[OTHER_SIZE])
{
        for (unsigned i = 0; i < OTHER_SIZE; i++)
                to[i] = (uint8_t)((g->nonce >> 8 * (i % 8)) + i / 8 + number);
}

static void others_check(struct guest *g)
{
        static uint8_t want[OTHER_SIZE], got[OTHER_SIZE];

        for (unsigned i = 0; i < OTHERS; i++) {
                other_fill(g, i, want);
                if (CHECK_STATUS(g, var_read(g, other_name(i), got, OTHER_SIZE), EFI_SUCCESS))
                        CHECK(g, memcmp(got, want, OTHER_SIZE) == 0);
        }
}

/* What was written before the kill is there, something new can be written, and the list of names has an end. */
static void store_check(struct guest *g)
{
        static struct var_name name;
        unsigned names = 0, killed = 0;
        EFI_STATUS status = EFI_SUCCESS;
        uint64_t got = 0;

        others_check(g);
        CHECK_STATUS(g, var_write(g, L"VmspecAfter", VAR_NV_BS_RT, &g->nonce, sizeof(g->nonce)), EFI_SUCCESS);
        if (CHECK_STATUS(g, var_read(g, L"VmspecAfter", &got, sizeof(got)), EFI_SUCCESS))
                CHECK_EQ(g, got, g->nonce);
        memset(&name, 0, sizeof(name));
        for (; names < VAR_NAMES_MAX && !EFI_ERROR(status); names++) {
                status = var_next(g, &name);
                killed += !EFI_ERROR(status) && var_name_is(&name, L"VmspecKilled", &var_guid);
        }
        CHECK_STATUS(g, status, EFI_NOT_FOUND);
        CHECK_EQ(g, killed, 1);
}

void guest_var_survives_kill(struct guest *g)
{
        static uint8_t other[OTHER_SIZE];

        if (g->part == 1) {
                for (unsigned i = 0; i < OTHERS; i++) {
                        other_fill(g, i, other);
                        CHECK_STATUS(g, var_write(g, other_name(i), VAR_NV_BS_RT, other, OTHER_SIZE), EFI_SUCCESS);
                }
                CHECK_STATUS(g, var_killed_write(g, 0), EFI_SUCCESS);
                return;
        }
        value_check(g);
        store_check(g);
}
