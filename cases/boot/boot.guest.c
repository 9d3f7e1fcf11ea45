/* SPDX-License-Identifier: BSD-2-Clause */
/* The application was started from the removable media path, not by an option that somebody had prepared. */
#include "boot.h"
#include "option.h"

static EFI_GUID block_io_guid = EFI_BLOCK_IO_PROTOCOL_GUID;
static EFI_GUID file_system_guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;
static EFI_GUID loaded_image_guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;

enum { PATH_TEXT = 64 };

/* The path that the application was booted by, in capitals and without the first backslash; "" where it has none. */
static const char *booted_path(struct guest *g, char path[PATH_TEXT])
{
        path[0] = 0;
        (void)evidence_text(g->evidence, EVIDENCE_DISK, "file_path", path, PATH_TEXT);
        for (size_t i = 0; path[i]; i++)
                path[i] = path[i] >= 'a' && path[i] <= 'z' ? (char)(path[i] - 32) : path[i];
        return path[0] == '\\' ? path + 1 : path;
}

void boot_check_removable_path(struct guest *g)
{
        static const char *const paths[] = {"EFI\\BOOT\\BOOTAA64.EFI", "EFI\\BOOT\\BOOTARM.EFI",
                                            "EFI\\BOOT\\BOOTX64.EFI"};
        char text[PATH_TEXT];
        const char *path = booted_path(g, text);
        bool removable = false;

        for (size_t i = 0; i < 3; i++)
                removable |= strcmp(path, paths[i]) == 0;
        CHECK_SAY(g, removable, "the removable media path", "%s", *path ? path : "no path");
}

void guest_boots_from_removable_path(struct guest *g)
{
        boot_check_removable_path(g);
}

/* Each transport is a boot of its own; what was booted is the same. */

void guest_boots_from_virtio_mmio(struct guest *g)
{
        boot_check_removable_path(g);
}

void guest_boots_from_virtio_scsi(struct guest *g)
{
        boot_check_removable_path(g);
}

void guest_boots_from_nvme(struct guest *g)
{
        boot_check_removable_path(g);
}

void guest_boots_from_usb(struct guest *g)
{
        boot_check_removable_path(g);
}

void guest_boots_from_ahci(struct guest *g)
{
        boot_check_removable_path(g);
}

void guest_boots_from_large_blocks(struct guest *g)
{
        boot_check_removable_path(g);
}

void guest_boots_by_backup_gpt(struct guest *g)
{
        boot_check_removable_path(g);
}

/* The file of this execution state -------------------------------------------------------------------------------- */

static bool file_is_there(struct guest *g, CHAR16 *name)
{
        EFI_LOADED_IMAGE *loaded = NULL;
        EFI_FILE_IO_INTERFACE *volume = NULL;
        EFI_FILE_HANDLE root = NULL, file = NULL;
        bool there;

        if (EFI_ERROR(g->bs->HandleProtocol(g->image, &loaded_image_guid, (void **)&loaded)) ||
            EFI_ERROR(g->bs->HandleProtocol(loaded->DeviceHandle, &file_system_guid, (void **)&volume)) ||
            EFI_ERROR(volume->OpenVolume(volume, &root)))
                return false;
        there = !EFI_ERROR(root->Open(root, &file, name, EFI_FILE_MODE_READ, 0));
        if (there)
                (void)file->Close(file);
        (void)root->Close(root);
        return there;
}

void guest_file_of_the_running_state_is_booted(struct guest *g)
{
        char text[PATH_TEXT];

        if (file_is_there(g, L"\\EFI\\BOOT\\BOOTAA64.EFI") && file_is_there(g, L"\\EFI\\BOOT\\BOOTARM.EFI"))
                CHECK_TEXT(g, booted_path(g, text), option_own_file() + 1);
        else
                SKIP(g, "the ESP has not the files of both execution states");
}

/* What the firmware keeps of the disks that it finds -------------------------------------------------------------- */

/* True where a path leads to a disk or to a partition of one; options for what the firmware itself holds do not. */
static bool leads_to_disk(struct guest *g, const uint8_t *path, size_t size)
{
        EFI_DEVICE_PATH *at = (void *)(uintptr_t)path;
        EFI_HANDLE handle = NULL;

        return path_hard_drive(path, size) || !EFI_ERROR(g->bs->LocateDevicePath(&block_io_guid, &at, &handle));
}

static bool is_disk_option(struct guest *g, struct var_name *name, UINT32 *ret_attributes)
{
        static uint8_t option[OPTION_MAX];
        UINTN size = OPTION_MAX;
        const uint8_t *path;
        size_t length = 0;

        if (EFI_ERROR(g->rt->GetVariable(name->text, &name->vendor, ret_attributes, &size, option)))
                return false;
        path = option_path(option, size, &length);
        return path && path_length(path, length) + 4 <= length && leads_to_disk(g, path, length);
}

void guest_boot_options_are_not_kept(struct guest *g)
{
        static struct var_name name;
        unsigned names = 0, options = 0, kept = 0;

        memset(&name, 0, sizeof(name));
        while (names++ < VAR_NAMES_MAX && !EFI_ERROR(var_next(g, &name))) {
                UINT32 attributes = 0;

                if (!option_is_boot(&name) || !is_disk_option(g, &name, &attributes))
                        continue;
                options++;
                kept += (attributes & EFI_VARIABLE_NON_VOLATILE) != 0;
                NOTE(g, "boot option", "Boot%c%c%c%c leads to a disk, and has the attributes 0x%x", name.text[4],
                     name.text[5], name.text[6], name.text[7], attributes);
        }
        CHECK_SAY(g, kept == 0, "none in non-volatile storage", "%u of %u boot options for disks are", kept, options);
}
