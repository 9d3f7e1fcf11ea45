/* SPDX-License-Identifier: BSD-2-Clause */
/* The system table and the tables of services are signed, whole, and have every function that UEFI 2.4 gave them. */
#include "guest.h"

#include "crc32.h"

enum { HEADER_MAX = 4096, REVISION_2_40 = 2 << 16 | 40, VENDOR_MAX = 256 };

/* True where the table is as long as UEFI 2.4 has it, so that what it points to may be looked at. */
static bool header_judge(struct guest *g, const EFI_TABLE_HEADER *header, uint64_t signature, size_t least)
{
        static const uint8_t no_crc[4];
        const uint8_t *bytes = (const uint8_t *)header;
        const size_t at = offsetof(EFI_TABLE_HEADER, CRC32);
        uint32_t crc;

        CHECK_EQ(g, header->Signature, signature);
        if (!CHECK_IN(g, header->HeaderSize, least, HEADER_MAX))
                return false;
        crc = crc32_update(0, bytes, at);
        crc = crc32_update(crc, no_crc, sizeof(no_crc));
        crc = crc32_update(crc, bytes + at + sizeof(no_crc), header->HeaderSize - at - sizeof(no_crc));
        CHECK_EQ(g, header->CRC32, crc);
        return true;
}

void guest_system_table_is_whole(struct guest *g)
{
        NOTE_NUMBER(g, "Revision", g->st->Hdr.Revision);
        header_judge(g, &g->st->Hdr, EFI_SYSTEM_TABLE_SIGNATURE, sizeof(*g->st));
        CHECK_GE(g, g->st->Hdr.Revision, REVISION_2_40);
}

/* Every word from the first function to the last one, but for the one that is reserved. */
static void functions_judge(struct guest *g, const EFI_TABLE_HEADER *header, size_t size, size_t reserved)
{
        const uint8_t *bytes = (const uint8_t *)header;
        uint64_t missing = 0, first = 0;

        for (size_t at = sizeof(*header); at + sizeof(void *) <= size; at += sizeof(void *)) {
                uintptr_t function;

                memcpy(&function, bytes + at, sizeof(function));
                if (function || at == reserved)
                        continue;
                first = missing++ ? first : at;
        }
        CHECK_SAY(g, missing == 0, "no function pointer is NULL", "%llu are, the first at offset %llu",
                  (unsigned long long)missing, (unsigned long long)first);
}

void guest_boot_services_are_all_there(struct guest *g)
{
        if (header_judge(g, &g->bs->Hdr, EFI_BOOT_SERVICES_SIGNATURE, sizeof(*g->bs)))
                functions_judge(g, &g->bs->Hdr, sizeof(*g->bs), offsetof(EFI_BOOT_SERVICES, PCHandleProtocol));
}

void guest_runtime_services_are_all_there(struct guest *g)
{
        if (header_judge(g, &g->rt->Hdr, EFI_RUNTIME_SERVICES_SIGNATURE, sizeof(*g->rt)))
                functions_judge(g, &g->rt->Hdr, sizeof(*g->rt), 0);
}

void guest_firmware_tells_its_vendor(struct guest *g)
{
        const CHAR16 *vendor = g->st->FirmwareVendor;
        char text[64];
        size_t i = 0;

        if (!CHECK(g, vendor != NULL))
                return;
        for (; i < VENDOR_MAX && vendor[i]; i++)
                if (i + 1 < sizeof(text))
                        text[i] = vendor[i] >= 0x20 && vendor[i] < 0x7f ? (char)vendor[i] : '?';
        text[i < sizeof(text) ? i : sizeof(text) - 1] = 0;
        NOTE(g, "FirmwareVendor", "%s", text);
        NOTE_NUMBER(g, "FirmwareRevision", g->st->FirmwareRevision);
        NOTE_NUMBER(g, "configuration tables", g->st->NumberOfTableEntries);
        CHECK_IN(g, i, 1, VENDOR_MAX - 1);
}
