/* SPDX-License-Identifier: BSD-2-Clause */
/* GetMemoryMap says how much room it needs, in which form it answers, and when the map has changed. */
#include "guest.h"

enum { MAP_PAGES = 32, DESCRIPTOR_FIELDS = 40 };

struct map_call {
        UINTN size;
        UINTN key;
        UINTN step;
        UINT32 version;
};

static EFI_STATUS map_get(struct guest *g, struct map_call *call, UINTN room, void *to)
{
        *call = (struct map_call){.size = room};
        return g->bs->GetMemoryMap(&call->size, to, &call->key, &call->step, &call->version);
}

void guest_memory_map_tells_its_size(struct guest *g)
{
        uint8_t *room = guest_pages(g, MAP_PAGES);
        struct map_call none, little, whole;

        if (!room) {
                SUITE_ERROR(g, "no memory for the map");
                return;
        }
        CHECK_STATUS(g, map_get(g, &none, 0, NULL), EFI_BUFFER_TOO_SMALL);
        CHECK_STATUS(g, map_get(g, &little, DESCRIPTOR_FIELDS, room), EFI_BUFFER_TOO_SMALL);
        if (!CHECK_STATUS(g, map_get(g, &whole, (UINTN)MAP_PAGES * 4096, room), EFI_SUCCESS))
                return;
        CHECK_GE(g, whole.step, DESCRIPTOR_FIELDS);
        CHECK_EQ(g, whole.version, 1);
        CHECK_GE(g, whole.size, whole.step);
        CHECK_EQ(g, whole.step ? whole.size % whole.step : 1, 0);
        CHECK_GE(g, none.size, whole.size);
        CHECK_GE(g, little.size, whole.size);
        CHECK_STATUS(g, map_get(g, &none, none.size, room), EFI_SUCCESS);
}

void guest_memory_map_key_changes(struct guest *g)
{
        void *room = guest_pages(g, MAP_PAGES);
        struct map_call before, after;
        EFI_PHYSICAL_ADDRESS page = 0;

        if (!room) {
                SUITE_ERROR(g, "no memory for the map");
                return;
        }
        if (!CHECK_STATUS(g, map_get(g, &before, (UINTN)MAP_PAGES * 4096, room), EFI_SUCCESS) ||
            !CHECK_STATUS(g, g->bs->AllocatePages(AllocateAnyPages, EfiLoaderData, 1, &page), EFI_SUCCESS))
                return;
        if (CHECK_STATUS(g, map_get(g, &after, (UINTN)MAP_PAGES * 4096, room), EFI_SUCCESS))
                CHECK_NE(g, after.key, before.key);
        CHECK_STATUS(g, g->bs->FreePages(page, 1), EFI_SUCCESS);
}
