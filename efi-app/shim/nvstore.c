/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What keeps variables is another thing than it should be:
 *
 *   file               each non-volatile variable of the suite is written to a file \NvVars on the ESP, too
 *   stale-file         that file is there, and no variable comes into it
 *   secure-boot        the variable SecureBoot is 1
 *   sector-at-runtime  ExitBootServices leaves the boot services alive, and each later SetVariable writes to the disk
 *   header-hit         each SetVariable changes a byte at 1 MiB, where a PVH loader puts the header of a firmware
 *   no-blocks          firmware volumes have runs of no blocks        unreadable     reading them is an error
 *   odd-attributes     they are enabled for what they cannot do
 */
#include "shim.h"

#include <string.h>

#include "volume_block.h"

enum habit {
        FILE_KEPT,
        FILE_STALE,
        SECURE_BOOT,
        SECTOR_AT_RUNTIME,
        HEADER_HIT,
        NO_BLOCKS,
        UNREADABLE,
        ODD_ATTRIBUTES,
        HABITS
};
enum { FILE_ROOM = 16384, VOLUMES_MAX = 32, HEADER_AT = 0x100000 };

static bool habit[HABITS];
static struct shim *shim_of;
static bool at_runtime;
static EFI_GET_VARIABLE get;
static EFI_SET_VARIABLE set;
static EFI_EXIT_BOOT_SERVICES exit_boot_services;
static EFI_BLOCK_IO *block_io;
static uint8_t file[FILE_ROOM];
static UINTN file_size;

static void file_write(void)
{
        static EFI_GUID file_system_guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;
        EFI_FILE_IO_INTERFACE *volume = NULL;
        EFI_FILE_HANDLE root = NULL, handle = NULL;
        UINTN size = file_size;

        if (EFI_ERROR(
                    shim_of->bs->HandleProtocol(shim_of->loaded->DeviceHandle, &file_system_guid, (void **)&volume)) ||
            EFI_ERROR(volume->OpenVolume(volume, &root)))
                return;
        if (!EFI_ERROR(root->Open(root, &handle, L"NvVars",
                                  EFI_FILE_MODE_READ | EFI_FILE_MODE_WRITE | EFI_FILE_MODE_CREATE, 0))) {
                (void)handle->Write(handle, &size, file);
                (void)handle->Close(handle);
        }
        (void)root->Close(root);
}

/* As SerializeVariablesLib of edk2 has it. */
static void file_add(const CHAR16 *name, const EFI_GUID *vendor, UINT32 attributes, UINTN size, const void *data)
{
        UINTN length = 0;
        uint8_t *at = file + file_size;

        while (name[length++])
                ;
        if (file_size + 28 + 2 * length + size > FILE_ROOM)
                return;
        wire_put32(at, (uint32_t)(2 * length));
        memcpy(at + 4, name, 2 * length);
        at += 4 + 2 * length;
        memcpy(at, vendor, 16);
        wire_put32(at + 16, attributes);
        wire_put32(at + 20, (uint32_t)size);
        memcpy(at + 24, data, size);
        file_size += 28 + 2 * length + size;
}

static void sector_write(void)
{
        static uint8_t sector[4096] __attribute__((aligned(4096)));

        if (!block_io || block_io->Media->BlockSize > sizeof(sector))
                return;
        sector[0]++;
        (void)block_io->WriteBlocks(block_io, block_io->Media->MediaId, block_io->Media->LastBlock,
                                    block_io->Media->BlockSize, sector);
}

static EFI_STATUS EFIAPI hooked_set(CHAR16 *name, EFI_GUID *vendor, UINT32 attributes, UINTN size, void *data)
{
        EFI_STATUS status = set(name, vendor, attributes, size, data);

        if (at_runtime && habit[SECTOR_AT_RUNTIME])
                sector_write();
        if (habit[HEADER_HIT] && !at_runtime)
                ++*(volatile uint8_t *)(uintptr_t)HEADER_AT;
        if (EFI_ERROR(status) || at_runtime || !habit[FILE_KEPT] || habit[FILE_STALE] || !size ||
            !(attributes & EFI_VARIABLE_NON_VOLATILE) ||
            memcmp(vendor, wire_variable_guid, sizeof(wire_variable_guid)) != 0)
                return status;
        file_add(name, vendor, attributes, size, data);
        file_write();
        return status;
}

static EFI_STATUS EFIAPI hooked_get(CHAR16 *name, EFI_GUID *vendor, UINT32 *attributes, UINTN *size, void *data)
{
        static const CHAR16 secure[] = L"SecureBoot";
        UINTN i = 0;

        while (i < sizeof(secure) / sizeof(secure[0]) && name && name[i] == secure[i])
                i++;
        if (i < sizeof(secure) / sizeof(secure[0]) || !size || *size < 1 || !data)
                return get(name, vendor, attributes, size, data);
        *(uint8_t *)data = 1;
        *size = 1;
        return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI hooked_exit(EFI_HANDLE image, UINTN key)
{
        EFI_STATUS status = EFI_SUCCESS;

        if (habit[SECTOR_AT_RUNTIME])
                (void)shim_of->bs->RaiseTPL(TPL_HIGH_LEVEL); /* the firmware keeps its hands off the console */
        else
                status = exit_boot_services(image, key);
        at_runtime |= !EFI_ERROR(status);
        return status;
}

/* Firmware volumes ------------------------------------------------------------------------------------------------- */

static EFI_STATUS EFIAPI no_blocks(struct volume_block *block, EFI_LBA lba, UINTN *ret_size, UINTN *ret_blocks)
{
        (void)block;
        (void)lba;
        *ret_size = 4096;
        *ret_blocks = 0;
        return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI no_read(struct volume_block *block, EFI_LBA lba, UINTN offset, UINTN *size, uint8_t *to)
{
        (void)block;
        (void)lba;
        (void)offset;
        (void)to;
        *size = 0;
        return EFI_DEVICE_ERROR;
}

static EFI_STATUS EFIAPI odd_attributes(struct volume_block *block, UINT32 *ret)
{
        (void)block;
        *ret = 0x24; /* both are enabled, and neither can be */
        return EFI_SUCCESS;
}

static EFI_STATUS volumes_hook(void)
{
        static EFI_GUID guid = VOLUME_BLOCK_GUID;
        EFI_HANDLE handles[VOLUMES_MAX];
        UINTN size = sizeof(handles);
        EFI_STATUS status = shim_of->bs->LocateHandle(ByProtocol, &guid, NULL, &size, handles);

        for (UINTN i = 0; !EFI_ERROR(status) && i < size / sizeof(handles[0]); i++) {
                struct volume_block *block = NULL;

                status = shim_of->bs->HandleProtocol(handles[i], &guid, (void **)&block);
                if (EFI_ERROR(status))
                        break;
                if (habit[NO_BLOCKS])
                        block->block_size = no_blocks;
                if (habit[UNREADABLE])
                        block->read = no_read;
                if (habit[ODD_ATTRIBUTES])
                        block->attributes = odd_attributes;
        }
        return status;
}

static void services_hook(void)
{
        get = shim_of->rt->GetVariable;
        set = shim_of->rt->SetVariable;
        exit_boot_services = shim_of->bs->ExitBootServices;
        shim_of->rt->SetVariable = hooked_set;
        shim_of->bs->ExitBootServices = hooked_exit;
        if (habit[SECURE_BOOT])
                shim_of->rt->GetVariable = hooked_get;
        table_sign(&shim_of->rt->Hdr);
        table_sign(&shim_of->bs->Hdr);
}

EFI_STATUS nvstore_defect(struct shim *shim, struct words *words)
{
        static const char *const names[HABITS] = {"file",       "stale-file", "secure-boot", "sector-at-runtime",
                                                  "header-hit", "no-blocks",  "unreadable",  "odd-attributes"};
        static EFI_GUID block_io_guid = EFI_BLOCK_IO_PROTOCOL_GUID, vendor = {0x1d0c9b7e, 0, 0, {0}};
        size_t which = word_which(words, names, HABITS);

        if (which == HABITS)
                return EFI_INVALID_PARAMETER;
        shim_of = shim;
        habit[which] = true;
        if (which >= NO_BLOCKS)
                return volumes_hook();
        if (which == FILE_STALE) {
                file_add(L"Stale", &vendor, EFI_VARIABLE_NON_VOLATILE | EFI_VARIABLE_BOOTSERVICE_ACCESS, 1, "x");
                file_write();
                return EFI_SUCCESS;
        }
        if (!set)
                services_hook();
        else if (habit[SECURE_BOOT])
                shim->rt->GetVariable = hooked_get;
        return which == SECTOR_AT_RUNTIME
                       ? shim->bs->HandleProtocol(shim->loaded->DeviceHandle, &block_io_guid, (void **)&block_io)
                       : EFI_SUCCESS;
}
