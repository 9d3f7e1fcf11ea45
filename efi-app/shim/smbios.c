/* SPDX-License-Identifier: BSD-2-Clause */
/* SMBIOS structures are edited on a copy; the entry point, of SMBIOS 3 or else of 2, is edited where it stands. */
#include "shim.h"

#include <string.h>

enum { ENTRY = 24, SUM = 5, OLD_SUM = 4, LENGTH = 12, ADDRESS = 16, END = 127, TABLE_MAX = 64 * 1024 };

EFI_GUID shim_smbios3_guid = {0xf2fd1544, 0x9794, 0x4a2c, {0x99, 0x2e, 0xe5, 0xbb, 0xcf, 0x20, 0xe3, 0x94}};

static void entry_sum(uint8_t *entry)
{
        uint8_t sum = 0;

        entry[SUM] = 0;
        for (unsigned i = 0; i < ENTRY; i++)
                sum = (uint8_t)(sum + entry[i]);
        entry[SUM] = (uint8_t)-sum;
}

/* The structure behind one: its formatted part, its strings, the two zeros. */
static uint8_t *structure_next(uint8_t *structure)
{
        uint8_t *at = structure + structure[1];

        while (at[0] || at[1])
                at++;
        return at + 2;
}

static uint8_t *structure_find(uint8_t *at, unsigned type)
{
        while (*at != type && *at != END)
                at = structure_next(at);
        return at;
}

/* The structures, copied with room for more, as the entry point leads to from now on. */
static uint8_t *structures_own(struct shim *shim, uint8_t *entry)
{
        uint8_t *copy = shim_pages(shim, EfiRuntimeServicesData, TABLE_MAX), *from, *end;

        if (!copy)
                return NULL;
        from = (uint8_t *)(uintptr_t)wire_get64(entry + ADDRESS);
        end = structure_next(structure_find(from, END));
        memcpy(copy, from, (size_t)(end - from));
        wire_put64(entry + ADDRESS, (uintptr_t)copy);
        return copy;
}

/* Of SMBIOS 2 no more than the sum. */
static EFI_STATUS old_entry_break(struct shim *shim, const char *verb)
{
        static EFI_GUID guid = {0xeb9d2d31, 0x2d88, 0x11d3, {0x9a, 0x16, 0x00, 0x90, 0x27, 0x3f, 0xc1, 0x4d}};
        uint8_t *entry = config_find(shim, &guid);

        if (!entry)
                return EFI_NOT_FOUND;
        if (strcmp(verb, "break-sum") != 0)
                return EFI_INVALID_PARAMETER;
        entry[OLD_SUM]++;
        return EFI_SUCCESS;
}

EFI_STATUS smbios_defect(struct shim *shim, struct words *words)
{
        uint8_t *entry = config_find(shim, &shim_smbios3_guid), *table, *at, bytes[HEX_MAX];
        struct word verb = word_next(words);
        uint64_t type = 0;
        size_t size;

        if (!entry)
                return old_entry_break(shim, verb.text);
        if (strcmp(verb.text, "break-sum") == 0) {
                entry[SUM]++;
                return EFI_SUCCESS;
        }
        table = structures_own(shim, entry);
        if (!table)
                return EFI_OUT_OF_RESOURCES;
        if (strcmp(verb.text, "append") == 0) {
                size = word_bytes(words, bytes);
                at = structure_find(table, END);
                memmove(at + size, at, 6);
                memcpy(at, bytes, size);
        } else if (strcmp(verb.text, "retype") == 0 && word_number(words, &type)) {
                *structure_find(table, (unsigned)type) = 126;
        } else {
                return EFI_INVALID_PARAMETER;
        }
        wire_put32(entry + LENGTH, (uint32_t)(structure_next(structure_find(table, END)) - table));
        entry_sum(entry);
        return EFI_SUCCESS;
}
