/* SPDX-License-Identifier: BSD-2-Clause */
/* A full store says so, keeps what it has over a reset, and gives back what is deleted. */
#include "guest.h"

enum { LARGE_PAGES = 32, LARGE = LARGE_PAGES * 4096, LEAST = 100, HEADER = 160, FILLS_MAX = 512 };
enum { ROUNDS = 4, ROUND = 1024 };

struct room {
        UINT64 most, left, single;
};

static bool room_ask(struct guest *g, struct room *room)
{
        *room = (struct room){0, 0, 0};
        return CHECK_STATUS(g, g->rt->QueryVariableInfo(VAR_NV_BS_RT, &room->most, &room->left, &room->single),
                            EFI_SUCCESS);
}

static uint8_t *values_room(struct guest *g)
{
        uint8_t *data = guest_pages(g, LARGE_PAGES);

        if (!data)
                SUITE_ERROR(g, "no memory for the values");
        return data;
}

static CHAR16 *fill_name(unsigned number)
{
        static CHAR16 name[] = L"VmspecFill000";

        for (unsigned i = 0; i < 3; i++, number /= 10)
                name[12 - i] = (CHAR16)('0' + number % 10);
        return name;
}

/* As large as one may be with its name, then as large as the rest is told to be, then small. */
static UINTN fill_size(const struct room *room)
{
        UINTN most = (UINTN)(room->single < LARGE ? room->single : LARGE) - sizeof(L"VmspecFill000");

        if (room->left >= most + HEADER)
                return most;
        return room->left >= LEAST + HEADER ? (UINTN)room->left - HEADER : LEAST;
}

/* How many the runner has put there. */
static unsigned store_filled(struct guest *g)
{
        unsigned number = 0;
        UINTN size = 0;

        while (number < FILLS_MAX &&
               g->rt->GetVariable(fill_name(number), &var_guid, NULL, &size, NULL) == EFI_BUFFER_TOO_SMALL) {
                number++;
                size = 0;
        }
        return number;
}

static void store_fill(struct guest *g, uint8_t *data)
{
        EFI_STATUS status = EFI_SUCCESS;
        struct room room = {0, 0, 0};
        unsigned number = store_filled(g);

        NOTE_NUMBER(g, "before", number);
        while (number < FILLS_MAX && room_ask(g, &room)) {
                memset(data, (int)number, fill_size(&room));
                status = var_write(g, fill_name(number), VAR_NV_BS_RT, data, fill_size(&room));
                guest_flush(g); /* a slow store is no silent guest */
                if (EFI_ERROR(status))
                        break;
                number++;
        }
        CHECK_STATUS(g, status, EFI_OUT_OF_RESOURCES);
        CHECK_LE(g, room.left, LEAST + HEADER);
        NOTE_NUMBER(g, "variables", number);
}

/* How many variables of the filling are there, one after the other, each as it was written; each is deleted. */
static unsigned store_empty(struct guest *g, uint8_t *data)
{
        unsigned number = 0, altered = 0;

        for (; number < FILLS_MAX; number++) {
                UINTN size = LARGE;

                if (g->rt->GetVariable(fill_name(number), &var_guid, NULL, &size, data) != EFI_SUCCESS)
                        break;
                altered += !size || data[0] != (uint8_t)number || data[size - 1] != (uint8_t)number;
                CHECK_STATUS(g, var_delete(g, fill_name(number)), EFI_SUCCESS);
                guest_flush(g);
        }
        CHECK_EQ(g, altered, 0);
        return number;
}

static void kept_check(struct guest *g)
{
        uint64_t got = 0;

        if (CHECK_STATUS(g, var_read(g, L"VmspecKept", &got, sizeof(got)), EFI_SUCCESS))
                CHECK_EQ(g, got, g->nonce);
}

void guest_var_full_store_boots(struct guest *g)
{
        uint8_t *data = values_room(g);
        struct room room;

        if (!data)
                return;
        if (g->part == 1) {
                if (!CHECK_STATUS(g, var_write(g, L"VmspecKept", VAR_NV_BS_RT, &g->nonce, sizeof(g->nonce)),
                                  EFI_SUCCESS) ||
                    !room_ask(g, &room))
                        return;
                NOTE_NUMBER(g, "left", room.left);
                return;
        }
        if (g->part == 2) {
                store_fill(g, data);
                kept_check(g);
                return;
        }
        kept_check(g);
        NOTE_NUMBER(g, "variables", store_empty(g, data));
        if (room_ask(g, &room))
                NOTE_NUMBER(g, "left", room.left);
}

/*
 * Rounds of a write and a deletion: those of the filling, which are as many bytes as the store has, and then some more.
 * None of these is taken unless the room of those is used again.
 */
void guest_var_room_is_reclaimed(struct guest *g)
{
        uint8_t *data = values_room(g);
        struct room room;

        if (!data)
                return;
        if (g->part == 1)
                return;
        if (g->part == 2) {
                if (room_ask(g, &room) && room.left > LEAST + HEADER) /* no other case has filled it */
                        store_fill(g, data);
                return;
        }
        (void)store_empty(g, data);
        memset(data, 0x5a, ROUND);
        for (unsigned i = 0; i < ROUNDS; i++) {
                if (!CHECK_STATUS(g, var_write(g, L"VmspecWorn", VAR_NV_BS_RT, data, ROUND), EFI_SUCCESS) ||
                    !CHECK_STATUS(g, var_delete(g, L"VmspecWorn"), EFI_SUCCESS))
                        return;
        }
}

void guest_var_read_only_store_refuses(struct guest *g)
{
        EFI_STATUS status = var_write(g, L"VmspecRefused", VAR_NV_BS_RT, &g->nonce, sizeof(g->nonce));
        uint64_t got = 0;

        CHECK_SAY(g, EFI_ERROR(status), "an error", "%s", status_name(status).text);
        if (EFI_ERROR(status))
                CHECK_STATUS(g, var_read(g, L"VmspecRefused", &got, sizeof(got)), EFI_NOT_FOUND);
}
