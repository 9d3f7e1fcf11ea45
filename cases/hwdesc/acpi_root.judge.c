/* SPDX-License-Identifier: BSD-2-Clause */
/* From the configuration table through RSDP and XSDT to every table: found, whole and summing to zero. */
#include "judge.h"

#include "hwdesc.h"
#include "map.h"
#include "wire.h"

enum { RSDP_OLD = 20, RSDP = 36, HEADER = 36 };

static bool acpi_offered(struct judge *j)
{
        if (table_offered(j->evidence, guid_acpi20))
                return true;
        NOT_APPLICABLE(j, "no configuration table has the ACPI 2.0 GUID");
        return false;
}

static struct bytes acpi_of(const struct judge *j)
{
        return j->evidence->of[EVIDENCE_ACPI];
}

void judge_rsdp_is_sound(struct judge *j)
{
        struct evidence_table rsdp;
        uint64_t address = 0;
        size_t at = 0;
        bool cut;

        if (!acpi_offered(j))
                return;
        (void)evidence_config_table(j->evidence, guid_acpi20, &address);
        if (!CHECK_SAY(j,
                       evidence_next_table(acpi_of(j), &at, &rsdp, &cut) && rsdp.bytes.size >= RSDP &&
                               rsdp.address == address,
                       "an RSDP that can be read where the configuration table points", "%u bytes of ACPI",
                       (unsigned)acpi_of(j).size))
                return;
        CHECK_SAY(j, memcmp(rsdp.bytes.data, "RSD PTR ", 8) == 0, "the signature \"RSD PTR \"", "0x%llx",
                  (unsigned long long)wire_get64(rsdp.bytes.data));
        CHECK_GE(j, rsdp.bytes.data[15], 2);
        CHECK_EQ(j, wire_get32(rsdp.bytes.data + 20), RSDP);
        CHECK_EQ(j, bytes_sum((struct bytes){rsdp.bytes.data, RSDP_OLD}), 0);
        CHECK_EQ(j, bytes_sum((struct bytes){rsdp.bytes.data, RSDP}), 0);
        CHECK_NE(j, wire_get64(rsdp.bytes.data + 24), 0);
}

static bool printable(const uint8_t *text, size_t length)
{
        for (size_t i = 0; i < length; i++)
                if (text[i] < 0x20 || text[i] > 0x7e)
                        return false;
        return true;
}

/* The recorder reads as many bytes as a table says it has, within bounds: any other number was not sane. */
static void table_judge(struct judge *j, struct bytes table)
{
        char name[20];
        uint32_t length;

        text_escape(name, sizeof(name), table.data, table.size < 4 ? table.size : 4);
        if (!CHECK_SAY(j, table.size >= HEADER, "a table with its header", "%s: %u bytes", name, (unsigned)table.size))
                return;
        length = wire_get32(table.data + 4);
        CHECK_SAY(j, printable(table.data, 4), "a printable signature", "%s", name);
        CHECK_SAY(j, length == table.size, "a length that can be read", "%s: %u, read %u", name, length,
                  (unsigned)table.size);
        CHECK_SAY(j, bytes_sum(table) == 0, "bytes that sum to 0", "%s: 0x%x", name, bytes_sum(table));
}

/* The tables that the XSDT points at are among those recorded. */
static void pointers_judge(struct judge *j, struct bytes xsdt)
{
        struct evidence_table table;
        bool cut;

        for (size_t at = HEADER; at + 8 <= xsdt.size; at += 8) {
                uint64_t address = wire_get64(xsdt.data + at);
                bool found = false;

                for (size_t next = 0; !found && evidence_next_table(acpi_of(j), &next, &table, &cut);)
                        found = table.address == address;
                CHECK_SAY(j, found, "an XSDT entry that leads to a table", "0x%llx", (unsigned long long)address);
        }
        CHECK_SAY(j, (xsdt.size - HEADER) % 8 == 0, "XSDT entries of 8 bytes", "%u bytes",
                  (unsigned)xsdt.size - HEADER);
}

void judge_acpi_tables_are_whole(struct judge *j)
{
        struct bytes xsdt;
        struct evidence_table table;
        size_t at = 0;
        bool cut = false;

        if (!acpi_offered(j))
                return;
        (void)evidence_next_table(acpi_of(j), &at, &table, &cut);
        while (evidence_next_table(acpi_of(j), &at, &table, &cut))
                table_judge(j, table.bytes);
        CHECK_SAY(j, !cut, "tables that can be read to the last", "cut after %u bytes", (unsigned)at);
        xsdt = acpi_table(acpi_of(j), "XSDT", 0);
        if (CHECK_SAY(j, xsdt.data, "an XSDT", "none"))
                pointers_judge(j, xsdt);
}

static void place_judge(struct judge *j, const struct evidence_table *table)
{
        struct map_range range = {.type = MAP_RESERVED};
        char name[20];

        text_escape(name, sizeof(name), table->bytes.data, table->bytes.size < 4 ? table->bytes.size : 4);
        if (!CHECK_SAY(j, map_find(j->evidence->of[EVIDENCE_MEMORY_MAP], table->address, &range),
                       "an address that the memory map holds", "%s at 0x%llx", name,
                       (unsigned long long)table->address))
                return;
        CHECK_SAY(j, range.type == MAP_ACPI_RECLAIM || range.type == MAP_ACPI_NVS,
                  "ACPIReclaim (9) or ACPINVS (10) memory", "%s at 0x%llx in type %u", name,
                  (unsigned long long)table->address, range.type);
        CHECK_SAY(j, !(range.attributes >> 63), "no RUNTIME attribute", "%s: 0x%llx", name,
                  (unsigned long long)range.attributes);
        CHECK_SAY(j, range.base % 4096 == 0, "a descriptor on a 4 KiB boundary", "0x%llx",
                  (unsigned long long)range.base);
}

void judge_acpi_tables_lie_in_acpi_memory(struct judge *j)
{
        struct evidence_table table;
        size_t at = 0;
        bool cut;

        if (!acpi_offered(j))
                return;
        if (!map_readable(j->evidence->of[EVIDENCE_MEMORY_MAP])) {
                SKIP(j, "no memory map was recorded");
                return;
        }
        while (evidence_next_table(acpi_of(j), &at, &table, &cut))
                place_judge(j, &table);
}
