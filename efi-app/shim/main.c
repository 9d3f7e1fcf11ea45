/* SPDX-License-Identifier: BSD-2-Clause */
/* The application is started as if it stood where the shim stands; without a defect it sees nothing else. */
#include "minimal.h"

#include <string.h>

#include "crc32.h"

static EFI_GUID loaded_image_guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;
static EFI_GUID file_system_guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;
static EFI_GUID device_path_guid = EFI_DEVICE_PATH_PROTOCOL_GUID;
static struct shim shim;

enum { FILE_MAX = 4 * 1024 * 1024, PATH_MAX_BYTES = 1024, MAP_ROOM = 64 * 1024, WATCHDOG_S = 300, HOLD_US = 1000 };

#if defined(__aarch64__)
#define APPLICATION L"\\EFI\\VMSPEC\\BOOTAA64.EFI"
#elif defined(__arm__)
#define APPLICATION L"\\EFI\\VMSPEC\\BOOTARM.EFI"
#else
#define APPLICATION L"\\EFI\\VMSPEC\\BOOTX64.EFI"
#endif
static CHAR16 application[] = APPLICATION;

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *st);

static void say(const char *text)
{
        CHAR16 line[160];
        size_t i = 0;

        for (; text[i]; i++)
                line[i] = (uint8_t)text[i];
        line[i] = 0;
        (void)shim.st->ConOut->OutputString(shim.st->ConOut, line);
}

static void give_up(const char *why, const char *what) __attribute__((noreturn));
static void give_up(const char *why, const char *what)
{
        char text[140];

        text_format(text, sizeof(text), "VS1 stop: the shim: %s%s\r\n", why, what);
        say(text);
        for (;;)
                shim.rt->ResetSystem(EfiResetShutdown, EFI_SUCCESS, 0, NULL);
}

void *shim_pages(struct shim *s, EFI_MEMORY_TYPE type, size_t size)
{
        EFI_PHYSICAL_ADDRESS address = 0;

        if (EFI_ERROR(s->bs->AllocatePages(AllocateAnyPages, type, (size + 4095) / 4096, &address)))
                return NULL;
        memset((void *)(uintptr_t)address, 0, (size + 4095) & ~(size_t)4095);
        return (void *)(uintptr_t)address;
}

EFI_MEMORY_TYPE shim_memory_type(struct shim *s, const void *at)
{
        static uint8_t map[MAP_ROOM] __attribute__((aligned(16)));
        UINTN size = sizeof(map), key = 0, step = 0;
        UINT32 version = 0;

        if (EFI_ERROR(s->bs->GetMemoryMap(&size, (void *)map, &key, &step, &version)))
                return EfiMaxMemoryType;
        for (UINTN offset = 0; offset + step <= size; offset += step) {
                const EFI_MEMORY_DESCRIPTOR *range = (const void *)(map + offset);

                if ((uintptr_t)at >= range->PhysicalStart &&
                    (uintptr_t)at - range->PhysicalStart < range->NumberOfPages * 4096)
                        return range->Type;
        }
        return EfiMaxMemoryType;
}

void table_sign(EFI_TABLE_HEADER *header)
{
        header->CRC32 = 0;
        header->CRC32 = crc32_update(0, header, header->HeaderSize);
}

static void plan_load(uint8_t *bytes)
{
        if (EFI_ERROR(disk_read(&shim.disk, WIRE_PLAN_OFFSET, bytes, WIRE_PLAN_MAX)) ||
            !plan_get((struct bytes){bytes, WIRE_PLAN_MAX}, &shim.plan))
                give_up("the plan cannot be read", "");
}

/*
 * A plan of WIRE_HOLD is none: the machine stands still here until the disk has another one, which is what a VM finds
 * that goes on from this one's saved state.
 */
static void plan_await(void)
{
        uint8_t *bytes = shim_pages(&shim, EfiLoaderData, WIRE_PLAN_MAX);
        bool told = false;

        if (!bytes || EFI_ERROR(disk_open(&shim.disk, shim.bs, shim.loaded->DeviceHandle)))
                give_up("there is no plan", "");
        plan_load(bytes);
        for (; strcmp(shim.plan.defect, WIRE_HOLD) == 0; plan_load(bytes)) {
                if (!told)
                        say(WIRE_HELD "\r\n");
                told = true;
                (void)shim.bs->Stall(HOLD_US);
        }
}

/* The whole application in memory; UINTN ret_size bytes. */
static void *application_read(UINTN *ret_size)
{
        EFI_FILE_IO_INTERFACE *volume = NULL;
        EFI_FILE_HANDLE root = NULL, file = NULL;
        void *bytes = shim_pages(&shim, EfiBootServicesData, FILE_MAX);

        *ret_size = FILE_MAX;
        if (!bytes ||
            EFI_ERROR(shim.bs->HandleProtocol(shim.loaded->DeviceHandle, &file_system_guid, (void **)&volume)) ||
            EFI_ERROR(volume->OpenVolume(volume, &root)) ||
            EFI_ERROR(root->Open(root, &file, application, EFI_FILE_MODE_READ, 0)) ||
            EFI_ERROR(file->Read(file, ret_size, bytes)))
                give_up("the application cannot be read", "");
        (void)file->Close(file);
        (void)root->Close(root);
        return bytes;
}

static size_t path_length(const uint8_t *path)
{
        size_t at = 0;

        while ((path[at] & 0x7f) != 0x7f && at < PATH_MAX_BYTES)
                at += path[at + 2] | (size_t)path[at + 3] << 8;
        return at;
}

/* device's path, one media file path node, the end. */
static EFI_DEVICE_PATH *path_make(EFI_HANDLE device, const CHAR16 *name, size_t name_size)
{
        uint8_t *path = shim_pages(&shim, EfiBootServicesData, 2 * PATH_MAX_BYTES);
        void *before = NULL;
        size_t at = 0;

        if (!path)
                give_up("no memory", "");
        if (!EFI_ERROR(shim.bs->HandleProtocol(device, &device_path_guid, &before)) && before)
                memcpy(path, before, at = path_length(before));
        path[at] = 4;
        path[at + 1] = 4;
        wire_put16(path + at + 2, (uint16_t)(4 + name_size));
        memcpy(path + at + 4, name, name_size);
        at += 4 + name_size;
        path[at] = 0x7f;
        path[at + 1] = 0xff;
        wire_put16(path + at + 2, 4);
        return (EFI_DEVICE_PATH *)(void *)path;
}

static void application_load(void)
{
        UINTN size = 0;
        void *bytes = application_read(&size), *found = NULL;

        shim.child_path = path_make(shim.loaded->DeviceHandle, application, sizeof(application));
        if (EFI_ERROR(shim.bs->LoadImage(FALSE, shim.image, shim.child_path, bytes, size, &shim.child)) ||
            EFI_ERROR(shim.bs->HandleProtocol(shim.child, &loaded_image_guid, &found)) || !found)
                give_up("the application cannot be loaded", "");
        shim.child_loaded = found;
        shim.child_loaded->DeviceHandle = shim.loaded->DeviceHandle;
        shim.child_loaded->FilePath = shim.loaded->FilePath;
        shim.child_loaded->ParentHandle = shim.loaded->ParentHandle;
        shim.child_loaded->LoadOptions = shim.loaded->LoadOptions;
        shim.child_loaded->LoadOptionsSize = shim.loaded->LoadOptionsSize;
}

static const struct {
        const char *name;
        EFI_STATUS (*seed)(struct shim *shim, struct words *words);
} mechanisms[] = {
        {"config", config_defect},       {"fdt", fdt_defect},         {"acpi", acpi_defect},
        {"variable", variable_defect},   {"service", service_defect}, {"image", image_defect},
        {"processor", processor_defect}, {"smbios", smbios_defect},   {"memory", memory_defect},
        {"firmware", firmware_defect},   {"clock", clock_defect},     {"end", end_defect},
        {"runtime", runtime_defect},     {"boot", boot_defect},       {"map", map_defect},
        {"efi", minimal_defect},         {"nvstore", nvstore_defect},
};

static EFI_STATUS line_seed(const char *line, const char *end)
{
        for (size_t i = 0; i < sizeof(mechanisms) / sizeof(mechanisms[0]); i++) {
                size_t length = strlen(mechanisms[i].name);
                struct words words = {line + length + 1, end};

                if ((size_t)(end - line) > length && line[length] == '=' &&
                    memcmp(line, mechanisms[i].name, length) == 0)
                        return mechanisms[i].seed(&shim, &words);
        }
        return EFI_INVALID_PARAMETER;
}

static void defects_seed(void)
{
        char line[100];

        for (const char *at = shim.plan.defect; *at;) {
                const char *end = at;
                size_t length = 0;

                for (; *end && *end != '\n'; end++)
                        if (length + 1 < sizeof(line))
                                line[length++] = *end;
                line[length] = 0;
                if (length && EFI_ERROR(line_seed(at, end)))
                        give_up("cannot seed ", line);
                at = *end ? end + 1 : end;
        }
}

EFI_STATUS EFIAPI efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *st)
{
        void *found = NULL;

        shim = (struct shim){.image = image, .st = st, .bs = st->BootServices, .rt = st->RuntimeServices};
        if (EFI_ERROR(shim.bs->HandleProtocol(image, &loaded_image_guid, &found)) || !found)
                give_up("it does not know where it is", "");
        shim.loaded = found;
        application_load();
        plan_await();
        (void)shim.bs->SetWatchdogTimer(WATCHDOG_S, 0, 0, NULL); /* as the boot manager does before what it starts */
        defects_seed();
        if (!minimal_enter(&shim))
                (void)shim.bs->StartImage(shim.child, NULL, NULL);
        give_up("the application came back", "");
}
