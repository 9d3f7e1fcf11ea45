/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Images are loaded and boots ended as a broken firmware would:
 *
 *   any-image        LoadImage of what it refuses is SUCCESS, with no handle
 *   load-error       LoadImage refuses whatever it refuses as LOAD_ERROR
 *   one-error        LoadImage refuses whatever it refuses as OUT_OF_RESOURCES
 *   start-forgets    StartImage is SUCCESS, whatever the image returned
 *   any-key          ExitBootServices takes any key      odd-key   a wrong one is NOT_FOUND
 *   shutdown-resets  ResetSystem(EfiResetShutdown) restarts the machine
 *   warm-hangs       ResetSystem(EfiResetWarm) does nothing, for ever
 *   watchdog-left    ExitBootServices leaves a watchdog behind that resets the machine within a minute: an i6300ESB
 */
#include "shim.h"

#include <efipciio.h>
#include <string.h>

enum { MAP_ROOM = 64 * 1024 };
/* The i6300ESB's PCI id, its registers and what they take: two stages of some milliseconds each, see its data sheet. */
enum {
        ESB_ID = 0x25ab8086,
        ESB_TIMER_1 = 0x00,
        ESB_TIMER_2 = 0x04,
        ESB_RELOAD = 0x0c,
        ESB_LOCK = 0x68,
        ESB_ENABLE = 2,
        ESB_STAGE_MS = 20000
};

static EFI_GUID pci_io_guid = EFI_PCI_IO_PROTOCOL_GUID;
static EFI_PCI_IO_PROTOCOL *watchdog;

static const char *habit;
static EFI_IMAGE_LOAD load_image;
static EFI_IMAGE_START start_image;
static EFI_EXIT_BOOT_SERVICES exit_boot_services;
static EFI_GET_MEMORY_MAP get_memory_map;
static EFI_RESET_SYSTEM reset_system;

static EFI_STATUS EFIAPI odd_load(BOOLEAN policy, EFI_HANDLE parent, EFI_DEVICE_PATH *path, void *source, UINTN size,
                                  EFI_HANDLE *image)
{
        EFI_STATUS status = load_image(policy, parent, path, source, size, image);

        if (!EFI_ERROR(status))
                return status;
        *image = NULL;
        return strcmp(habit, "any-image") == 0    ? EFI_SUCCESS
               : strcmp(habit, "load-error") == 0 ? EFI_LOAD_ERROR
                                                  : EFI_OUT_OF_RESOURCES;
}

static EFI_STATUS EFIAPI forgetful_start(EFI_HANDLE image, UINTN *size, CHAR16 **data)
{
        (void)start_image(image, size, data);
        return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI odd_exit(EFI_HANDLE image, UINTN key)
{
        static uint8_t map[MAP_ROOM] __attribute__((aligned(16)));
        UINTN size = sizeof(map), true_key = 0, step = 0;
        UINT32 version = 0;
        EFI_STATUS status;

        if (strcmp(habit, "any-key") == 0 && !EFI_ERROR(get_memory_map(&size, (void *)map, &true_key, &step, &version)))
                return exit_boot_services(image, true_key);
        status = exit_boot_services(image, key);
        return EFI_ERROR(status) ? EFI_NOT_FOUND : status;
}

static EFI_PCI_IO_PROTOCOL *watchdog_find(const struct shim *shim)
{
        EFI_HANDLE *handles = NULL;
        EFI_PCI_IO_PROTOCOL *io = NULL, *found = NULL;
        UINTN count = 0;
        uint32_t id = 0;

        if (EFI_ERROR(shim->bs->LocateHandleBuffer(ByProtocol, &pci_io_guid, NULL, &count, &handles)))
                return NULL;
        for (UINTN i = 0; i < count && !found; i++)
                if (!EFI_ERROR(shim->bs->HandleProtocol(handles[i], &pci_io_guid, (void **)&io)) &&
                    !EFI_ERROR(io->Pci.Read(io, EfiPciIoWidthUint32, 0, 1, &id)) && id == ESB_ID)
                        found = io;
        (void)shim->bs->FreePool(handles);
        return found;
}

/* Each write to the timers must be announced. */
static void watchdog_write(UINT64 at, uint32_t value)
{
        uint16_t announce[] = {0x80, 0x86};

        for (unsigned i = 0; i < 2; i++)
                (void)watchdog->Mem.Write(watchdog, EfiPciIoWidthUint16, 0, ESB_RELOAD, 1, &announce[i]);
        (void)watchdog->Mem.Write(watchdog, EfiPciIoWidthUint32, 0, at, 1, &value);
}

static EFI_STATUS EFIAPI watched_exit(EFI_HANDLE image, UINTN key)
{
        uint8_t enable = ESB_ENABLE;

        (void)watchdog->Attributes(watchdog, EfiPciIoAttributeOperationEnable, EFI_PCI_IO_ATTRIBUTE_MEMORY, NULL);
        watchdog_write(ESB_TIMER_1, ESB_STAGE_MS);
        watchdog_write(ESB_TIMER_2, ESB_STAGE_MS);
        (void)watchdog->Pci.Write(watchdog, EfiPciIoWidthUint8, ESB_LOCK, 1, &enable);
        return exit_boot_services(image, key);
}

static EFI_STATUS EFIAPI odd_reset(EFI_RESET_TYPE type, EFI_STATUS status, UINTN size, CHAR16 *data)
{
        while (type == EfiResetWarm && strcmp(habit, "warm-hangs") == 0)
                ;
        return reset_system(type == EfiResetShutdown ? EfiResetCold : type, status, size, data);
}

EFI_STATUS end_defect(struct shim *shim, struct words *words)
{
        static const char *const habits[] = {"any-image", "one-error",       "load-error", "start-forgets", "any-key",
                                             "odd-key",   "shutdown-resets", "warm-hangs", "watchdog-left"};

        habit = word_among(words, habits, sizeof(habits) / sizeof(habits[0]));
        if (!habit)
                return EFI_INVALID_PARAMETER;
        if (load_image) /* hooked already: the habit is another one now */
                return EFI_SUCCESS;
        load_image = shim->bs->LoadImage;
        start_image = shim->bs->StartImage;
        exit_boot_services = shim->bs->ExitBootServices;
        get_memory_map = shim->bs->GetMemoryMap;
        reset_system = shim->rt->ResetSystem;
        if (strcmp(habit, "shutdown-resets") == 0 || strcmp(habit, "warm-hangs") == 0)
                shim->rt->ResetSystem = odd_reset;
        else if (strcmp(habit, "start-forgets") == 0)
                shim->bs->StartImage = forgetful_start;
        else if (strcmp(habit, "any-key") == 0 || strcmp(habit, "odd-key") == 0)
                shim->bs->ExitBootServices = odd_exit;
        else if (strcmp(habit, "watchdog-left") != 0)
                shim->bs->LoadImage = odd_load;
        else if ((watchdog = watchdog_find(shim)))
                shim->bs->ExitBootServices = watched_exit;
        else
                return EFI_NOT_FOUND;
        table_sign(&shim->bs->Hdr);
        table_sign(&shim->rt->Hdr);
        return EFI_SUCCESS;
}
