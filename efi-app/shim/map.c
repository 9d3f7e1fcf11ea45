/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GetMemoryMap tells what is not so:
 *
 *   overlap                      a descriptor that another follows is a page longer
 *   clear|set TYPE VALUE         attribute bits of the first descriptor of that type
 *   shift TYPE BYTES             the first descriptor of that type begins so much later
 *   phantom BASE PAGES [given]   conventional memory where there is none; given: AllocatePages hands it out, too
 */
#include "shim.h"

#include <string.h>

static EFI_GET_MEMORY_MAP get_memory_map;
static EFI_ALLOCATE_PAGES allocate_pages;
static struct {
        struct word verb;
        uint32_t type;
        uint64_t value;
        uint64_t pages;
} lie;

static EFI_MEMORY_DESCRIPTOR *descriptor_at(EFI_MEMORY_DESCRIPTOR *map, UINTN offset)
{
        return (EFI_MEMORY_DESCRIPTOR *)(void *)((uint8_t *)map + offset);
}

static bool descriptor_begins(EFI_MEMORY_DESCRIPTOR *map, UINTN size, UINTN step, uint64_t address)
{
        for (UINTN at = 0; at + step <= size; at += step)
                if (descriptor_at(map, at)->PhysicalStart == address)
                        return true;
        return false;
}

static bool descriptor_lies(EFI_MEMORY_DESCRIPTOR *map, UINTN size, UINTN step, EFI_MEMORY_DESCRIPTOR *one)
{
        if (strcmp(lie.verb.text, "overlap") == 0) {
                if (!descriptor_begins(map, size, step, one->PhysicalStart + one->NumberOfPages * 4096))
                        return false;
                one->NumberOfPages++;
                return true;
        }
        if (one->Type != lie.type)
                return false;
        if (strcmp(lie.verb.text, "set") == 0)
                one->Attribute |= lie.value;
        else if (strcmp(lie.verb.text, "clear") == 0)
                one->Attribute &= ~lie.value;
        else
                one->PhysicalStart += lie.value;
        return true;
}

static EFI_STATUS EFIAPI lying(UINTN *size, EFI_MEMORY_DESCRIPTOR *map, UINTN *key, UINTN *step, UINT32 *version)
{
        bool phantom = strcmp(lie.verb.text, "phantom") == 0;
        UINTN room = *size;
        EFI_STATUS status = get_memory_map(size, map, key, step, version);

        if (phantom && (status == EFI_SUCCESS || status == EFI_BUFFER_TOO_SMALL)) {
                if (status == EFI_SUCCESS && room >= *size + *step) {
                        EFI_MEMORY_DESCRIPTOR *one = memset(descriptor_at(map, *size), 0, *step);

                        one->Type = EfiConventionalMemory;
                        one->PhysicalStart = lie.value;
                        one->NumberOfPages = lie.pages;
                        one->Attribute = EFI_MEMORY_WB;
                } else {
                        status = EFI_BUFFER_TOO_SMALL;
                }
                *size += *step;
        } else if (status == EFI_SUCCESS) {
                for (UINTN at = 0; at + *step <= *size; at += *step)
                        if (descriptor_lies(map, *size, *step, descriptor_at(map, at)))
                                break;
        }
        return status;
}

static EFI_STATUS EFIAPI giving(EFI_ALLOCATE_TYPE type, EFI_MEMORY_TYPE memory, UINTN pages, EFI_PHYSICAL_ADDRESS *at)
{
        if (type == AllocateAddress && *at >= lie.value && *at - lie.value < lie.pages * 4096)
                return EFI_SUCCESS;
        return allocate_pages(type, memory, pages, at);
}

EFI_STATUS map_defect(struct shim *shim, struct words *words)
{
        EFI_MEMORY_TYPE type = EfiMaxMemoryType;

        lie.verb = word_next(words);
        if (strcmp(lie.verb.text, "phantom") == 0) {
                if (!word_number(words, &lie.value) || !word_number(words, &lie.pages))
                        return EFI_INVALID_PARAMETER;
                if (strcmp(word_next(words).text, "given") == 0) {
                        allocate_pages = shim->bs->AllocatePages;
                        shim->bs->AllocatePages = giving;
                }
        } else if (strcmp(lie.verb.text, "overlap") != 0) {
                if (strcmp(lie.verb.text, "set") != 0 && strcmp(lie.verb.text, "clear") != 0 &&
                    strcmp(lie.verb.text, "shift") != 0)
                        return EFI_INVALID_PARAMETER;
                if (!word_memory_type(words, &type) || !word_number(words, &lie.value))
                        return EFI_INVALID_PARAMETER;
        }
        lie.type = (uint32_t)type;
        get_memory_map = shim->bs->GetMemoryMap;
        shim->bs->GetMemoryMap = lying;
        table_sign(&shim->bs->Hdr);
        return EFI_SUCCESS;
}
