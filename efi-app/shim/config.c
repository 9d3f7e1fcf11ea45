/* SPDX-License-Identifier: BSD-2-Clause */
/* Configuration tables are found and taken off the list; registers of devices are set. */
#include "shim.h"

#include <string.h>

EFI_GUID shim_fdt_guid = {0xb1b621d5, 0xf19c, 0x41a5, {0x83, 0x0b, 0xd9, 0x15, 0x2c, 0x69, 0xaa, 0xe0}};
EFI_GUID shim_acpi_guid = {0x8868e871, 0xe4f1, 0x11d3, {0xbc, 0x22, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81}};
static EFI_GUID smbios_guid = {0xeb9d2d31, 0x2d88, 0x11d3, {0x9a, 0x16, 0x00, 0x90, 0x27, 0x3f, 0xc1, 0x4d}};

void *config_find(const struct shim *shim, EFI_GUID *guid)
{
        for (UINTN i = 0; i < shim->st->NumberOfTableEntries; i++)
                if (memcmp(&shim->st->ConfigurationTable[i].VendorGuid, guid, sizeof(*guid)) == 0)
                        return shim->st->ConfigurationTable[i].VendorTable;
        return NULL;
}

EFI_STATUS config_defect(struct shim *shim, struct words *words)
{
        EFI_STATUS status;

        if (strcmp(word_next(words).text, "remove") != 0)
                return EFI_INVALID_PARAMETER;
        switch (word_next(words).text[0]) {
        case 'f':
                return shim->bs->InstallConfigurationTable(&shim_fdt_guid, NULL);
        case 'a':
                return shim->bs->InstallConfigurationTable(&shim_acpi_guid, NULL);
        case 's':
                status = shim->bs->InstallConfigurationTable(&smbios_guid, NULL);
                return EFI_ERROR(shim->bs->InstallConfigurationTable(&shim_smbios3_guid, NULL)) ? status : EFI_SUCCESS;
        default:
                return EFI_INVALID_PARAMETER;
        }
}

/* or ADDRESS VALUE: bits are set in a register of a device; at-write and at-exit: see hold.c. */
EFI_STATUS memory_defect(struct shim *shim, struct words *words)
{
        struct word verb = word_next(words);
        uint64_t address = 0, value = 0;

        if (strcmp(verb.text, "at-write") == 0 || strcmp(verb.text, "at-exit") == 0)
                return hold_defect(shim, verb.text, words);
        if (strcmp(verb.text, "or") != 0 || !word_number(words, &address) || !word_number(words, &value))
                return EFI_INVALID_PARAMETER;
        *(volatile uint32_t *)(uintptr_t)address |= (uint32_t)value;
        return EFI_SUCCESS;
}
