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
 */
#include "shim.h"

#include <string.h>

enum { MAP_ROOM = 64 * 1024 };

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

static EFI_STATUS EFIAPI odd_reset(EFI_RESET_TYPE type, EFI_STATUS status, UINTN size, CHAR16 *data)
{
        while (type == EfiResetWarm && strcmp(habit, "warm-hangs") == 0)
                ;
        return reset_system(type == EfiResetShutdown ? EfiResetCold : type, status, size, data);
}

EFI_STATUS end_defect(struct shim *shim, struct words *words)
{
        static const char *const habits[] = {"any-image", "one-error", "load-error",      "start-forgets",
                                             "any-key",   "odd-key",   "shutdown-resets", "warm-hangs"};

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
        else
                shim->bs->LoadImage = odd_load;
        table_sign(&shim->bs->Hdr);
        table_sign(&shim->rt->Hdr);
        return EFI_SUCCESS;
}
