/* SPDX-License-Identifier: BSD-2-Clause */
/* The judges of single fields see each defect that is seeded into a sound machine, and take any bytes without harm. */
#include "test_defects.h"

static void cells_set(const char *path, const char *name, const uint32_t *cells, unsigned count)
{
        fdt32_t big[16];

        for (unsigned i = 0; i < count; i++)
                big[i] = cpu_to_fdt32(cells[i]);
        assert_int_equal(fdt_setprop(machine.fdt, node_at(machine.fdt, path), name, big, (int)count * 4), 0);
}

static void rtc_without_clocks(void)
{
        property_delete("/pl031@9010000", "clocks");
}

static void root_without_model(void)
{
        property_delete("/", "model");
}

static void device_without_compatible(void)
{
        property_delete("/pl011@9000000", "compatible");
}

static void cpu_map_leaves_one_out(void)
{
        property_delete("/cpus/cpu-map/socket0/cluster0/core2", "cpu");
}

static void cpu_map_leads_to_a_clock(void)
{
        cells_set("/cpus/cpu-map/socket0/cluster0/core2", "cpu",
                  (uint32_t[]){fdt_get_phandle(machine.fdt, node_at(machine.fdt, "/apb-pclk"))}, 1);
}

static void interrupt_cut(void)
{
        cells_set("/pl031@9010000", "interrupts", (uint32_t[]){0, 2}, 2);
}

static void interrupt_beyond_the_last_spi(void)
{
        cells_set("/pl031@9010000", "interrupts", (uint32_t[]){0, 988, 4}, 3);
}

static void its_without_cells(void)
{
        property_delete("/intc@8000000/its@8080000", "#msi-cells");
}

static void timer_with_an_spi(void)
{
        cells_set("/timer", "interrupts", (uint32_t[]){1, 13, 4, 1, 14, 4, 1, 11, 4, 0, 10, 4}, 12);
}

static void timer_with_one_ppi_twice(void)
{
        cells_set("/timer", "interrupts", (uint32_t[]){1, 13, 4, 1, 14, 4, 1, 11, 4, 1, 14, 4}, 12);
}

static void cpu_off_is_cpu_on(void)
{
        cells_set("/psci", "cpu_off", (uint32_t[]){0x84000003}, 1);
}

/* The binding lets ids of the platform's choice stand beside those of PSCI 0.2. */
static void cpu_off_is_the_platforms(void)
{
        cells_set("/psci", "cpu_off", (uint32_t[]){0x95c10001}, 1);
}

static void transport_without_interrupt(void)
{
        property_delete("/virtio_mmio@a000000", "interrupts");
}

static void bridge_of_two_cells(void)
{
        cells_set("/pcie@10000000", "#address-cells", (uint32_t[]){2}, 1);
}

static void window_over_ram(void)
{
        cells_set("/pcie@10000000", "ranges", (uint32_t[]){0x2000000, 0, 0x10000000, 0, 0x40000000, 0, 0x100000}, 7);
}

static void window_prefetchable_alone(void)
{
        cells_set("/pcie@10000000", "ranges", (uint32_t[]){0x42000000, 0, 0x10000000, 0, 0x10000000, 0, 0x100000}, 7);
}

static void buses_beyond_reg(void)
{
        cells_set("/pcie@10000000", "reg", (uint32_t[]){0x40, 0x10000000, 0, 0x100000}, 4);
}

static void second_clock_dangles(void)
{
        cells_set("/pl011@9000000", "clocks",
                  (uint32_t[]){fdt_get_phandle(machine.fdt, node_at(machine.fdt, "/apb-pclk")), 0x9999}, 2);
}

static void phandle_twice(void)
{
        cells_set("/cpus/cpu@1", "phandle",
                  (uint32_t[]){fdt_get_phandle(machine.fdt, node_at(machine.fdt, "/cpus/cpu@0"))}, 1);
}

static void reg_of_no_size(void)
{
        cells_set("/pl031@9010000", "reg", (uint32_t[]){0, 0x9010000, 0, 0}, 4);
}

static void reg_beyond_the_processor(void)
{
        cells_set("/pl031@9010000", "reg", (uint32_t[]){0x100, 0, 0, 0x1000}, 4);
}

static void status_unknown(void)
{
        text_set("/pl031@9010000", "status", "maybe");
}

/* QEMU's PCI host is not where its unit address says. */
static void pci_host_gone(void)
{
        node_delete("/pcie@10000000");
}

static void table_change(const char *signature, size_t at, uint8_t value)
{
        uint8_t *table = table_find(&machine, signature);

        table[at] = value;
        table_seal(table);
}

static void dsdt_of_revision_1(void)
{
        table_change("DSDT", 8, 1);
}

static void fadt_of_another_name(void)
{
        table_change("FACP", 16, 'A');
}

static void uid_twice(void)
{
        madt_change(44 + 24 + 80 + 8, 0);
}

static void el2_timer_is_an_spi(void)
{
        table_change("GTDT", 72, 40);
}

static void platform_timer_missing(void)
{
        table_change("GTDT", 88, 1);
}

static void mcfg_reserved(void)
{
        table_change("MCFG", 40, 1);
}

static void spcr_with_parity(void)
{
        spcr_change(59, 1);
}

static void dbg2_name_open(void)
{
        table_change("DBG2", 44 + 39, 'x');
}

static void iort_of_unknown_its(void)
{
        table_change("IORT", 48 + 20, 7);
}

static void attribute_undefined(void)
{
        machine.map[16 + 32] |= 0x20;
}

static void type_undefined(void)
{
        machine.map[16 + 1] = 1;
}

static const struct defect defects[] = {
        FAILS(judge_fdt_nodes_follow_their_bindings, rtc_without_clocks),
        FAILS(judge_fdt_nodes_follow_their_bindings, root_without_model),
        FAILS(judge_fdt_nodes_follow_their_bindings, device_without_compatible),
        FAILS(judge_cpu_nodes_are_complete, cpu_map_leaves_one_out),
        FAILS(judge_cpu_nodes_are_complete, cpu_map_leads_to_a_clock),
        FAILS(judge_fdt_interrupts_are_whole, interrupt_cut),
        FAILS(judge_fdt_interrupts_are_whole, interrupt_beyond_the_last_spi),
        FAILS(judge_fdt_interrupts_are_whole, its_without_cells),
        FAILS(judge_fdt_timer_interrupts_are_ppis, timer_with_an_spi),
        FAILS(judge_fdt_timer_interrupts_are_ppis, timer_with_one_ppi_twice),
        FAILS(judge_fdt_psci_functions_are_right, cpu_off_is_cpu_on),
        GIVES(judge_fdt_psci_functions_are_right, cpu_off_is_the_platforms, FACT_PASSED),
        FAILS(judge_virtio_mmio_nodes_are_whole, transport_without_interrupt),
        FAILS(judge_pci_host_node_is_whole, bridge_of_two_cells),
        FAILS(judge_pci_host_node_is_whole, window_over_ram),
        FAILS(judge_pci_host_node_is_whole, window_prefetchable_alone),
        FAILS(judge_pci_host_node_is_whole, buses_beyond_reg),
        FAILS(judge_fdt_phandle_lists_are_whole, second_clock_dangles),
        FAILS(judge_fdt_phandle_lists_are_whole, phandle_twice),
        FAILS(judge_fdt_addresses_are_whole, reg_of_no_size),
        FAILS(judge_fdt_addresses_are_whole, reg_beyond_the_processor),
        FAILS(judge_fdt_addresses_are_whole, status_unknown),
        FAILS(judge_acpi_headers_are_right, dsdt_of_revision_1),
        FAILS(judge_fadt_fields_agree, fadt_of_another_name),
        FAILS(judge_madt_entries_are_whole, uid_twice),
        FAILS(judge_gtdt_timers_are_ppis, el2_timer_is_an_spi),
        FAILS(judge_gtdt_timers_are_ppis, platform_timer_missing),
        FAILS(judge_mcfg_entries_are_whole, mcfg_reserved),
        FAILS(judge_spcr_is_whole, spcr_with_parity),
        FAILS(judge_dbg2_is_whole, dbg2_name_open),
        FAILS(judge_iort_nodes_are_whole, iort_of_unknown_its),
        FAILS(judge_memory_map_has_defined_values, attribute_undefined),
        FAILS(judge_memory_map_has_defined_values, type_undefined),
};

/* A unit address that is wrong from the start is no sound machine: seen with QEMU's own, and not without it. */
static void unit_address_is_compared(void **state)
{
        (void)state;
        machine_ready();
        assert_int_equal(judged(judge_unit_addresses_match_reg), FACT_FAILED);
        pci_host_gone();
        judged(judge_unit_addresses_match_reg);
        assert_int_equal(heard[FACT_FAILED], 0);
}

/* Bytes of the evidence changed at random, and again: nothing is asked of the verdicts. */
static void any_bytes_are_taken(void **state)
{
        uint32_t random = 1;

        (void)state;
        machine_ready();
        for (unsigned round = 0; round < 600; round++) {
                if (round % 20 == 0)
                        machine = sound;
                for (unsigned i = 0; i < 4; i++) {
                        uint8_t *areas[] = {machine.fdt + 56, machine.acpi, machine.smbios};
                        size_t sizes[] = {8000, machine.acpi_size, machine.smbios_size};

                        random = random * 1664525 + 1013904223;
                        areas[random >> 30 & 1   ? 0
                              : random >> 29 & 1 ? 1
                                                 : 2][(random >> 8) % sizes[random >> 30 & 1   ? 0
                                                                            : random >> 29 & 1 ? 1
                                                                                               : 2]] =
                                (uint8_t)(random >> 3);
                }
                for (size_t d = 0; d < sizeof(defects) / sizeof(defects[0]); d++) {
                        struct judge j = {.check = {.tell = fact_heard}, .evidence = machine_evidence(&machine)};

                        if (d == 0 || defects[d].judge != defects[d - 1].judge)
                                defects[d].judge(&j);
                }
                {
                        struct judge j = {.check = {.tell = fact_heard}, .evidence = machine_evidence(&machine)};

                        judge_smbios_structures_are_whole(&j);
                        judge_unit_addresses_match_reg(&j);
                }
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(sound_machine_passes),
                cmocka_unit_test(defects_are_seen),
                cmocka_unit_test(unit_address_is_compared),
                cmocka_unit_test(any_bytes_are_taken),
        };

        suite = (struct suite){defects, sizeof(defects) / sizeof(defects[0])};
        return cmocka_run_group_tests(tests, machine_once, NULL);
}
