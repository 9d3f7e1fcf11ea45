/* SPDX-License-Identifier: BSD-2-Clause */
/* Every judge lets the sound machine pass, and sees each of the defects that are seeded into it. */
#include "test_machine.h"

static struct machine sound, machine;
static unsigned heard[FACT_KIND_END];
static struct fact failure; /* the first one heard */

static void fact_heard(struct check *check, const struct fact *fact)
{
        (void)check;
        if (fact->kind == FACT_FAILED && heard[FACT_FAILED] == 0)
                failure = *fact;
        heard[fact->kind]++;
}

/* The worst that the judge says of the machine, as the ledger ranks it. */
static enum fact_kind judged(judge_function *judge)
{
        static const enum fact_kind worst_first[] = {FACT_FAILED, FACT_ERROR, FACT_SKIP, FACT_NOT_APPLICABLE};
        struct judge j = {.check = {.tell = fact_heard}, .evidence = machine_evidence(&machine)};

        memset(heard, 0, sizeof(heard));
        judge(&j);
        for (size_t i = 0; i < sizeof(worst_first) / sizeof(worst_first[0]); i++)
                if (heard[worst_first[i]])
                        return worst_first[i];
        assert_true(heard[FACT_PASSED] > 0);
        return FACT_PASSED;
}

static int machine_once(void **state)
{
        (void)state;
        if (!machine_make(&sound))
                sound.acpi_size = 0;
        return 0;
}

static void machine_ready(void)
{
        if (!sound.acpi_size)
                skip();
        machine = sound;
}

/* Defects --------------------------------------------------------------------------------------------------------- */

static void no_fdt(void)
{
        line_change(&machine, EVIDENCE_CONFIG, guid_fdt, NULL);
}

static void no_acpi(void)
{
        line_change(&machine, EVIDENCE_CONFIG, guid_acpi20, NULL);
}

static void neither(void)
{
        no_fdt();
        no_acpi();
}

static void null_fdt(void)
{
        line_change(&machine, EVIDENCE_CONFIG, guid_fdt, "0x0");
}

static void node_delete(const char *path)
{
        assert_int_equal(fdt_del_node(machine.fdt, node_at(machine.fdt, path)), 0);
}

static void property_delete(const char *path, const char *name)
{
        assert_int_equal(fdt_delprop(machine.fdt, node_at(machine.fdt, path), name), 0);
}

static void text_set(const char *path, const char *name, const char *value)
{
        assert_int_equal(fdt_setprop_string(machine.fdt, node_at(machine.fdt, path), name, value), 0);
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

static void no_timer(void)
{
        node_delete("/timer");
}

static void no_console(void)
{
        property_delete("/chosen", "stdout-path");
        node_delete("/pl011@9000000");
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

static void cpu_removed(void)
{
        node_delete("/cpus/cpu@1");
}

static void cpu_failed(void)
{
        text_set("/cpus/cpu@3", "status", "fail");
}

static void cpu_twice(void)
{
        assert_int_equal(fdt_setprop_u32(machine.fdt, node_at(machine.fdt, "/cpus/cpu@2"), "reg", 1), 0);
}

static void cpu_with_strange_bits(void)
{
        assert_int_equal(fdt_setprop_u32(machine.fdt, node_at(machine.fdt, "/cpus/cpu@2"), "reg", 0x80000002), 0);
}

static void cpu_self_missing(void)
{
        line_change(&machine, EVIDENCE_REGISTERS, "MPIDR_EL1", "0x80000100");
}

static void cpu_without_method(void)
{
        property_delete("/cpus/cpu@2", "enable-method");
}

static void cpu_spin_table(void)
{
        text_set("/cpus/cpu@3", "enable-method", "spin-table");
}

static void cpu_more_told(void)
{
        line_change(&machine, EVIDENCE_TOLD, "processors", "0x8");
}

static void gicc_disabled(void)
{
        uint8_t *madt = table_find(&machine, "APIC");

        wire_put32(madt + 44 + 24 + 80 + 12, 0);
        table_seal(madt);
}

static void gicc_twice(void)
{
        uint8_t *madt = table_find(&machine, "APIC");

        wire_put64(madt + 44 + 24 + 2 * 80 + 68, 1);
        table_seal(madt);
}

static void memory_reg_set(uint64_t base, uint64_t size)
{
        fdt64_t reg[2] = {cpu_to_fdt64(base), cpu_to_fdt64(size)};

        assert_int_equal(fdt_setprop(machine.fdt, node_at(machine.fdt, "/memory@40000000"), "reg", reg, sizeof(reg)),
                         0);
}

static void memory_halved(void)
{
        memory_reg_set(0x40000000, 0x10000000);
}

static void memory_doubled(void)
{
        memory_reg_set(0x40000000, 0x40000000);
}

static void memory_less_than_told(void)
{
        line_change(&machine, EVIDENCE_TOLD, "memory", "0x40000000");
}

static void memory_more_than_told(void)
{
        line_change(&machine, EVIDENCE_TOLD, "memory", "0x10000000");
}

static void memory_hole_in_map(void)
{
        wire_put32(machine.map + 16 + 4 * 48, MAP_MMIO);
}

static void map_of_short_descriptors(void)
{
        wire_put32(machine.map, 32);
}

static void gic_renamed(void)
{
        text_set("/intc@8000000", "compatible", "acme,gic");
}

static void gic_without_second_reg(void)
{
        int length;
        const void *reg = fdt_getprop(machine.fdt, node_at(machine.fdt, "/intc@8000000"), "reg", &length);
        uint8_t first[16];

        memcpy(first, reg, sizeof(first));
        assert_int_equal(fdt_setprop(machine.fdt, node_at(machine.fdt, "/intc@8000000"), "reg", first, sizeof(first)),
                         0);
}

static void gic_of_two_cells(void)
{
        assert_int_equal(fdt_setprop_u32(machine.fdt, node_at(machine.fdt, "/intc@8000000"), "#interrupt-cells", 2), 0);
}

static void gic_twice(void)
{
        int node = fdt_add_subnode(machine.fdt, 0, "intc@1000");

        assert_int_equal(fdt_setprop_string(machine.fdt, node, "compatible", "arm,gic-400"), 0);
}

static void interrupt_parent_dangles(void)
{
        assert_int_equal(fdt_setprop_u32(machine.fdt, node_at(machine.fdt, "/pl011@9000000"), "interrupt-parent", 99),
                         0);
}

static void timer_interrupts_set(const uint32_t *cells, unsigned count)
{
        fdt32_t big[12];

        for (unsigned i = 0; i < count; i++)
                big[i] = cpu_to_fdt32(cells[i]);
        assert_int_equal(fdt_setprop(machine.fdt, node_at(machine.fdt, "/timer"), "interrupts", big, (int)count * 4),
                         0);
}

static void timer_of_two(void)
{
        timer_interrupts_set((uint32_t[]){1, 13, 4, 1, 14, 4}, 6);
}

static void timer_virtual_is_secure(void)
{
        timer_interrupts_set((uint32_t[]){1, 13, 4, 1, 14, 4, 1, 13, 4, 1, 10, 4}, 12);
}

static void timer_virtual_is_spi(void)
{
        timer_interrupts_set((uint32_t[]){1, 13, 4, 1, 14, 4, 0, 11, 4, 1, 10, 4}, 12);
}

static void psci_missing(void)
{
        node_delete("/psci");
}

static void psci_old_only(void)
{
        text_set("/psci", "compatible", "arm,psci");
}

static void psci_strange_method(void)
{
        text_set("/psci", "method", "svc");
}

static void psci_without_cpu_off(void)
{
        property_delete("/psci", "cpu_off");
}

static void psci_hvc_at_el2(void)
{
        line_change(&machine, EVIDENCE_REGISTERS, "CurrentEL", "0x2");
}

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

static void madt_change(size_t at, uint8_t value)
{
        uint8_t *madt = table_find(&machine, "APIC");

        madt[at] = value;
        table_seal(madt);
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

static void table_rename(const char *from, const char *to)
{
        uint8_t *table = table_find(&machine, from);

        memcpy(table, to, 4);
        table_seal(table);
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

static void spcr_change(size_t at, uint8_t value)
{
        uint8_t *spcr = table_find(&machine, "SPCR");

        spcr[at] = value;
        table_seal(spcr);
}

static void spcr_without_base(void)
{
        spcr_change(47, 0);
}

static void spcr_of_16550(void)
{
        spcr_change(36, 0);
}

static void uart_moved_in_acpi(void)
{
        spcr_change(46, 4);
}

static void uart_moved_in_fdt(void)
{
        fdt64_t reg[2] = {cpu_to_fdt64(0x9001000), cpu_to_fdt64(0x1000)};

        assert_int_equal(fdt_setprop(machine.fdt, node_at(machine.fdt, "/pl011@9000000"), "reg", reg, sizeof(reg)), 0);
}

static void disk_change(const char *name, const char *value)
{
        line_change(&machine, EVIDENCE_DISK, name, value);
}

static void esp_guid_missing(void)
{
        disk_change("esp_guid_on_handle", "0x0");
}

static void disk_unrecorded(void)
{
        text_put(&machine, EVIDENCE_DISK, "");
}

static void device_is_mbr(void)
{
        disk_change("partition_format", "0x1");
}

static void signature_is_mbr(void)
{
        disk_change("partition_signature_type", "0x1");
}

static void device_without_node(void)
{
        disk_change("partition_format", NULL);
}

static void start_differs(void)
{
        disk_change("partition_start", "0x801");
}

static void size_differs(void)
{
        disk_change("partition_size", "0x13fff");
}

static void signature_differs(void)
{
        disk_change("partition_signature", "9be1f7a4-6f55-4f7c-8f0b-764d53504543");
}

static void told_start_differs(void)
{
        line_change(&machine, EVIDENCE_TOLD, "esp_start", "0x1000");
}

static void type_is_basic_data(void)
{
        disk_change("entry_type", "ebd0a0a2-b9e5-4433-87c0-68b6b72699c7");
}

static void path_missing(void)
{
        disk_change("file_path", "");
}

static void path_of_other_state(void)
{
        disk_change("file_path", "\\EFI\\BOOT\\BOOTARM.EFI");
}

static void path_without_first_separator(void)
{
        disk_change("file_path", "efi\\boot\\bootaa64.efi");
}

static void path_behind_another(void)
{
        disk_change("file_path", "\\OLD\\EFI\\BOOT\\BOOTAA64");
}

static void code_is_data(void)
{
        disk_change("image_code_type", "0x2");
}

static void options_given(void)
{
        disk_change("load_options_size", "0x10");
}

static void uart_without_clocks(void)
{
        property_delete("/pl011@9000000", "clocks");
}

static void uart_without_interrupt(void)
{
        property_delete("/pl011@9000000", "interrupts");
}

static void uart_of_no_size(void)
{
        fdt64_t reg[2] = {cpu_to_fdt64(0x9000000), 0};

        assert_int_equal(fdt_setprop(machine.fdt, node_at(machine.fdt, "/pl011@9000000"), "reg", reg, sizeof(reg)), 0);
}

static void no_pcie_node(void)
{
        node_delete("/pcie@10000000");
}

static void no_pci_in_aml(void)
{
        uint8_t *dsdt = table_find(&machine, "DSDT");

        dsdt[36] = 'X';
        table_seal(dsdt);
}

static void pci_as_eisa_id(void)
{
        uint8_t *dsdt = table_find(&machine, "DSDT");

        memcpy(dsdt + 36, "\x41\xd0\x0a\x03", 4);
        dsdt[40] = 0;
        table_seal(dsdt);
}

static void no_pci_anywhere(void)
{
        no_pci_in_aml();
        disk_change("pci_roots", "0x0");
        table_rename("MCFG", "OEM1");
}

static void mcfg_without_pci(void)
{
        no_pci_in_aml();
        disk_change("pci_roots", "0x0");
}

static void no_mcfg(void)
{
        table_rename("MCFG", "OEM1");
}

static void mcfg_buses_reversed(void)
{
        uint8_t *mcfg = table_find(&machine, "MCFG");

        mcfg[54] = 9;
        mcfg[55] = 8;
        table_seal(mcfg);
}

static void disk_on_mmio(void)
{
        disk_change("bus_is_pci", "0x1\nbus_is_virtio_mmio=0xa003e00");
}

static void disk_on_removed_mmio(void)
{
        disk_on_mmio();
        node_delete("/virtio_mmio@a003e00");
}

static void no_iort(void)
{
        table_rename("IORT", "OEM1");
}

static void iort_without_its(void)
{
        uint8_t *iort = table_find(&machine, "IORT");

        wire_put32(iort + 64, 0);
        table_seal(iort);
}

static void no_its(void)
{
        madt_change(44 + 24 + 4 * 80 + 16, 0xa);
}

static void rsdt_there(void)
{
        wire_put32(rsdp() + 16, 0x1000);
}

static void no_smbios3(void)
{
        line_change(&machine, EVIDENCE_CONFIG, guid_smbios3, NULL);
}

static void smbios_sum(void)
{
        machine.smbios[TABLE_HEAD + 5] ^= 1;
}

static void smbios_without_type_4(void)
{
        machine.smbios[TABLE_HEAD + 24 + TABLE_HEAD + 3 * 6] = 200;
}

static void smbios_without_end(void)
{
        machine.smbios[TABLE_HEAD + 24 + TABLE_HEAD + 7 * 6] = 126;
}

static void smbios_structure_too_short(void)
{
        machine.smbios[TABLE_HEAD + 24 + TABLE_HEAD + 6 + 1] = 0;
}

static void clock_dangles(void)
{
        assert_int_equal(fdt_setprop_u32(machine.fdt, node_at(machine.fdt, "/pl011@9000000"), "clocks", 99), 0);
}

static void msi_map_dangles(void)
{
        const fdt32_t map[4] = {0, cpu_to_fdt32(99), 0, cpu_to_fdt32(0x10000)};

        assert_int_equal(fdt_setprop(machine.fdt, node_at(machine.fdt, "/pcie@10000000"), "msi-map", map, sizeof(map)),
                         0);
}

static void uart_in_ram(void)
{
        fdt64_t reg[2] = {cpu_to_fdt64(0x50000000), cpu_to_fdt64(0x1000)};

        assert_int_equal(fdt_setprop(machine.fdt, node_at(machine.fdt, "/pl011@9000000"), "reg", reg, sizeof(reg)), 0);
}

static void uart_in_gic(void)
{
        fdt64_t reg[2] = {cpu_to_fdt64(0x8001000), cpu_to_fdt64(0x1000)};

        assert_int_equal(fdt_setprop(machine.fdt, node_at(machine.fdt, "/pl011@9000000"), "reg", reg, sizeof(reg)), 0);
}

static void told_nothing(void)
{
        text_put(&machine, EVIDENCE_TOLD, "");
}

static void aarch32_without_acpi(void)
{
        no_acpi();
        text_put(&machine, EVIDENCE_REGISTERS, "CPSR=0x1f3\nMPIDR=0x80000000\n");
}

static void both_offered(void)
{
}

static void no_map(void)
{
        machine.map_size = 0;
}

static void nothing_recorded(void)
{
        text_put(&machine, EVIDENCE_CONFIG, "");
        text_put(&machine, EVIDENCE_REGISTERS, "");
}

struct defect {
        const char *name;
        judge_function *judge;
        void (*seed)(void);
        enum fact_kind verdict;
};

#define FAILS(judge, seed)                                                                                             \
        {                                                                                                              \
#seed, judge, seed, FACT_FAILED                                                                        \
        }
#define GIVES(judge, seed, verdict)                                                                                    \
        {                                                                                                              \
#seed, judge, seed, verdict                                                                            \
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
        FAILS(judge_processors_are_described, cpu_removed),
        FAILS(judge_processors_are_described, cpu_failed),
        FAILS(judge_processors_are_described, cpu_twice),
        FAILS(judge_processors_are_described, cpu_with_strange_bits),
        FAILS(judge_processors_are_described, cpu_self_missing),
        FAILS(judge_processors_are_described, cpu_without_method),
        FAILS(judge_processors_are_described, cpu_spin_table),
        FAILS(judge_processors_are_described, cpu_more_told),
        FAILS(judge_processors_are_described, gicc_disabled),
        FAILS(judge_processors_are_described, gicc_twice),
        GIVES(judge_processors_are_described, told_nothing, FACT_SKIP),
        GIVES(judge_processors_are_described, neither, FACT_NOT_APPLICABLE),
        FAILS(judge_memory_is_described, memory_halved),
        FAILS(judge_memory_is_described, memory_doubled),
        FAILS(judge_memory_is_described, memory_less_than_told),
        FAILS(judge_memory_is_described, memory_more_than_told),
        FAILS(judge_memory_is_described, memory_hole_in_map),
        FAILS(judge_memory_is_described, map_of_short_descriptors),
        GIVES(judge_memory_is_described, told_nothing, FACT_SKIP),
        GIVES(judge_memory_is_described, no_map, FACT_SKIP),
        FAILS(judge_fdt_gic_node, gic_renamed),
        FAILS(judge_fdt_gic_node, gic_without_second_reg),
        FAILS(judge_fdt_gic_node, gic_of_two_cells),
        FAILS(judge_fdt_gic_node, gic_twice),
        FAILS(judge_fdt_gic_node, interrupt_parent_dangles),
        FAILS(judge_fdt_timer_node, no_timer),
        FAILS(judge_fdt_timer_node, timer_of_two),
        FAILS(judge_fdt_timer_node, timer_virtual_is_secure),
        FAILS(judge_fdt_timer_node, timer_virtual_is_spi),
        FAILS(judge_fdt_psci_node, psci_missing),
        FAILS(judge_fdt_psci_node, psci_old_only),
        FAILS(judge_fdt_psci_node, psci_strange_method),
        FAILS(judge_fdt_psci_node, psci_without_cpu_off),
        FAILS(judge_fdt_psci_node, psci_hvc_at_el2),
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
        FAILS(judge_fdt_and_acpi_agree, uart_moved_in_acpi),
        FAILS(judge_fdt_and_acpi_agree, uart_moved_in_fdt),
        FAILS(judge_fdt_and_acpi_agree, cpu_removed),
        FAILS(judge_fdt_and_acpi_agree, gicc_disabled),
        GIVES(judge_fdt_and_acpi_agree, no_fdt, FACT_NOT_APPLICABLE),
        FAILS(judge_uart_node_is_complete, uart_without_clocks),
        FAILS(judge_uart_node_is_complete, uart_without_interrupt),
        FAILS(judge_uart_node_is_complete, uart_of_no_size),
        GIVES(judge_uart_node_is_complete, no_console, FACT_NOT_APPLICABLE),
        FAILS(judge_firmware_devices_are_described, no_console),
        FAILS(judge_firmware_devices_are_described, no_pcie_node),
        FAILS(judge_firmware_devices_are_described, no_pci_in_aml),
        GIVES(judge_firmware_devices_are_described, pci_as_eisa_id, FACT_PASSED),
        GIVES(judge_firmware_devices_are_described, disk_on_mmio, FACT_PASSED),
        FAILS(judge_firmware_devices_are_described, disk_on_removed_mmio),
        FAILS(judge_mcfg_goes_with_pci, no_mcfg),
        FAILS(judge_mcfg_goes_with_pci, mcfg_without_pci),
        FAILS(judge_mcfg_goes_with_pci, mcfg_buses_reversed),
        GIVES(judge_mcfg_goes_with_pci, pci_as_eisa_id, FACT_PASSED),
        GIVES(judge_mcfg_goes_with_pci, no_pci_anywhere, FACT_NOT_APPLICABLE),
        FAILS(judge_iort_goes_with_its, no_iort),
        FAILS(judge_iort_goes_with_its, iort_without_its),
        GIVES(judge_iort_goes_with_its, no_its, FACT_NOT_APPLICABLE),
        FAILS(judge_no_foreign_acpi_table, rsdt_there),
        FAILS(judge_smbios3_is_whole, no_smbios3),
        FAILS(judge_smbios3_is_whole, smbios_sum),
        FAILS(judge_smbios3_is_whole, smbios_without_type_4),
        FAILS(judge_smbios3_is_whole, smbios_without_end),
        FAILS(judge_smbios3_is_whole, smbios_structure_too_short),
        FAILS(judge_fdt_references_and_ranges, clock_dangles),
        FAILS(judge_fdt_references_and_ranges, msi_map_dangles),
        FAILS(judge_fdt_references_and_ranges, uart_in_ram),
        FAILS(judge_fdt_references_and_ranges, uart_in_gic),
        FAILS(judge_esp_handle_carries_type_guid, esp_guid_missing),
        GIVES(judge_esp_handle_carries_type_guid, disk_unrecorded, FACT_ERROR),
        FAILS(judge_boot_device_is_esp, device_is_mbr),
        FAILS(judge_boot_device_is_esp, signature_is_mbr),
        FAILS(judge_boot_device_is_esp, device_without_node),
        FAILS(judge_boot_device_is_esp, start_differs),
        FAILS(judge_boot_device_is_esp, size_differs),
        FAILS(judge_boot_device_is_esp, signature_differs),
        FAILS(judge_boot_device_is_esp, told_start_differs),
        FAILS(judge_boot_device_is_esp, type_is_basic_data),
        FAILS(judge_loaded_image_tells_its_origin, path_missing),
        FAILS(judge_loaded_image_tells_its_origin, path_of_other_state),
        FAILS(judge_loaded_image_tells_its_origin, path_behind_another),
        GIVES(judge_loaded_image_tells_its_origin, path_without_first_separator, FACT_PASSED),
        FAILS(judge_loaded_image_tells_its_origin, code_is_data),
        FAILS(judge_loaded_image_tells_its_origin, options_given),
};

static void sound_machine_passes(void **state)
{
        (void)state;
        machine_ready();
        for (size_t i = 0; i < sizeof(defects) / sizeof(defects[0]); i++) {
                if (defects[i].judge == judge_exactly_one_description)
                        continue;
                if (judged(defects[i].judge) != FACT_PASSED)
                        fail_msg("%s: %s: got %s, want %s", failure.place, failure.what, failure.got, failure.want);
        }
}

static void defects_are_seen(void **state)
{
        (void)state;
        for (size_t i = 0; i < sizeof(defects) / sizeof(defects[0]); i++) {
                machine_ready();
                defects[i].seed();
                if (judged(defects[i].judge) != defects[i].verdict)
                        fail_msg("%s is not seen as %d by judge %zu", defects[i].name, defects[i].verdict, i);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(sound_machine_passes),
                cmocka_unit_test(defects_are_seen),
        };

        return cmocka_run_group_tests(tests, machine_once, NULL);
}
