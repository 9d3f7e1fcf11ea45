/* SPDX-License-Identifier: BSD-2-Clause */
/* What was recorded when the application was entered still stands in memory: firmware leaves it alone once installed.
 */
#include "guest.h"

enum { SETTLE_MILLISECONDS = 20 };

static bool never(void *context)
{
        (void)context;
        return false;
}

static void table_compare(struct guest *g, const char *name, uint64_t address, struct bytes recorded)
{
        const uint8_t *now = (const uint8_t *)(uintptr_t)address;
        size_t same = 0;

        while (same < recorded.size && now[same] == recorded.data[same])
                same++;
        CHECK_SAY(g, same == recorded.size, "the bytes that were there at entry", "%s at 0x%llx: %u of %u are the same",
                  name, (unsigned long long)address, (unsigned)same, (unsigned)recorded.size);
}

void guest_descriptions_are_left_alone(struct guest *g)
{
        struct bytes fdt = g->evidence->of[EVIDENCE_FDT], acpi = g->evidence->of[EVIDENCE_ACPI];
        struct evidence_table table;
        uint64_t address = 0;
        size_t at = 0;
        bool cut;

        if (!fdt.size && !acpi.size) {
                NOT_APPLICABLE(g, "neither FDT nor ACPI is offered");
                return;
        }
        (void)guest_wait(g, SETTLE_MILLISECONDS, never, NULL);
        if (fdt.size && evidence_config_table(g->evidence, guid_fdt, &address))
                table_compare(g, "FDT", address, fdt);
        while (evidence_next_table(acpi, &at, &table, &cut)) {
                char name[20];

                text_escape(name, sizeof(name), table.bytes.data, table.bytes.size < 4 ? table.bytes.size : 4);
                table_compare(g, name, table.address, table.bytes);
        }
}
