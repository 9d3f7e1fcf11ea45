/* SPDX-License-Identifier: BSD-2-Clause */
/* The judges of the ACPI tables see each defect that is seeded into a sound machine. */
#include "test_defects.h"

static uint8_t *rsdp(void)
{
        return machine.acpi + TABLE_HEAD;
}

static void rsdp_of_revision_0(void)
{
        rsdp()[15] = 0;
}

static void rsdp_old_sum(void)
{
        rsdp()[8] ^= 1; /* libxl on Arm leaves it out; the longer sum is made to fit */
        rsdp()[32] = 0;
        rsdp()[32] = (uint8_t)-bytes_sum((struct bytes){rsdp(), 36});
}

static void rsdp_long_sum(void)
{
        rsdp()[33] ^= 1;
}

static void rsdp_without_xsdt(void)
{
        wire_put64(rsdp() + 24, 0);
}

static void rsdp_elsewhere(void)
{
        line_change(&machine, EVIDENCE_CONFIG, guid_acpi20, "0x47e01000");
}

static void gtdt_sum(void)
{
        table_find(&machine, "GTDT")[50] ^= 4;
}

static void gtdt_length(void)
{
        uint8_t *gtdt = table_find(&machine, "GTDT");

        wire_put32(gtdt + 4, 0x10000000);
}

static void signature_unprintable(void)
{
        uint8_t *spcr = table_find(&machine, "SPCR");

        spcr[2] = 0;
        spcr[9] = 0;
        spcr[9] = (uint8_t)-bytes_sum((struct bytes){spcr, 80});
}

static void xsdt_dangles(void)
{
        uint8_t *xsdt = table_find(&machine, "XSDT");

        wire_put64(xsdt + 36, 0x12345000);
        table_seal(xsdt);
}

static void acpi_cut(void)
{
        machine.acpi_size -= 4;
}

static void acpi_in_loader_data(void)
{
        wire_put32(machine.map + 16 + 48, MAP_LOADER_DATA);
}

static void acpi_with_runtime(void)
{
        wire_put64(machine.map + 16 + 48 + 32, 1ull << 63);
}

static void fadt_change(size_t at, uint8_t value)
{
        uint8_t *fadt = table_find(&machine, "FACP");

        fadt[at] = value;
        table_seal(fadt);
}

static void fadt_full_hardware(void)
{
        fadt_change(114, 0);
}

static void fadt_of_acpi5(void)
{
        fadt_change(8, 5);
}

static void fadt_with_pm_block(void)
{
        fadt_change(57, 6);
}

static void fadt_without_x_dsdt(void)
{
        for (size_t i = 140; i < 148; i++)
                fadt_change(i, 0);
}

static void dsdt_sum(void)
{
        table_find(&machine, "DSDT")[38] ^= 1;
}

static void fadt_without_psci(void)
{
        fadt_change(129, 2);
}

static void madt_of_gicv2(void)
{
        madt_change(44 + 20, 2);
}

static void madt_with_lapic(void)
{
        madt_change(44, 0);
}

static void madt_entry_too_long(void)
{
        madt_change(44 + 24 + 1, 255);
}

static void madt_redistributors_cut(void)
{
        uint8_t *madt = table_find(&machine, "APIC");

        wire_put32(madt + 44 + 24 + 4 * 80 + 12, 0x40000);
        table_seal(madt);
}

static void gtdt_virtual_is(uint32_t interrupt)
{
        uint8_t *gtdt = table_find(&machine, "GTDT");

        wire_put32(gtdt + 64, interrupt);
        table_seal(gtdt);
}

static void gtdt_virtual_is_spi(void)
{
        gtdt_virtual_is(40);
}

static void gtdt_virtual_is_physical(void)
{
        gtdt_virtual_is(30);
}

static void no_gtdt(void)
{
        table_rename("GTDT", "OEM1");
}

static void no_spcr(void)
{
        table_rename("SPCR", "OEM1");
}

static void no_dbg2(void)
{
        table_rename("DBG2", "OEM1");
}

static void hpet_there(void)
{
        table_rename("DBG2", "HPET");
}

static void spcr_without_base(void)
{
        spcr_change(47, 0);
}

static void spcr_of_16550(void)
{
        spcr_change(36, 0);
}

static void rsdt_there(void)
{
        wire_put32(rsdp() + 16, 0x1000);
}

static const struct defect defects[] = {
        FAILS(judge_rsdp_is_sound, rsdp_of_revision_0),
        FAILS(judge_rsdp_is_sound, rsdp_old_sum),
        FAILS(judge_rsdp_is_sound, rsdp_long_sum),
        FAILS(judge_rsdp_is_sound, rsdp_without_xsdt),
        FAILS(judge_rsdp_is_sound, rsdp_elsewhere),
        GIVES(judge_rsdp_is_sound, no_acpi, FACT_NOT_APPLICABLE),
        FAILS(judge_acpi_tables_are_whole, gtdt_sum),
        FAILS(judge_acpi_tables_are_whole, gtdt_length),
        FAILS(judge_acpi_tables_are_whole, signature_unprintable),
        FAILS(judge_acpi_tables_are_whole, xsdt_dangles),
        FAILS(judge_acpi_tables_are_whole, acpi_cut),
        FAILS(judge_acpi_tables_lie_in_acpi_memory, acpi_in_loader_data),
        FAILS(judge_acpi_tables_lie_in_acpi_memory, acpi_with_runtime),
        FAILS(judge_fadt_is_hardware_reduced, fadt_full_hardware),
        FAILS(judge_fadt_is_hardware_reduced, fadt_of_acpi5),
        FAILS(judge_fadt_is_hardware_reduced, fadt_with_pm_block),
        FAILS(judge_fadt_is_hardware_reduced, fadt_without_x_dsdt),
        FAILS(judge_fadt_is_hardware_reduced, dsdt_sum),
        FAILS(judge_fadt_names_psci, fadt_without_psci),
        FAILS(judge_fadt_names_psci, psci_hvc_at_el2),
        FAILS(judge_madt_describes_gic, madt_of_gicv2),
        FAILS(judge_madt_describes_gic, madt_with_lapic),
        FAILS(judge_madt_describes_gic, madt_entry_too_long),
        FAILS(judge_madt_describes_gic, madt_redistributors_cut),
        FAILS(judge_gtdt_describes_timer, gtdt_virtual_is_spi),
        FAILS(judge_gtdt_describes_timer, gtdt_virtual_is_physical),
        FAILS(judge_gtdt_describes_timer, no_gtdt),
        FAILS(judge_spcr_names_uart, spcr_without_base),
        FAILS(judge_spcr_names_uart, spcr_of_16550),
        FAILS(judge_spcr_names_uart, no_spcr),
        FAILS(judge_dbg2_names_console, no_dbg2),
        FAILS(judge_dbg2_names_console, uart_moved_in_acpi),
        FAILS(judge_no_foreign_acpi_table, hpet_there),
        FAILS(judge_no_foreign_acpi_table, rsdt_there),
};

int main(void)
{
        return defects_run(defects, sizeof(defects) / sizeof(defects[0]));
}
