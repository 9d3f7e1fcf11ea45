/* SPDX-License-Identifier: BSD-2-Clause */
/* The firmware's vectors are in place whenever no guarded function runs. */
#include "guard.h"

#include <stddef.h>
#include <stdint.h>

enum { REACH = 96 * 1024 * 1024 };

static void *page;
static struct arch_context *current;

void guard_prepare(EFI_BOOT_SERVICES *bs)
{
        uint64_t near = arch_guard_near();
        EFI_PHYSICAL_ADDRESS address = near > UINT64_MAX - REACH ? UINTPTR_MAX : near + REACH;
        EFI_STATUS status = EFI_NOT_FOUND;

        if (near != UINT64_MAX)
                status = bs->AllocatePages(AllocateMaxAddress, EfiLoaderCode, 1, &address);
        if (EFI_ERROR(status))
                status = bs->AllocatePages(AllocateAnyPages, EfiLoaderCode, 1, &address);
        if (!EFI_ERROR(status))
                page = (void *)(uintptr_t)address;
}

bool guard_run(void (*function)(void *context), void *context)
{
        struct arch_context here;
        struct arch_context *volatile outer = current;
        volatile bool whole = false;

        if (!arch_context_save(&here)) {
                current = &here;
                if (!page || (!outer && !arch_guard_install(page, &here)))
                        page = NULL;
                else if (outer)
                        arch_guard_target(&here);
                function(context);
                whole = true;
        }
        current = outer;
        if (page && outer)
                arch_guard_target(outer);
        else if (page)
                arch_guard_remove();
        return whole;
}

bool guard_divert(arch_interrupt_taken *taken)
{
        return page && current && arch_interrupt_divert(page, taken);
}

void guard_undivert(void)
{
        arch_interrupt_undivert(page);
}
