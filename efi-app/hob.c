/* SPDX-License-Identifier: BSD-2-Clause */
#include "hob.h"

#include <string.h>

#include "wire.h"

/* PI 1.2, volume 3, chapter 5: u16 type, u16 length, u32 reserved; an allocation goes on with a GUID, base, length. */
enum { HOB_HEAD = 8, HOB_ALLOCATION = 2, HOB_END = 0xffff, ALLOCATION_SIZE = 48, HOBS_MAX = 4096 };

static const EFI_GUID list_guid = {0x7739f24c, 0x93d7, 0x11d4, {0x9a, 0x3a, 0x00, 0x90, 0x27, 0x3f, 0xc1, 0x4d}};
static const EFI_GUID stack_guid = {0x4ed4bf27, 0x4092, 0x42e9, {0x80, 0x7d, 0x52, 0x7b, 0x1d, 0x00, 0xc9, 0xbd}};

uint8_t *hob_stack_find(const EFI_SYSTEM_TABLE *st)
{
        uint8_t *hob = NULL;

        for (UINTN i = 0; i < st->NumberOfTableEntries && !hob; i++)
                if (memcmp(&st->ConfigurationTable[i].VendorGuid, &list_guid, sizeof(list_guid)) == 0)
                        hob = st->ConfigurationTable[i].VendorTable;
        for (unsigned i = 0; hob && i < HOBS_MAX; i++) {
                uint16_t type = wire_get16(hob), length = wire_get16(hob + 2);

                if (type == HOB_END || length < HOB_HEAD)
                        return NULL;
                if (type == HOB_ALLOCATION && length >= ALLOCATION_SIZE &&
                    memcmp(hob + HOB_HEAD, &stack_guid, sizeof(stack_guid)) == 0)
                        return hob;
                hob += length;
        }
        return NULL;
}
