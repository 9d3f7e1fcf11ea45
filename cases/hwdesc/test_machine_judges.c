/* SPDX-License-Identifier: BSD-2-Clause */
/* The judges that hold a description against the machine see each defect that is seeded into a sound one. */
#include "test_defects.h"

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

static void uart_moved_in_fdt(void)
{
        fdt64_t reg[2] = {cpu_to_fdt64(0x9001000), cpu_to_fdt64(0x1000)};

        assert_int_equal(fdt_setprop(machine.fdt, node_at(machine.fdt, "/pl011@9000000"), "reg", reg, sizeof(reg)), 0);
}

static void no_pcie_node(void)
{
        node_delete("/pcie@10000000");
}

static void disk_on_mmio(void)
{
        disk_change("bus_is_pci", "0x1\nbus_is_virtio_mmio=0xa003e00");
}

static void disk_on_mmio_not_in_aml(void)
{
        uint8_t *dsdt = table_find(&machine, "DSDT");

        disk_on_mmio();
        dsdt[57] ^= 2;
        table_seal(dsdt);
}

static void disk_on_removed_mmio(void)
{
        disk_on_mmio();
        node_delete("/virtio_mmio@a003e00");
}

static void told_nothing(void)
{
        text_put(&machine, EVIDENCE_TOLD, "");
}

static const struct defect defects[] = {
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
        FAILS(judge_fdt_and_acpi_agree, uart_moved_in_acpi),
        FAILS(judge_fdt_and_acpi_agree, uart_moved_in_fdt),
        FAILS(judge_fdt_and_acpi_agree, cpu_removed),
        FAILS(judge_fdt_and_acpi_agree, gicc_disabled),
        GIVES(judge_fdt_and_acpi_agree, no_fdt, FACT_NOT_APPLICABLE),
        FAILS(judge_firmware_devices_are_described, no_console),
        FAILS(judge_firmware_devices_are_described, no_pcie_node),
        FAILS(judge_firmware_devices_are_described, no_pci_in_aml),
        GIVES(judge_firmware_devices_are_described, pci_as_eisa_id, FACT_PASSED),
        GIVES(judge_firmware_devices_are_described, disk_on_mmio, FACT_PASSED),
        FAILS(judge_firmware_devices_are_described, disk_on_removed_mmio),
        FAILS(judge_firmware_devices_are_described, disk_on_mmio_not_in_aml),
};

int main(void)
{
        return defects_run(defects, sizeof(defects) / sizeof(defects[0]));
}
