/* SPDX-License-Identifier: BSD-2-Clause */
/* The protocols that UEFI 2.4A section 2.6 requires are found: on the application, on its disk, and anywhere. */
#include "guest.h"

struct protocol {
        const char *name;
        EFI_GUID guid;
};

static struct protocol loaded_image = {"LoadedImage", EFI_LOADED_IMAGE_PROTOCOL_GUID};
static struct protocol image_path = {"LoadedImageDevicePath", EFI_LOADED_IMAGE_DEVICE_PATH_PROTOCOL_GUID};
static struct protocol on_disk[] = {
        {"BlockIo", EFI_BLOCK_IO_PROTOCOL_GUID},
        {"DiskIo", EFI_DISK_IO_PROTOCOL_GUID},
        {"SimpleFileSystem", EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID},
        {"DevicePath", EFI_DEVICE_PATH_PROTOCOL_GUID},
};
static struct protocol anywhere[] = {
        {"SimpleTextOut", EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL_GUID},
        {"SimpleTextIn", EFI_SIMPLE_TEXT_INPUT_PROTOCOL_GUID},
        {"DevicePathUtilities", EFI_DEVICE_PATH_UTILITIES_PROTOCOL_GUID},
        {"UnicodeCollation2", {0xa4c751fc, 0x23ae, 0x4c3e, {0x92, 0xe9, 0x49, 0x64, 0xcf, 0x63, 0xf3, 0x49}}},
};

/* The interface, or NULL, which is a failed fact. */
static void *protocol_on(struct guest *g, EFI_HANDLE handle, struct protocol *protocol)
{
        void *found = NULL;
        EFI_STATUS status = g->bs->HandleProtocol(handle, &protocol->guid, &found);

        CHECK_SAY(g, status == EFI_SUCCESS && found, "the protocol, not NULL", "%s: %s, %s", protocol->name,
                  status_name(status).text, found ? "not NULL" : "NULL");
        return status == EFI_SUCCESS ? found : NULL;
}

void guest_application_has_its_protocols(struct guest *g)
{
        (void)protocol_on(g, g->image, &loaded_image);
        (void)protocol_on(g, g->image, &image_path);
}

void guest_boot_disk_has_its_protocols(struct guest *g)
{
        EFI_LOADED_IMAGE *loaded = protocol_on(g, g->image, &loaded_image);

        if (!loaded)
                return;
        for (size_t i = 0; i < sizeof(on_disk) / sizeof(on_disk[0]); i++)
                (void)protocol_on(g, loaded->DeviceHandle, &on_disk[i]);
}

void guest_required_protocols_are_located(struct guest *g)
{
        for (size_t i = 0; i < sizeof(anywhere) / sizeof(anywhere[0]); i++) {
                void *found = NULL;
                EFI_STATUS status = g->bs->LocateProtocol(&anywhere[i].guid, NULL, &found);

                CHECK_SAY(g, status == EFI_SUCCESS && found, "the protocol, not NULL", "%s: %s, %s", anywhere[i].name,
                          status_name(status).text, found ? "not NULL" : "NULL");
        }
}
