/* SPDX-License-Identifier: BSD-2-Clause */
/* Every name that GetNextVariableName tells is remembered, so a second time is seen. */
#include "guest.h"

enum { LIST_PAGES = 32, LIST_MAX = 1000 };

/* GUID and name, one behind the other, each behind its length in bytes. */
struct list {
        uint8_t *names;
        size_t length;
        unsigned count;
        unsigned ours; /* how often VmspecListed is among them */
        bool again;    /* the last name had been told before */
};

static size_t name_bytes(const struct var_name *name)
{
        size_t i = 0;

        while (i < VAR_NAME_MAX && name->text[i])
                i++;
        return i * sizeof(CHAR16);
}

static bool is_listed(const struct list *list, const struct var_name *name)
{
        size_t bytes = name_bytes(name);

        for (size_t at = 0; at < list->length; at += 20 + wire_get32(list->names + at))
                if (wire_get32(list->names + at) == bytes && memcmp(list->names + at + 4, &name->vendor, 16) == 0 &&
                    memcmp(list->names + at + 20, name->text, bytes) == 0)
                        return true;
        return false;
}

static void list_add(struct list *list, const struct var_name *name)
{
        size_t bytes = name_bytes(name);
        uint8_t *to = list->names + list->length;

        wire_put32(to, (uint32_t)bytes);
        memcpy(to + 4, &name->vendor, 16);
        memcpy(to + 20, name->text, bytes);
        list->length += 20 + bytes;
        list->count++;
        list->ours += var_name_is(name, L"VmspecListed", &var_guid);
}

/* All names, up to the first that comes again; the status behind the last one, ABORTED where there is no end. */
static EFI_STATUS list_make(struct guest *g, struct list *list)
{
        static struct var_name name;
        uint8_t *names = list->names;

        memset(&name, 0, sizeof(name));
        *list = (struct list){.names = names};
        while (list->count < LIST_MAX && list->length + 20 + sizeof(name.text) <= LIST_PAGES * 4096) {
                EFI_STATUS status = var_next(g, &name);

                list->again = !EFI_ERROR(status) && is_listed(list, &name);
                if (EFI_ERROR(status) || list->again)
                        return status;
                list_add(list, &name);
        }
        return EFI_ABORTED;
}

void guest_var_names_are_listed_once(struct guest *g)
{
        struct list list = {.names = guest_pages(g, LIST_PAGES)};

        if (!list.names) {
                SUITE_ERROR(g, "no memory for the names");
                return;
        }
        if (!CHECK_STATUS(g, var_write(g, L"VmspecListed", VAR_BS, &g->nonce, sizeof(g->nonce)), EFI_SUCCESS))
                return;
        CHECK_STATUS(g, list_make(g, &list), EFI_NOT_FOUND);
        CHECK_SAY(g, !list.again, "every name once", "%u names, %s", list.count,
                  list.again ? "then one that had been told before" : "each once");
        CHECK_EQ(g, list.ours, 1);
        NOTE_NUMBER(g, "names", list.count);
        CHECK_STATUS(g, var_delete(g, L"VmspecListed"), EFI_SUCCESS);
        CHECK_STATUS(g, list_make(g, &list), EFI_NOT_FOUND);
        CHECK_EQ(g, list.ours, 0);
}

void guest_var_name_needs_room(struct guest *g)
{
        static struct var_name name;
        UINTN size = sizeof(CHAR16);

        memset(&name, 0, sizeof(name));
        name.text[1] = 0xa5a5;
        if (!CHECK_STATUS(g, var_write(g, L"VmspecListed", VAR_BS, &g->nonce, sizeof(g->nonce)), EFI_SUCCESS))
                return;
        CHECK_STATUS(g, g->rt->GetNextVariableName(&size, name.text, &name.vendor), EFI_BUFFER_TOO_SMALL);
        CHECK_EQ(g, name.text[1], 0xa5a5);
        if (CHECK_IN(g, size, 2 * sizeof(CHAR16), sizeof(name.text))) {
                memset(&name, 0, sizeof(name));
                CHECK_STATUS(g, g->rt->GetNextVariableName(&size, name.text, &name.vendor), EFI_SUCCESS);
                CHECK_NE(g, name.text[0], 0);
        }
        CHECK_STATUS(g, var_delete(g, L"VmspecListed"), EFI_SUCCESS);
}
