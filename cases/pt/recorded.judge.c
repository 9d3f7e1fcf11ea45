/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where nothing is passed through, the tables are what they were when somebody recorded them: a machine's declaration
 * has the version of its type 1, and a digest of each kind. What differs from start to start (UUID, addresses, sums),
 * from host to host (what a processor can) or from firmware to firmware (its name in type 0) is not in them.
 */
#include "crc32.h"
#include "passed.h"
#include "wire.h"

enum { TABLE_HEADER = 36, SUM = 9, VERSION = 6, FADT_MAX = 512, RECORD = 80 };

/* What is no matter of the machine's in a structure: the UUID of the VM, and what its processor can. */
static const struct {
        uint8_t type, from, to;
} variable[] = {{1, 8, 24}, {4, 8, 16}};

static uint32_t smbios_digest(struct bytes table)
{
        struct bytes structure;
        uint32_t crc = 0;

        for (size_t at = 0; structure_next(table, &at, &structure);) {
                const uint8_t *bytes = structure.data;
                size_t formatted = bytes[1], from = STRUCTURE_HEADER;

                crc = crc32_update(crc, bytes, 2);
                for (size_t i = 0; i < sizeof(variable) / sizeof(variable[0]); i++)
                        if (bytes[0] == variable[i].type && formatted >= variable[i].to) {
                                crc = crc32_update(crc, bytes + from, variable[i].from - from);
                                from = variable[i].to;
                        }
                crc = crc32_update(crc, bytes + from, (bytes[0] == 0 ? formatted : structure.size) - from);
                if (bytes[0] == END_OF_TABLE)
                        break;
        }
        return crc;
}

/* The addresses of FACS and DSDT are not part of it. */
static uint32_t fadt_digest(uint32_t crc, struct bytes table)
{
        uint8_t copy[FADT_MAX];
        size_t size = table.size < FADT_MAX ? table.size : FADT_MAX;

        memcpy(copy, table.data, size);
        copy[SUM] = 0;
        if (size >= 44)
                memset(copy + 36, 0, 8);
        if (size >= 148)
                memset(copy + 132, 0, 16);
        return crc32_update(crc, copy, size);
}

/* Tables that lead to others, and those of the firmware's own making, are not part of it. */
static uint32_t acpi_digest(struct bytes acpi)
{
        static const char *const left_out[] = {"RSD ", "RSDT", "XSDT", "FACS", "BGRT", "UEFI"};
        struct evidence_table table;
        uint32_t crc = 0;
        bool cut;

        for (size_t at = 0; evidence_next_table(acpi, &at, &table, &cut);) {
                bool skipped = table.bytes.size < TABLE_HEADER;

                for (size_t i = 0; !skipped && i < sizeof(left_out) / sizeof(left_out[0]); i++)
                        skipped = memcmp(table.bytes.data, left_out[i], 4) == 0;
                if (skipped)
                        continue;
                if (memcmp(table.bytes.data, "FACP", 4) == 0) {
                        crc = fadt_digest(crc, table.bytes);
                        continue;
                }
                crc = crc32_update(crc, table.bytes.data, SUM);
                crc = crc32_update(crc, table.bytes.data + SUM + 1, table.bytes.size - SUM - 1);
        }
        return crc;
}

/* The version in type 1, which QEMU fills with the name of its machine; "" where there is none. */
static void version_read(struct bytes table, char *to, size_t size)
{
        struct bytes structure;

        *to = 0;
        for (size_t at = 0; structure_next(table, &at, &structure);) {
                size_t from = structure.data[1], length;

                if (structure.data[0] != 1 || structure.data[1] <= VERSION)
                        continue;
                for (unsigned string = 1; string < structure.data[VERSION] && from < structure.size; string++)
                        from += strnlen((const char *)structure.data + from, structure.size - from) + 1;
                length =
                        from < structure.size ? strnlen((const char *)structure.data + from, structure.size - from) : 0;
                text_escape(to, size, structure.data + from, length);
                return;
        }
}

void judge_nothing_given_changes_nothing(struct judge *j)
{
        char recorded[RECORD] = "", version[40], found[RECORD];
        uint64_t smbios_given = 0, acpi_given = 0;
        struct bytes entry, table;
        size_t name;

        (void)evidence_number(j->evidence, EVIDENCE_TOLD, "smbios_modules", &smbios_given);
        (void)evidence_number(j->evidence, EVIDENCE_TOLD, "acpi_modules", &acpi_given);
        (void)evidence_text(j->evidence, EVIDENCE_TOLD, "recorded_tables", recorded, sizeof(recorded));
        if (smbios_given || acpi_given) {
                NOT_APPLICABLE(j, "%llu structures and %llu tables are passed through",
                               (unsigned long long)smbios_given, (unsigned long long)acpi_given);
                return;
        }
        if (!smbios_read(j, &entry, &table))
                return;
        version_read(table, version, sizeof(version));
        text_format(found, sizeof(found), "%s 0x%08x 0x%08x", version, smbios_digest(table),
                    acpi_digest(j->evidence->of[EVIDENCE_ACPI]));
        name = (size_t)(strchr(recorded, ' ') ? strchr(recorded, ' ') - recorded : 0);
        if (!*recorded)
                SKIP(j, "the machine's declaration records no tables; these are recorded-tables = %s", found);
        else if (strncmp(version, "pc-", 3) == 0 && (strlen(version) != name || memcmp(version, recorded, name) != 0))
                SKIP(j, "recorded were %s, this is %s", recorded, version);
        else
                CHECK_TEXT(j, found, recorded);
}
