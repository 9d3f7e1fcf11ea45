/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the application sees of itself and its disk:
 *
 *   path-own         its file path is the one it really has       path-none    it has none
 *   path-foreign     its file path is that of the other execution state
 *   options          it is given load options                     data-code    its code is of type LoaderData
 *   device-journal   its device is the journal partition, not the ESP
 *   no-type-guid     the ESP's handle does not carry the ESP's type GUID
 */
#include "shim.h"

#include <string.h>

static EFI_GUID block_io_guid = EFI_BLOCK_IO_PROTOCOL_GUID;
static EFI_GUID esp_guid = {0xc12a7328, 0xf81f, 0x11d2, {0xba, 0x4b, 0x00, 0xa0, 0xc9, 0x3e, 0xc9, 0x3b}};

#if defined(__arm__)
#define FOREIGN L"\\EFI\\BOOT\\BOOTAA64.EFI"
#else
#define FOREIGN L"\\EFI\\BOOT\\BOOTARM.EFI"
#endif

static EFI_HANDLE journal_handle(struct shim *shim)
{
        EFI_HANDLE *handles = NULL, found = NULL;
        UINTN count = 0;

        if (EFI_ERROR(shim->bs->LocateHandleBuffer(ByProtocol, &block_io_guid, NULL, &count, &handles)))
                return NULL;
        for (UINTN i = 0; i < count; i++) {
                void *io = NULL;

                if (!EFI_ERROR(shim->bs->HandleProtocol(handles[i], &block_io_guid, &io)) && io == shim->disk.journal)
                        found = handles[i];
        }
        (void)shim->bs->FreePool(handles);
        return found;
}

static EFI_STATUS type_guid_remove(struct shim *shim)
{
        void *interface = NULL;
        EFI_STATUS status = shim->bs->HandleProtocol(shim->loaded->DeviceHandle, &esp_guid, &interface);

        return EFI_ERROR(status)
                       ? status
                       : shim->bs->UninstallProtocolInterface(shim->loaded->DeviceHandle, &esp_guid, interface);
}

/* The file path node alone: what stands behind the device's own path. */
static EFI_DEVICE_PATH *path_tail(EFI_DEVICE_PATH *path)
{
        uint8_t *at = (uint8_t *)path;

        while (!(at[0] == 4 && at[1] == 4) && (at[0] & 0x7f) != 0x7f)
                at += at[2] | (size_t)at[3] << 8;
        return (EFI_DEVICE_PATH *)(void *)at;
}

static EFI_DEVICE_PATH *foreign_path(void)
{
        static struct {
                uint8_t head[4];
                CHAR16 name[sizeof(FOREIGN) / sizeof(CHAR16)];
                uint8_t end[4];
        } __attribute__((packed, aligned(8))) path = {{4, 4, 4 + sizeof(FOREIGN), 0}, FOREIGN, {0x7f, 0xff, 4, 0}};

        return (EFI_DEVICE_PATH *)(void *)&path;
}

EFI_STATUS image_defect(struct shim *shim, struct words *words)
{
        static CHAR16 options[] = L"quiet";
        struct word word = word_next(words);
        EFI_LOADED_IMAGE *child = shim->child_loaded;

        if (strcmp(word.text, "path-own") == 0) {
                child->FilePath = path_tail(shim->child_path);
        } else if (strcmp(word.text, "path-foreign") == 0) {
                child->FilePath = foreign_path();
        } else if (strcmp(word.text, "path-none") == 0) {
                child->FilePath = NULL;
        } else if (strcmp(word.text, "options") == 0) {
                child->LoadOptions = options;
                child->LoadOptionsSize = sizeof(options);
        } else if (strcmp(word.text, "data-code") == 0) {
                child->ImageCodeType = EfiLoaderData;
        } else if (strcmp(word.text, "device-journal") == 0) {
                child->DeviceHandle = journal_handle(shim);
        } else if (strcmp(word.text, "no-type-guid") == 0) {
                return type_guid_remove(shim);
        } else {
                return EFI_INVALID_PARAMETER;
        }
        return EFI_SUCCESS;
}
