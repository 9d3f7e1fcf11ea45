/* SPDX-License-Identifier: BSD-2-Clause */
/* The judges of the FDT's nodes see each defect that is seeded into a sound machine. */
#include "test_defects.h"

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

static const struct defect defects[] = {
        FAILS(judge_fdt_gic_node, gic_renamed),
        FAILS(judge_fdt_gic_node, gic_without_second_reg),
        FAILS(judge_fdt_gic_node, gic_of_two_cells),
        FAILS(judge_fdt_gic_node, gic_twice),
        GIVES(judge_fdt_timer_node, gic_twice, FACT_PASSED),
        GIVES(judge_uart_node_is_complete, gic_twice, FACT_PASSED),
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
        FAILS(judge_uart_node_is_complete, uart_without_clocks),
        FAILS(judge_uart_node_is_complete, uart_without_interrupt),
        FAILS(judge_uart_node_is_complete, uart_of_no_size),
        GIVES(judge_uart_node_is_complete, no_console, FACT_NOT_APPLICABLE),
        FAILS(judge_fdt_references_and_ranges, clock_dangles),
        FAILS(judge_fdt_references_and_ranges, msi_map_dangles),
        FAILS(judge_fdt_references_and_ranges, uart_in_ram),
        FAILS(judge_fdt_references_and_ranges, uart_in_gic),
};

int main(void)
{
        return defects_run(defects, sizeof(defects) / sizeof(defects[0]));
}
