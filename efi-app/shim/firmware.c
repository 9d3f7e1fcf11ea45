/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tables, memory map and protocols as a broken firmware would have them:
 *
 *   revision-2-30    the system table is of UEFI 2.30
 *   system-crc, boot-crc, runtime-crc    the CRC of a table is wrong
 *   boot-short       the boot services end where UEFI 1.1 had them end
 *   boot-null, runtime-null    CreateEventEx, or GetNextHighMonotonicCount, is NULL
 *   vendor-none      the system table has no vendor
 *   hide NAME        a protocol is not found: image-path, disk-io, collation
 *   stack-hob KIB    the HOB list has a stack of that size, up to the same top
 *   map-stale-key    the memory map's key never changes
 *   map-no-size      too small a buffer is refused with the size it has
 *   map-any-room     too small a buffer is SUCCESS
 *   map-version-0    the descriptors are of version 0
 *   map-overlap      a range ends one page inside the next one
 *   map-mixed-64k    a runtime, reserved or NVS range begins one page earlier, and is not WB
 */
#include "shim.h"

#include <string.h>

#include "hob.h"

enum { PAGE = 4096, UEFI_2_30 = 2 << 16 | 30, WRITE_BACK = 8 };

static const char *map_word;
static EFI_GET_MEMORY_MAP get_memory_map;
static EFI_LOCATE_PROTOCOL locate_protocol;
static EFI_HANDLE_PROTOCOL handle_protocol;

static const struct hidden {
        const char *name;
        EFI_GUID guid;
} protocols[] = {
        {"image-path", EFI_LOADED_IMAGE_DEVICE_PATH_PROTOCOL_GUID},
        {"disk-io", EFI_DISK_IO_PROTOCOL_GUID},
        {"collation", {0xa4c751fc, 0x23ae, 0x4c3e, {0x92, 0xe9, 0x49, 0x64, 0xcf, 0x63, 0xf3, 0x49}}},
};
static const struct hidden *hidden;

static EFI_STATUS EFIAPI hiding_locate(EFI_GUID *guid, void *registration, void **interface)
{
        if (memcmp(guid, &hidden->guid, sizeof(*guid)) != 0)
                return locate_protocol(guid, registration, interface);
        *interface = NULL;
        return EFI_NOT_FOUND;
}

static EFI_STATUS EFIAPI hiding_handle(EFI_HANDLE handle, EFI_GUID *guid, void **interface)
{
        if (memcmp(guid, &hidden->guid, sizeof(*guid)) != 0)
                return handle_protocol(handle, guid, interface);
        *interface = NULL;
        return EFI_UNSUPPORTED;
}

static EFI_STATUS protocol_hide(struct shim *shim, const char *name)
{
        for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
                if (strcmp(protocols[i].name, name) == 0)
                        hidden = &protocols[i];
        if (!hidden)
                return EFI_INVALID_PARAMETER;
        locate_protocol = shim->bs->LocateProtocol;
        handle_protocol = shim->bs->HandleProtocol;
        shim->bs->LocateProtocol = hiding_locate;
        shim->bs->HandleProtocol = hiding_handle;
        table_sign(&shim->bs->Hdr);
        return EFI_SUCCESS;
}

static bool is_kept_apart(const EFI_MEMORY_DESCRIPTOR *range)
{
        return range->Type == EfiRuntimeServicesCode || range->Type == EfiRuntimeServicesData ||
               range->Type == EfiReservedMemoryType || range->Type == EfiACPIMemoryNVS;
}

/* One page of RAM passes from the end of a range to the range behind it; with overlap both have it. */
static void pages_mix(uint8_t *map, UINTN size, UINTN step, bool overlap)
{
        for (UINTN i = 0; i + step <= size; i += step)
                for (UINTN k = 0; k + step <= size; k += step) {
                        EFI_MEMORY_DESCRIPTOR *a = (void *)(map + i), *b = (void *)(map + k);

                        if (!is_kept_apart(b) || a->PhysicalStart + a->NumberOfPages * PAGE != b->PhysicalStart ||
                            a->NumberOfPages < 2)
                                continue;
                        b->PhysicalStart -= PAGE;
                        b->NumberOfPages++;
                        if (overlap)
                                return;
                        a->NumberOfPages--;
                        b->Attribute &= ~(UINT64)WRITE_BACK;
                        return;
                }
}

static EFI_STATUS EFIAPI broken_map(UINTN *size, EFI_MEMORY_DESCRIPTOR *map, UINTN *key, UINTN *step, UINT32 *version)
{
        static UINTN first_key;
        UINTN room = *size;
        EFI_STATUS status = get_memory_map(size, map, key, step, version);

        if (status == EFI_BUFFER_TOO_SMALL && strcmp(map_word, "map-no-size") == 0)
                *size = room;
        if (status == EFI_BUFFER_TOO_SMALL && strcmp(map_word, "map-any-room") == 0)
                return EFI_SUCCESS;
        if (status != EFI_SUCCESS)
                return status;
        first_key = first_key ? first_key : *key;
        if (strcmp(map_word, "map-stale-key") == 0)
                *key = first_key;
        if (strcmp(map_word, "map-version-0") == 0)
                *version = 0;
        if (strcmp(map_word, "map-overlap") == 0 || strcmp(map_word, "map-mixed-64k") == 0)
                pages_mix((uint8_t *)map, *size, *step, strcmp(map_word, "map-overlap") == 0);
        return status;
}

static EFI_STATUS map_break(struct shim *shim, const char *word)
{
        static const char *const words[] = {"map-stale-key", "map-no-size", "map-any-room",
                                            "map-version-0", "map-overlap", "map-mixed-64k"};

        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
                if (strcmp(words[i], word) == 0)
                        map_word = words[i];
        if (!map_word)
                return EFI_INVALID_PARAMETER;
        get_memory_map = shim->bs->GetMemoryMap;
        shim->bs->GetMemoryMap = broken_map;
        table_sign(&shim->bs->Hdr);
        return EFI_SUCCESS;
}

/* The tables as they are, but for one field; false where the word names none. */
static bool table_break(struct shim *shim, const char *word)
{
        if (strcmp(word, "revision-2-30") == 0)
                shim->st->Hdr.Revision = UEFI_2_30;
        else if (strcmp(word, "vendor-none") == 0)
                shim->st->FirmwareVendor = NULL;
        else if (strcmp(word, "boot-short") == 0)
                shim->bs->Hdr.HeaderSize = offsetof(EFI_BOOT_SERVICES, CreateEventEx);
        else if (strcmp(word, "boot-null") == 0)
                shim->bs->CreateEventEx = NULL;
        else if (strcmp(word, "runtime-null") == 0)
                shim->rt->GetNextHighMonotonicCount = NULL;
        else
                return false;
        table_sign(&shim->st->Hdr);
        table_sign(&shim->bs->Hdr);
        table_sign(&shim->rt->Hdr);
        return true;
}

static bool crc_break(struct shim *shim, const char *word)
{
        EFI_TABLE_HEADER *header = strcmp(word, "system-crc") == 0    ? &shim->st->Hdr
                                   : strcmp(word, "boot-crc") == 0    ? &shim->bs->Hdr
                                   : strcmp(word, "runtime-crc") == 0 ? &shim->rt->Hdr
                                                                      : NULL;

        if (header)
                header->CRC32 ^= 1;
        return header != NULL;
}

static EFI_STATUS stack_shrink(const struct shim *shim, struct words *words)
{
        uint8_t *hob = hob_stack_find(shim->st);
        uint64_t kib = 0, top;

        if (!hob || !word_number(words, &kib))
                return EFI_NOT_FOUND;
        top = wire_get64(hob + HOB_BASE) + wire_get64(hob + HOB_LENGTH);
        wire_put64(hob + HOB_BASE, top - kib * 1024);
        wire_put64(hob + HOB_LENGTH, kib * 1024);
        return EFI_SUCCESS;
}

EFI_STATUS firmware_defect(struct shim *shim, struct words *words)
{
        struct word word = word_next(words);

        if (strcmp(word.text, "hide") == 0)
                return protocol_hide(shim, word_next(words).text);
        if (strcmp(word.text, "stack-hob") == 0)
                return stack_shrink(shim, words);
        if (table_break(shim, word.text) || crc_break(shim, word.text))
                return EFI_SUCCESS;
        return map_break(shim, word.text);
}
