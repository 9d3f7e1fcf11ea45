/* SPDX-License-Identifier: BSD-2-Clause */
/* The firmware meddles with a device's 16-bit register where it has the processor: in its disk driver, or at its end.
 */
#include "shim.h"

#include <string.h>

struct hold {
        uint64_t address;
        uint64_t clear;
        uint64_t set;
};

enum { EXITS = 4 };

static struct hold at_write, at_exit[EXITS];
static unsigned exits;
static EFI_BLOCK_WRITE write_blocks;
static EFI_EXIT_BOOT_SERVICES exit_boot_services;

static void hold_apply(const struct hold *hold)
{
        volatile uint16_t *at = (volatile uint16_t *)(uintptr_t)hold->address;

        *at = (uint16_t)((*at & ~hold->clear) | hold->set);
}

static EFI_STATUS EFIAPI meddling_write(EFI_BLOCK_IO *io, UINT32 media, EFI_LBA block, UINTN size, void *data)
{
        hold_apply(&at_write);
        return write_blocks(io, media, block, size, data);
}

static EFI_STATUS EFIAPI meddling_exit(EFI_HANDLE image, UINTN key)
{
        EFI_STATUS status = exit_boot_services(image, key);

        for (unsigned i = 0; i < exits && !EFI_ERROR(status); i++)
                hold_apply(&at_exit[i]);
        return status;
}

EFI_STATUS hold_defect(struct shim *shim, const char *when, struct words *words)
{
        struct hold hold;

        if (!word_number(words, &hold.address) || !word_number(words, &hold.clear) || !word_number(words, &hold.set))
                return EFI_INVALID_PARAMETER;
        if (strcmp(when, "at-write") == 0) {
                at_write = hold;
                write_blocks = shim->disk.journal->WriteBlocks;
                shim->disk.journal->WriteBlocks = meddling_write;
                return EFI_SUCCESS;
        }
        if (exits == EXITS)
                return EFI_INVALID_PARAMETER;
        at_exit[exits++] = hold;
        if (exit_boot_services)
                return EFI_SUCCESS;
        exit_boot_services = shim->bs->ExitBootServices;
        shim->bs->ExitBootServices = meddling_exit;
        table_sign(&shim->bs->Hdr);
        return EFI_SUCCESS;
}
