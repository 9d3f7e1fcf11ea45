/* SPDX-License-Identifier: BSD-2-Clause */
/* SetVirtualAddressMap moves the runtime services once, after ExitBootServices, and all of them. */
#include "guest.h"

void guest_virtual_map_is_for_runtime(struct guest *g)
{
        CHECK_STATUS(g, guest_map_too_early(g), EFI_UNSUPPORTED);
}

/* Where a function of the runtime services stands now; all of them are converted but these two. */
static bool is_converted(size_t at)
{
        return at != offsetof(EFI_RUNTIME_SERVICES, SetVirtualAddressMap) &&
               at != offsetof(EFI_RUNTIME_SERVICES, ConvertPointer);
}

static void functions_judge(struct guest *g)
{
        const uint8_t *table = (const uint8_t *)g->rt;
        uint64_t left = 0, first = 0;

        for (size_t at = offsetof(EFI_RUNTIME_SERVICES, GetTime); at < sizeof(*g->rt); at += sizeof(void *)) {
                uintptr_t function;

                memcpy(&function, table + at, sizeof(function));
                if (!is_converted(at) || guest_is_mapped(g, function))
                        continue;
                first = left++ ? first : at;
        }
        CHECK_SAY(g, left == 0, "every function in runtime memory at its new address",
                  "%llu are not, the first at offset %llu", (unsigned long long)left, (unsigned long long)first);
}

void guest_virtual_map_moves_services(struct guest *g)
{
        uint64_t got = 0;

        NOTE_NUMBER(g, "new addresses less the old", g->map_offset);
        if (!CHECK_STATUS(g, g->map_taken, EFI_SUCCESS))
                return;
        functions_judge(g);
        CHECK_STATUS(g, var_read(g, L"VmspecReadOnly", &got, sizeof(got)), EFI_SUCCESS);
        CHECK_EQ(g, got, g->nonce);
        CHECK_STATUS(g, var_read(g, L"VmspecNever", &got, sizeof(got)), EFI_NOT_FOUND);
}

void guest_virtual_map_is_set_once(struct guest *g)
{
        if (CHECK_STATUS(g, g->map_taken, EFI_SUCCESS))
                CHECK_STATUS(g, guest_map_again(g), EFI_UNSUPPORTED);
}

void guest_virtual_map_has_no_gap(struct guest *g)
{
        uint64_t gap = 0;
        EFI_STATUS status = guest_map_with_gap(g, &gap);

        NOTE_NUMBER(g, "left out", gap);
        CHECK_STATUS(g, status, EFI_NO_MAPPING);
}
