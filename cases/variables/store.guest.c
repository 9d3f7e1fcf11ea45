/* SPDX-License-Identifier: BSD-2-Clause */
/* What the store says of itself, and how it takes an append. */
#include "guest.h"

enum { WRITTEN = 64, SINGLE_LEAST = 1024 }; /* a flash store of an emulated machine takes its time for each byte */

struct room {
        UINT64 most, left, single;
};

static EFI_STATUS room_ask(struct guest *g, struct room *room)
{
        *room = (struct room){0, 0, 0};
        return g->rt->QueryVariableInfo(VAR_NV_BS_RT, &room->most, &room->left, &room->single);
}

void guest_var_store_tells_its_room(struct guest *g)
{
        static uint8_t data[WRITTEN];
        struct room before, after;

        memset(data, 0x5a, sizeof(data));
        if (!CHECK_STATUS(g, room_ask(g, &before), EFI_SUCCESS))
                return;
        CHECK_GE(g, before.most, before.left);
        CHECK_GE(g, before.single, SINGLE_LEAST);
        if (!CHECK_STATUS(g, var_write(g, L"VmspecRoom", VAR_NV_BS_RT, data, sizeof(data)), EFI_SUCCESS))
                return;
        CHECK_STATUS(g, room_ask(g, &after), EFI_SUCCESS);
        CHECK_EQ(g, after.most, before.most);
        CHECK_LE(g, after.left + WRITTEN, before.left);
        CHECK_STATUS(g, var_delete(g, L"VmspecRoom"), EFI_SUCCESS);
}

/* SUCCESS must have extended it, INVALID_PARAMETER must have left it; nothing else is allowed. */
void guest_var_append_extends(struct guest *g)
{
        uint64_t got[2] = {0, 0}, more = ~g->nonce;
        UINTN size = sizeof(got);
        UINT32 append = VAR_BS | EFI_VARIABLE_APPEND_WRITE;
        EFI_STATUS status;

        if (!CHECK_STATUS(g, var_write(g, L"VmspecAppend", VAR_BS, &g->nonce, sizeof(g->nonce)), EFI_SUCCESS))
                return;
        status = var_write(g, L"VmspecAppend", append, &more, sizeof(more));
        CHECK_SAY(g, status == EFI_SUCCESS || status == EFI_INVALID_PARAMETER, "SUCCESS or INVALID_PARAMETER", "%s",
                  status_name(status).text);
        CHECK_STATUS(g, g->rt->GetVariable(L"VmspecAppend", &var_guid, NULL, &size, got), EFI_SUCCESS);
        CHECK_EQ(g, size, status == EFI_SUCCESS ? 2 * sizeof(more) : sizeof(more));
        CHECK_EQ(g, got[0], g->nonce);
        if (status == EFI_SUCCESS)
                CHECK_EQ(g, got[1], more);
        CHECK_STATUS(g, var_delete(g, L"VmspecAppend"), EFI_SUCCESS);
}
