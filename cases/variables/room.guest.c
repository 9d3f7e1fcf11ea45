/* SPDX-License-Identifier: BSD-2-Clause */
/* The largest variable is as large as QueryVariableInfo says, and not a byte larger. */
#include "guest.h"

enum { LARGE_PAGES = 64, LARGE = LARGE_PAGES * 4096, QUICK = 16 * 1024, OVERHEAD = 256 };

static CHAR16 name[] = L"VmspecLimit";

struct room {
        UINT64 most, left, single;
};

static bool room_ask(struct guest *g, struct room *room)
{
        *room = (struct room){0, 0, 0};
        return CHECK_STATUS(g, g->rt->QueryVariableInfo(VAR_NV_BS_RT, &room->most, &room->left, &room->single),
                            EFI_SUCCESS);
}

/* Whether the name counts as a part of the variable is left open: with a byte more of data it is too large in any case.
 */
static void limit_exceed(struct guest *g, const struct room *room, uint8_t *data)
{
        UINTN size = 0;
        EFI_STATUS status = var_write(g, name, VAR_NV_BS_RT, data, (UINTN)room->single + 1);

        CHECK_SAY(g, EFI_ERROR(status), "a variable of a byte more is refused", "%s with %llu bytes",
                  status_name(status).text, (unsigned long long)room->single + 1);
        status = g->rt->GetVariable(name, &var_guid, NULL, &size, NULL);
        if (!CHECK_STATUS(g, status, EFI_NOT_FOUND))
                (void)var_delete(g, name);
}

static void limit_reach(struct guest *g, const struct room *room, uint8_t *data)
{
        UINTN size = (UINTN)room->single - sizeof(name), got = LARGE;

        memset(data, 0x5a, LARGE);
        if (!CHECK_STATUS(g, var_write(g, name, VAR_NV_BS_RT, data, size), EFI_SUCCESS))
                return;
        memset(data, 0, LARGE);
        CHECK_STATUS(g, g->rt->GetVariable(name, &var_guid, NULL, &got, data), EFI_SUCCESS);
        CHECK_EQ(g, got, size);
        CHECK(g, data[0] == 0x5a && data[size - 1] == 0x5a);
        CHECK_STATUS(g, var_delete(g, name), EFI_SUCCESS);
}

/* A flash store of an emulated machine needs long for much: the largest ones are left to var_full_store_boots. */
void guest_var_size_limit_holds(struct guest *g)
{
        uint8_t *data = guest_pages(g, LARGE_PAGES);
        struct room room;

        if (!data || !room_ask(g, &room))
                return;
        NOTE_NUMBER(g, "single", room.single);
        if (!CHECK_GE(g, room.single, sizeof(name) + 1))
                return;
        if (room.single < LARGE)
                limit_exceed(g, &room, data);
        if (room.single <= QUICK && room.single + OVERHEAD <= room.left)
                limit_reach(g, &room, data);
}
