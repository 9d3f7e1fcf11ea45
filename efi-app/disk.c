/* SPDX-License-Identifier: BSD-2-Clause */
/* The journal is read and written through BlockIo alone, in whole pages, on the disk that the application came from. */
#include "disk.h"

#include <string.h>

static EFI_GUID block_io_guid = EFI_BLOCK_IO_PROTOCOL_GUID;
static EFI_GUID device_path_guid = EFI_DEVICE_PATH_PROTOCOL_GUID;
static EFI_GUID loaded_image_guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;
static EFI_GUID file_system_guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;
static EFI_GUID root_bridge_guid = {0x2f707ebb, 0x4a1a, 0x11d4, {0x9a, 0x38, 0x00, 0x90, 0x27, 0x3f, 0xc1, 0x4d}};
static EFI_GUID esp_guid = {0xc12a7328, 0xf81f, 0x11d2, {0xba, 0x4b, 0x00, 0xa0, 0xc9, 0x3e, 0xc9, 0x3b}};

enum { PATH_MEDIA = 4, PATH_HARD_DRIVE = 1, PATH_FILE = 4, PATH_END = 0x7f, PATH_MAX_BYTES = 4096, GPT_PARTITION = 2 };

static EFI_DEVICE_PATH *handle_path(EFI_BOOT_SERVICES *bs, EFI_HANDLE handle)
{
        void *path = NULL;

        if (EFI_ERROR(bs->HandleProtocol(handle, &device_path_guid, &path)))
                return NULL;
        return path;
}

static size_t node_length(const EFI_DEVICE_PATH *node)
{
        return node->Length[0] | (size_t)node->Length[1] << 8;
}

/* The length of the path before its hard-drive node: what names the disk. 0 where there is no such node. */
static size_t disk_prefix(const EFI_DEVICE_PATH *path)
{
        size_t at = 0;

        while (path && at < PATH_MAX_BYTES) {
                const EFI_DEVICE_PATH *node = (const void *)((const uint8_t *)path + at);

                if ((node->Type & 0x7f) == PATH_MEDIA && node->SubType == PATH_HARD_DRIVE)
                        return at;
                if ((node->Type & 0x7f) == PATH_END || node_length(node) < 4)
                        return 0;
                at += node_length(node);
        }
        return 0;
}

static bool same_disk(const EFI_DEVICE_PATH *a, const EFI_DEVICE_PATH *b)
{
        size_t length = disk_prefix(a);

        return length && length == disk_prefix(b) && memcmp(a, b, length) == 0;
}

/* One transfer of at most DISK_BOUNCE bytes through the page-aligned buffer. */
static EFI_STATUS disk_transfer(struct disk *disk, bool write, uint64_t offset, void *data, size_t size)
{
        EFI_BLOCK_IO *io = disk->journal;
        uint64_t lba = offset / io->Media->BlockSize;
        EFI_STATUS status;

        if (write) {
                memcpy(disk->bounce, data, size);
                return io->WriteBlocks(io, io->Media->MediaId, lba, size, disk->bounce);
        }
        status = io->ReadBlocks(io, io->Media->MediaId, lba, size, disk->bounce);
        if (!EFI_ERROR(status))
                memcpy(data, disk->bounce, size);
        return status;
}

static EFI_STATUS disk_move(struct disk *disk, bool write, uint64_t offset, uint8_t *data, size_t size)
{
        while (size) {
                size_t step = size < DISK_BOUNCE ? size : DISK_BOUNCE;
                EFI_STATUS status = disk_transfer(disk, write, offset, data, step);

                if (EFI_ERROR(status))
                        return status;
                offset += step;
                data += step;
                size -= step;
        }
        return EFI_SUCCESS;
}

EFI_STATUS disk_read(struct disk *disk, uint64_t offset, void *to, size_t size)
{
        return disk_move(disk, false, offset, to, size);
}

EFI_STATUS disk_write(struct disk *disk, uint64_t offset, const void *from, size_t size)
{
        return disk_move(disk, true, offset, (uint8_t *)(uintptr_t)from, size);
}

static bool holds_plan(struct disk *disk, EFI_BLOCK_IO *io)
{
        static const char magic[8] = "SVMPLAN1";
        uint8_t head[8];

        if (!io->Media->LogicalPartition || !io->Media->MediaPresent || io->Media->BlockSize == 0 ||
            4096 % io->Media->BlockSize || io->Media->LastBlock < WIRE_PARTITION_SIZE / io->Media->BlockSize - 1)
                return false;
        disk->journal = io;
        if (EFI_ERROR(disk_transfer(disk, false, WIRE_PLAN_OFFSET, disk->bounce, 4096)))
                return false;
        memcpy(head, disk->bounce, sizeof(head));
        for (unsigned i = 0; i < sizeof(head); i++)
                if (head[i] != (uint8_t)magic[i])
                        return false;
        return true;
}

EFI_STATUS disk_open(struct disk *disk, EFI_BOOT_SERVICES *bs, EFI_HANDLE device)
{
        EFI_DEVICE_PATH *boot = handle_path(bs, device);
        EFI_PHYSICAL_ADDRESS pages = 0;
        EFI_HANDLE *handles = NULL;
        UINTN count = 0;
        EFI_STATUS status = bs->AllocatePages(AllocateAnyPages, EfiLoaderData, DISK_BOUNCE / 4096, &pages);

        if (EFI_ERROR(status))
                return status;
        disk->bs = bs;
        disk->bounce = (uint8_t *)(uintptr_t)pages;
        status = bs->LocateHandleBuffer(ByProtocol, &block_io_guid, NULL, &count, &handles);
        if (EFI_ERROR(status))
                return status;
        status = EFI_NOT_FOUND;
        for (UINTN i = 0; i < count && EFI_ERROR(status); i++) {
                void *io = NULL;

                if (!same_disk(boot, handle_path(bs, handles[i])))
                        continue;
                if (EFI_ERROR(bs->HandleProtocol(handles[i], &block_io_guid, &io)) || !io)
                        continue;
                if (holds_plan(disk, io))
                        status = EFI_SUCCESS;
        }
        (void)bs->FreePool(handles);
        return status;
}

/* The firmware's view ---------------------------------------------------------------------------------------------- */

struct lines {
        char *to;
        size_t size;
        size_t length;
};

static void line_number(struct lines *lines, const char *name, uint64_t value)
{
        lines->length += text_format(lines->to + lines->length, lines->size - lines->length, "%s=0x%llx\n", name,
                                     (unsigned long long)value);
}

static void line_text(struct lines *lines, const char *name, const char *value)
{
        lines->length += text_format(lines->to + lines->length, lines->size - lines->length, "%s=%s\n", name, value);
}

static void describe_hard_drive(struct lines *lines, const EFI_DEVICE_PATH *path)
{
        const uint8_t *node = (const uint8_t *)path + disk_prefix(path);

        if (disk_prefix(path) == 0)
                return;
        line_number(lines, "partition_number", wire_get32(node + 4));
        line_number(lines, "partition_start", wire_get64(node + 8));
        line_number(lines, "partition_size", wire_get64(node + 16));
        line_text(lines, "partition_signature", text_guid(node + 24).text);
        line_number(lines, "partition_format", node[40]);
        line_number(lines, "partition_signature_type", node[41]);
}

static void describe_file_path(struct lines *lines, const EFI_DEVICE_PATH *path)
{
        char name[128];
        size_t length = 0;
        const uint8_t *node = (const uint8_t *)path;

        for (; path && (node[0] & 0x7f) == PATH_MEDIA && node[1] == PATH_FILE; node += node_length((const void *)node))
                for (size_t at = 4; at + 1 < node_length((const void *)node) && length + 1 < sizeof(name); at += 2) {
                        uint16_t c = wire_get16(node + at);

                        if (c)
                                name[length++] = c >= 0x20 && c < 0x7f ? (char)c : '?';
                }
        name[length] = 0;
        line_text(lines, "file_path", name);
}

/* The handle of the disk that the partition of this path is on. */
static EFI_HANDLE whole_disk(EFI_BOOT_SERVICES *bs, const EFI_DEVICE_PATH *path)
{
        size_t length = disk_prefix(path);
        EFI_HANDLE *handles = NULL, found = NULL;
        UINTN count = 0;

        if (!length || EFI_ERROR(bs->LocateHandleBuffer(ByProtocol, &block_io_guid, NULL, &count, &handles)))
                return NULL;
        for (UINTN i = 0; i < count && !found; i++) {
                const uint8_t *other = (const uint8_t *)handle_path(bs, handles[i]);

                if (other && memcmp(other, path, length) == 0 && (other[length] & 0x7f) == PATH_END)
                        found = handles[i];
        }
        (void)bs->FreePool(handles);
        return found;
}

/* One block of the disk, into a page-aligned buffer. */
static bool block_read(EFI_BOOT_SERVICES *bs, EFI_HANDLE disk, uint64_t block, uint8_t page[4096])
{
        void *found = NULL;
        EFI_BLOCK_IO *io;

        if (!disk || EFI_ERROR(bs->HandleProtocol(disk, &block_io_guid, &found)) || !found)
                return false;
        io = found;
        return io->Media->BlockSize && io->Media->BlockSize <= 4096 &&
               !EFI_ERROR(io->ReadBlocks(io, io->Media->MediaId, block, io->Media->BlockSize, page));
}

/* The GPT entry that the hard-drive node's partition number counts, as it stands on the disk. */
static void describe_entry(struct lines *lines, EFI_BOOT_SERVICES *bs, const EFI_DEVICE_PATH *path, uint8_t page[4096],
                           uint32_t block_size)
{
        const uint8_t *node = (const uint8_t *)path + disk_prefix(path);
        EFI_HANDLE disk = whole_disk(bs, path);
        uint64_t entries, offset;
        uint32_t number = wire_get32(node + 4), size;

        if (!block_read(bs, disk, 1, page) || memcmp(page, "EFI PART", 8) != 0)
                return;
        entries = wire_get64(page + 72);
        size = wire_get32(page + 84);
        if (number == 0 || number > wire_get32(page + 80) || size < 128 || size > 4096 || size & (size - 1))
                return;
        offset = (uint64_t)(number - 1) * size;
        if (!block_read(bs, disk, entries + offset / block_size, page))
                return;
        page += offset % block_size;
        line_text(lines, "entry_type", text_guid(page).text);
        line_text(lines, "entry_guid", text_guid(page + 16).text);
        line_number(lines, "entry_start", wire_get64(page + 32));
        line_number(lines, "entry_size", wire_get64(page + 40) - wire_get64(page + 32) + 1);
}

static void describe_gpt(struct lines *lines, EFI_BOOT_SERVICES *bs, EFI_HANDLE device)
{
        EFI_DEVICE_PATH *path = handle_path(bs, device);
        EFI_PHYSICAL_ADDRESS page = 0;
        void *found = NULL;

        if (disk_prefix(path) == 0 || EFI_ERROR(bs->HandleProtocol(device, &block_io_guid, &found)) || !found ||
            ((EFI_BLOCK_IO *)found)->Media->BlockSize == 0 ||
            EFI_ERROR(bs->AllocatePages(AllocateAnyPages, EfiLoaderData, 1, &page)))
                return;
        describe_entry(lines, bs, path, (uint8_t *)(uintptr_t)page, ((EFI_BLOCK_IO *)found)->Media->BlockSize);
        (void)bs->FreePages(page, 1);
}

/* Whether the handle of the other partition on this disk, the journal's, carries its type's GUID. */
static void describe_journal(struct lines *lines, EFI_BOOT_SERVICES *bs, EFI_HANDLE device)
{
        EFI_DEVICE_PATH *boot = handle_path(bs, device);
        EFI_HANDLE *handles = NULL;
        EFI_GUID type;
        UINTN count = 0;
        bool carried = false;

        memcpy(&type, wire_partition_type, sizeof(type));
        if (!EFI_ERROR(bs->LocateHandleBuffer(ByProtocol, &type, NULL, &count, &handles))) {
                for (UINTN i = 0; i < count; i++)
                        carried = carried || same_disk(boot, handle_path(bs, handles[i]));
                (void)bs->FreePool(handles);
        }
        line_number(lines, "journal_guid_on_handle", carried);
}

static void describe_image(struct lines *lines, const EFI_LOADED_IMAGE *image)
{
        describe_file_path(lines, image->FilePath);
        line_number(lines, "image_code_type", image->ImageCodeType);
        line_number(lines, "image_data_type", image->ImageDataType);
        line_number(lines, "image_base", (uintptr_t)image->ImageBase);
        line_number(lines, "image_size", image->ImageSize);
        line_number(lines, "load_options_size", image->LoadOptionsSize);
}

enum { PATH_HARDWARE = 1, PATH_ACPI = 2, HARDWARE_VENDOR = 4 };

/*
 * How the disk is reached: over a PCI root, or over a virtio-mmio transport as EDK2 names them, by its registers'
 * address. Other firmware and other buses leave both lines out.
 */
static void describe_bus(struct lines *lines, EFI_BOOT_SERVICES *bs, EFI_HANDLE device)
{
        static const uint8_t transport[16] = {0x9e, 0xca, 0x7d, 0x83, 0x74, 0xe8, 0x82, 0x4d,
                                              0xb2, 0x9a, 0x23, 0xfe, 0x0e, 0x23, 0xd1, 0xe2};
        const uint8_t *path = (const uint8_t *)handle_path(bs, device);
        size_t end = disk_prefix((const void *)path), length;
        EFI_HANDLE *handles = NULL;
        UINTN roots = 0;

        for (size_t at = 0; at < end; at += length) {
                const uint8_t *node = path + at;
                uint32_t hid = wire_get32(node + 4);

                length = node_length((const void *)node);
                if (node[0] == PATH_ACPI && length >= 12 && (hid == 0x0a0341d0 || hid == 0x0a0841d0))
                        line_number(lines, "bus_is_pci", 1);
                if (node[0] == PATH_HARDWARE && node[1] == HARDWARE_VENDOR && length >= 28 &&
                    memcmp(node + 4, transport, sizeof(transport)) == 0)
                        line_number(lines, "bus_is_virtio_mmio", wire_get64(node + 20));
        }
        if (!EFI_ERROR(bs->LocateHandleBuffer(ByProtocol, &root_bridge_guid, NULL, &roots, &handles)))
                (void)bs->FreePool(handles);
        else
                roots = 0;
        line_number(lines, "pci_roots", roots);
}

static void describe_block_io(struct lines *lines, EFI_BOOT_SERVICES *bs, EFI_HANDLE device)
{
        void *found = NULL;
        EFI_BLOCK_IO *io;

        if (EFI_ERROR(bs->HandleProtocol(device, &block_io_guid, &found)) || !found)
                return;
        io = found;
        line_number(lines, "block_size", io->Media->BlockSize);
        line_number(lines, "last_block", io->Media->LastBlock);
        line_number(lines, "logical_partition", io->Media->LogicalPartition);
}

size_t disk_describe(EFI_BOOT_SERVICES *bs, EFI_HANDLE image, EFI_HANDLE device, char *to, size_t size)
{
        struct lines lines = {to, size, 0};
        void *found = NULL;

        to[0] = 0;
        line_number(&lines, "esp_guid_on_handle", !EFI_ERROR(bs->HandleProtocol(device, &esp_guid, &found)));
        line_number(&lines, "file_system_on_handle", !EFI_ERROR(bs->HandleProtocol(device, &file_system_guid, &found)));
        describe_hard_drive(&lines, handle_path(bs, device));
        describe_block_io(&lines, bs, device);
        if (!EFI_ERROR(bs->HandleProtocol(image, &loaded_image_guid, &found)) && found)
                describe_image(&lines, found);
        describe_journal(&lines, bs, device);
        describe_gpt(&lines, bs, device);
        describe_bus(&lines, bs, device);
        return lines.length;
}
