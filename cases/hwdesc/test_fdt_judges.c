/* SPDX-License-Identifier: BSD-2-Clause */
/* The judges of what is offered and of the FDT as a whole see each defect that is seeded into a sound machine. */
#include "test_defects.h"

static void null_fdt(void)
{
        line_change(&machine, EVIDENCE_CONFIG, guid_fdt, "0x0");
}

static void trivial_fdt(void)
{
        assert_int_equal(fdt_create_empty_tree(machine.fdt, FDT_ROOM), 0);
}

static void no_cpus(void)
{
        node_delete("/cpus");
}

static void no_memory(void)
{
        node_delete("/memory@40000000");
}

static void no_gic(void)
{
        node_delete("/intc@8000000");
}

static void unreadable_fdt(void)
{
        fdt_set_totalsize(machine.fdt, FDT_ROOM + 8);
}

static void huge_fdt(void)
{
        fdt_set_totalsize(machine.fdt, 3 << 20);
}

static void misaligned_fdt(void)
{
        line_change(&machine, EVIDENCE_CONFIG, guid_fdt, "0x47f00004");
}

static void old_version(void)
{
        fdt_set_version(machine.fdt, 16);
}

static void new_last_compatible(void)
{
        fdt_set_last_comp_version(machine.fdt, 18);
}

static void strings_outside(void)
{
        fdt_set_off_dt_strings(machine.fdt, FDT_ROOM);
}

static void structure_without_end(void)
{
        fdt_set_size_dt_struct(machine.fdt, fdt_size_dt_struct(machine.fdt) - 4);
}

static void unknown_token(void)
{
        machine.fdt[fdt_off_dt_struct(machine.fdt) + 3] = 7;
}

static void huge_property(void)
{
        int length;
        const struct fdt_property *property = fdt_get_property(machine.fdt, 0, "compatible", &length);

        machine.fdt[(const uint8_t *)&property->len - machine.fdt] = 0x7f;
}

static void reservations_without_end(void)
{
        memset(machine.fdt + fdt_off_mem_rsvmap(machine.fdt), 1, FDT_ROOM - fdt_off_mem_rsvmap(machine.fdt));
}

static void fdt_in_boot_data(void)
{
        wire_put32(machine.map + 16 + 48, MAP_BOOT_DATA);
}

static void fdt_nowhere(void)
{
        line_change(&machine, EVIDENCE_CONFIG, guid_fdt, "0x100000");
}

static void no_stdout_path(void)
{
        property_delete("/chosen", "stdout-path");
}

static void stdout_path_leads_nowhere(void)
{
        text_set("/chosen", "stdout-path", "/serial@9000000");
}

static void stdout_path_leads_to_disabled(void)
{
        text_set("/pl011@9000000", "status", "disabled");
}

static void stdout_path_leads_to_pci(void)
{
        text_set("/chosen", "stdout-path", "/pcie@10000000");
}

static void aarch32_without_acpi(void)
{
        no_acpi();
        text_put(&machine, EVIDENCE_REGISTERS, "CPSR=0x1f3\nMPIDR=0x80000000\n");
}

static void both_offered(void)
{
}

static void nothing_recorded(void)
{
        text_put(&machine, EVIDENCE_CONFIG, "");
        text_put(&machine, EVIDENCE_REGISTERS, "");
}

static const struct defect defects[] = {
        FAILS(judge_hardware_is_described, neither),
        GIVES(judge_hardware_is_described, no_fdt, FACT_PASSED),
        GIVES(judge_hardware_is_described, no_acpi, FACT_PASSED),
        GIVES(judge_hardware_is_described, nothing_recorded, FACT_ERROR),
        FAILS(judge_fdt_is_offered, no_fdt),
        FAILS(judge_fdt_is_offered, null_fdt),
        FAILS(judge_acpi_is_offered, no_acpi),
        GIVES(judge_acpi_is_offered, aarch32_without_acpi, FACT_NOT_APPLICABLE),
        FAILS(judge_exactly_one_description, both_offered),
        FAILS(judge_exactly_one_description, neither),
        GIVES(judge_exactly_one_description, no_fdt, FACT_PASSED),
        GIVES(judge_fdt_is_complete, no_fdt, FACT_NOT_APPLICABLE),
        FAILS(judge_fdt_is_complete, trivial_fdt),
        FAILS(judge_fdt_is_complete, no_cpus),
        FAILS(judge_fdt_is_complete, no_memory),
        FAILS(judge_fdt_is_complete, no_gic),
        FAILS(judge_fdt_is_complete, no_timer),
        FAILS(judge_fdt_is_complete, no_console),
        FAILS(judge_fdt_is_complete, unreadable_fdt),
        GIVES(judge_fdt_blob_is_sound, no_fdt, FACT_NOT_APPLICABLE),
        FAILS(judge_fdt_blob_is_sound, unreadable_fdt),
        FAILS(judge_fdt_blob_is_sound, huge_fdt),
        GIVES(judge_fdt_is_complete, huge_fdt, FACT_SKIP),
        FAILS(judge_fdt_blob_is_sound, misaligned_fdt),
        FAILS(judge_fdt_blob_is_sound, old_version),
        FAILS(judge_fdt_blob_is_sound, new_last_compatible),
        FAILS(judge_fdt_blob_is_sound, strings_outside),
        FAILS(judge_fdt_blob_is_sound, structure_without_end),
        FAILS(judge_fdt_blob_is_sound, unknown_token),
        FAILS(judge_fdt_blob_is_sound, huge_property),
        FAILS(judge_fdt_blob_is_sound, reservations_without_end),
        FAILS(judge_fdt_lies_in_acpi_reclaim_memory, fdt_in_boot_data),
        FAILS(judge_fdt_lies_in_acpi_reclaim_memory, fdt_nowhere),
        GIVES(judge_fdt_lies_in_acpi_reclaim_memory, no_map, FACT_SKIP),
        FAILS(judge_stdout_path_leads_to_uart, no_stdout_path),
        FAILS(judge_stdout_path_leads_to_uart, stdout_path_leads_nowhere),
        FAILS(judge_stdout_path_leads_to_uart, stdout_path_leads_to_disabled),
        FAILS(judge_stdout_path_leads_to_uart, stdout_path_leads_to_pci),
};

int main(void)
{
        return defects_run(defects, sizeof(defects) / sizeof(defects[0]));
}
