/* SPDX-License-Identifier: BSD-2-Clause */
/* Every address comes from the firmware and may be wrong: each kind is read under the guard, within bounds. */
#include "tables.h"

#include <string.h>

#include "arch.h"
#include "crc32.h"
#include "disk.h"
#include "guard.h"
#include "hob.h"
#include "text.h"
#include "wire.h"

enum {
        TEXT_ROOM = 64 * 1024,
        ACPI_ROOM = 1024 * 1024,
        ACPI_TABLE_MAX = 512 * 1024,
        SMBIOS_ROOM = 128 * 1024,
        MAP_ROOM = 256 * 1024,
        FDT_MAX = 2 * 1024 * 1024,
        VARIABLES_MAX = 1024,
        NAME_MAX = 512,
        ROOM = 5 * 1024 * 1024,
};

struct gather {
        EFI_SYSTEM_TABLE *st;
        EFI_HANDLE image;
        EFI_HANDLE device;
        struct evidence *evidence;
        uint8_t *room; /* what is left of the buffer all kinds are taken from */
        size_t left;
        uint8_t *to; /* the kind being gathered */
        size_t size;
        size_t length;
        uint64_t stack_base, stack_size; /* as the HOB list has them; size 0: it has none */
};

static void begin(struct gather *gather, size_t size)
{
        gather->to = gather->room;
        gather->size = size < gather->left ? size : gather->left;
        gather->length = 0;
}

static void finish(struct gather *gather, enum evidence_kind kind)
{
        size_t used = (gather->length + 15) & ~(size_t)15;

        gather->evidence->of[kind] = (struct bytes){gather->to, gather->length};
        gather->room += used;
        gather->left -= used;
}

static void line(struct gather *gather, const char *name, uint64_t value)
{
        gather->length += text_format((char *)gather->to + gather->length, gather->size - gather->length, "%s=0x%llx\n",
                                      name, (unsigned long long)value);
}

static void text_line(struct gather *gather, const char *name, const CHAR16 *value)
{
        char text[128];
        size_t i = 0;

        for (; value && value[i] && i + 1 < sizeof(text); i++)
                text[i] = value[i] >= 0x20 && value[i] < 0x7f ? (char)value[i] : '?';
        text[i] = 0;
        gather->length +=
                text_format((char *)gather->to + gather->length, gather->size - gather->length, "%s=%s\n", name, text);
}

static void copy(struct gather *gather, uint64_t address, size_t size)
{
        if (size > gather->size - gather->length)
                size = gather->size - gather->length;
        memcpy(gather->to + gather->length, (const void *)(uintptr_t)address, size);
        gather->length += size;
}

/* A container element: address, length, bytes; nothing where it does not fit whole. */
static void element(struct gather *gather, uint64_t address, size_t size)
{
        if (gather->size - gather->length < 12 + size)
                return;
        wire_put64(gather->to + gather->length, address);
        wire_put32(gather->to + gather->length + 8, (uint32_t)size);
        gather->length += 12;
        copy(gather, address, size);
}

static void told(void *context, const char *name, uint64_t value)
{
        line(context, name, value);
}

static bool header_crc_right(EFI_TABLE_HEADER *header)
{
        static uint8_t scratch[1024];

        if (header->HeaderSize < sizeof(*header) || header->HeaderSize > sizeof(scratch))
                return false;
        memcpy(scratch, header, header->HeaderSize);
        memset(scratch + offsetof(EFI_TABLE_HEADER, CRC32), 0, 4);
        return crc32_update(0, scratch, header->HeaderSize) == header->CRC32;
}

static void gather_stack(void *context)
{
        struct gather *gather = context;
        const uint8_t *hob = hob_stack_find(gather->st);

        if (!hob)
                return;
        gather->stack_base = wire_get64(hob + HOB_BASE);
        gather->stack_size = wire_get64(hob + HOB_LENGTH);
}

static void gather_registers(void *context)
{
        struct gather *gather = context;
        EFI_SYSTEM_TABLE *st = gather->st;

        begin(gather, TEXT_ROOM);
        arch_registers(told, gather);
        if (gather->stack_size) {
                line(gather, "HobStack.Base", gather->stack_base);
                line(gather, "HobStack.Length", gather->stack_size);
        }
        line(gather, "SystemTable.Signature", st->Hdr.Signature);
        line(gather, "SystemTable.Revision", st->Hdr.Revision);
        line(gather, "SystemTable.CRC32_right", header_crc_right(&st->Hdr));
        line(gather, "BootServices.CRC32_right", header_crc_right(&st->BootServices->Hdr));
        line(gather, "RuntimeServices.CRC32_right", header_crc_right(&st->RuntimeServices->Hdr));
        line(gather, "FirmwareRevision", st->FirmwareRevision);
        text_line(gather, "FirmwareVendor", st->FirmwareVendor);
        line(gather, "ConOut", st->ConOut != NULL);
        line(gather, "ConIn", st->ConIn != NULL);
        finish(gather, EVIDENCE_REGISTERS);
}

static void gather_config(void *context)
{
        struct gather *gather = context;
        EFI_SYSTEM_TABLE *st = gather->st;

        begin(gather, TEXT_ROOM);
        for (UINTN i = 0; i < st->NumberOfTableEntries && i < 256; i++)
                line(gather, text_guid((const uint8_t *)&st->ConfigurationTable[i].VendorGuid).text,
                     (uintptr_t)st->ConfigurationTable[i].VendorTable);
        finish(gather, EVIDENCE_CONFIG);
}

static void gather_disk(void *context)
{
        struct gather *gather = context;

        begin(gather, TEXT_ROOM);
        gather->length = disk_describe(gather->st->BootServices, gather->image, gather->device, (char *)gather->to,
                                       gather->size);
        finish(gather, EVIDENCE_DISK);
}

static void gather_fdt(void *context)
{
        struct gather *gather = context;
        uint64_t address = 0;
        const uint8_t *fdt;
        uint32_t size;

        if (!evidence_config_table(gather->evidence, guid_fdt, &address) || !address)
                return;
        fdt = (const void *)(uintptr_t)address;
        size = (uint32_t)fdt[4] << 24 | (uint32_t)fdt[5] << 16 | (uint32_t)fdt[6] << 8 | fdt[7];
        begin(gather, FDT_MAX);
        copy(gather, address, size < 40 ? 40 : size);
        finish(gather, EVIDENCE_FDT);
}

static uint32_t table_length(uint64_t address)
{
        uint32_t length = wire_get32((const uint8_t *)(uintptr_t)address + 4);

        return length < 36 ? 36 : length < ACPI_TABLE_MAX ? length : ACPI_TABLE_MAX;
}

static void gather_dsdt(struct gather *gather, uint64_t address)
{
        const uint8_t *fadt = (const void *)(uintptr_t)address;
        uint32_t length = table_length(address);
        uint64_t dsdt = length >= 148 ? wire_get64(fadt + 140) : 0;

        if (!dsdt && length >= 44)
                dsdt = wire_get32(fadt + 40);
        if (dsdt)
                element(gather, dsdt, table_length(dsdt));
}

static void gather_acpi_tables(struct gather *gather, uint64_t root, unsigned width)
{
        const uint8_t *table = (const void *)(uintptr_t)root;
        uint32_t length = table_length(root);

        element(gather, root, length);
        for (uint32_t at = 36; at + width <= length; at += width) {
                uint64_t address = width == 8 ? wire_get64(table + at) : wire_get32(table + at);

                if (!address)
                        continue;
                element(gather, address, table_length(address));
                if (memcmp((const void *)(uintptr_t)address, "FACP", 4) == 0)
                        gather_dsdt(gather, address);
        }
}

static void gather_acpi(void *context)
{
        struct gather *gather = context;
        uint64_t address = 0, root;
        const uint8_t *rsdp;

        if (!evidence_config_table(gather->evidence, guid_acpi20, &address) || !address)
                return;
        rsdp = (const void *)(uintptr_t)address;
        begin(gather, ACPI_ROOM);
        element(gather, address, 36);
        root = rsdp[15] >= 2 ? wire_get64(rsdp + 24) : 0;
        if (root)
                gather_acpi_tables(gather, root, 8);
        else if (wire_get32(rsdp + 16))
                gather_acpi_tables(gather, wire_get32(rsdp + 16), 4);
        finish(gather, EVIDENCE_ACPI);
}

static void gather_smbios(void *context)
{
        struct gather *gather = context;
        uint64_t address = 0;
        const uint8_t *entry;
        uint32_t size;

        begin(gather, SMBIOS_ROOM);
        if (evidence_config_table(gather->evidence, guid_smbios3, &address) && address) {
                entry = (const void *)(uintptr_t)address;
                size = wire_get32(entry + 12);
                element(gather, address, 24);
                element(gather, wire_get64(entry + 16), size < SMBIOS_ROOM / 2 ? size : SMBIOS_ROOM / 2);
        } else if (evidence_config_table(gather->evidence, guid_smbios, &address) && address) {
                entry = (const void *)(uintptr_t)address;
                element(gather, address, 31);
                element(gather, wire_get32(entry + 24), wire_get16(entry + 22));
        }
        finish(gather, EVIDENCE_SMBIOS);
}

static void gather_memory_map(void *context)
{
        struct gather *gather = context;
        UINTN size, key = 0, descriptor = 0;
        UINT32 version = 0;

        begin(gather, MAP_ROOM);
        size = gather->size - 16;
        if (EFI_ERROR(gather->st->BootServices->GetMemoryMap(&size, (void *)(gather->to + 16), &key, &descriptor,
                                                             &version)) ||
            size > gather->size - 16)
                return;
        wire_put32(gather->to, (uint32_t)descriptor);
        wire_put32(gather->to + 4, version);
        wire_put64(gather->to + 8, key);
        gather->length = 16 + size;
        finish(gather, EVIDENCE_MEMORY_MAP);
}

static void gather_variables(void *context)
{
        static CHAR16 name[NAME_MAX];
        struct gather *gather = context;
        EFI_GUID guid;

        begin(gather, TEXT_ROOM);
        memset(&guid, 0, sizeof(guid));
        name[0] = 0;
        for (unsigned i = 0; i < VARIABLES_MAX; i++) {
                UINTN size = sizeof(name), none = 0;
                UINT32 attributes = 0;
                char text[96];
                size_t at;

                if (EFI_ERROR(gather->st->RuntimeServices->GetNextVariableName(&size, name, &guid)))
                        break;
                (void)gather->st->RuntimeServices->GetVariable(name, &guid, &attributes, &none, NULL);
                at = text_format(text, sizeof(text), "%s:", text_guid((const uint8_t *)&guid).text);
                for (size_t c = 0; name[c] && c < NAME_MAX && at + 1 < sizeof(text); c++)
                        text[at++] = name[c] > 0x20 && name[c] < 0x7f && name[c] != '=' ? (char)name[c] : '?';
                text[at] = 0;
                line(gather, text, attributes);
        }
        finish(gather, EVIDENCE_VARIABLES);
}

void tables_gather(EFI_SYSTEM_TABLE *st, EFI_HANDLE image, EFI_HANDLE device, struct evidence *evidence)
{
        static void (*const steps[])(void *) = {
                gather_stack, gather_registers, gather_config, gather_memory_map, gather_disk,
                gather_fdt,   gather_acpi,      gather_smbios, gather_variables,
        };
        struct gather gather = {.st = st, .image = image, .device = device, .evidence = evidence};
        EFI_PHYSICAL_ADDRESS room = 0;

        if (EFI_ERROR(st->BootServices->AllocatePages(AllocateAnyPages, EfiLoaderData, ROOM / 4096, &room)))
                return;
        gather.room = (uint8_t *)(uintptr_t)room;
        gather.left = ROOM;
        for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
                (void)guard_run(steps[i], &gather);
}
