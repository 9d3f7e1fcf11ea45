/* SPDX-License-Identifier: BSD-2-Clause */
/* The nodes that a guest needs first, by the bindings' names; what does not parse counts as not described. */
#include <string.h>

#include <libfdt.h>

#include "hw.h"
#include "text.h"

static bool node_enabled(const void *fdt, int node)
{
        const char *status = fdt_getprop(fdt, node, "status", NULL);

        return !status || strcmp(status, "okay") == 0 || strcmp(status, "ok") == 0;
}

static bool node_is(const void *fdt, int node, const char *compatible)
{
        return fdt_node_check_compatible(fdt, node, compatible) == 0;
}

static uint64_t cells_read(const fdt32_t *cells, int count)
{
        uint64_t value = 0;

        for (int i = 0; i < count; i++)
                value = value << 32 | fdt32_to_cpu(cells[i]);
        return value;
}

/* The index-th (address, size) pair of reg; false where there is none. */
static bool reg_read(const void *fdt, int node, unsigned index, struct hw_range *ret)
{
        int parent = fdt_parent_offset(fdt, node);
        int address = fdt_address_cells(fdt, parent), size = fdt_size_cells(fdt, parent);
        int length = 0;
        const fdt32_t *reg = fdt_getprop(fdt, node, "reg", &length);
        int step = address + size;

        if (!reg || address < 1 || address > 2 || size < 0 || size > 2)
                return false;
        if (length / 4 < (int)(index + 1) * step)
                return false;
        ret->base = cells_read(reg + (int)index * step, address);
        ret->size = cells_read(reg + (int)index * step + address, size);
        return true;
}

/* The index-th interrupt of a node whose parent is a GIC with three cells: its id, 0 where there is none. */
static uint32_t interrupt_read(const void *fdt, int node, unsigned index)
{
        int length = 0;
        const fdt32_t *cells = fdt_getprop(fdt, node, "interrupts", &length);

        if (!cells || length / 12 <= (int)index)
                return 0;
        cells += 3 * index;
        return fdt32_to_cpu(cells[1]) + (fdt32_to_cpu(cells[0]) == 0 ? 32 : 16);
}

static void cpus_read(const void *fdt, struct hw *hw)
{
        int cpus = fdt_path_offset(fdt, "/cpus");
        int node;

        fdt_for_each_subnode(node, fdt, cpus)
        {
                const char *type = fdt_getprop(fdt, node, "device_type", NULL);
                const char *method = fdt_getprop(fdt, node, "enable-method", NULL);
                struct hw_range reg = {0};

                if (!type || strcmp(type, "cpu") != 0 || !reg_read(fdt, node, 0, &reg))
                        continue;
                if (hw->cpus < HW_CPUS)
                        hw->cpu[hw->cpus] = (struct hw_cpu){reg.base, node_enabled(fdt, node),
                                                            method && strcmp(method, "psci") == 0};
                hw->cpus++;
        }
}

static void gic_read(const void *fdt, int node, struct hw *hw)
{
        bool v3 = node_is(fdt, node, "arm,gic-v3");
        const fdt32_t *regions = fdt_getprop(fdt, node, "#redistributor-regions", NULL);
        const fdt32_t *cells = fdt_getprop(fdt, node, "#interrupt-cells", NULL);
        unsigned count = regions ? fdt32_to_cpu(*regions) : 1;

        hw->gics++;
        hw->gic_version = v3 ? 3 : 2;
        hw->gic_cells = cells ? fdt32_to_cpu(*cells) : 0;
        (void)reg_read(fdt, node, 0, &hw->gicd);
        if (!v3) {
                (void)reg_read(fdt, node, 1, &hw->gicc);
                return;
        }
        for (unsigned i = 0; i < count && i < HW_RANGES; i++)
                if (reg_read(fdt, node, 1 + i, &hw->gicr[hw->gicrs]))
                        hw->gicrs++;
}

static void timer_read(const void *fdt, int node, struct hw *hw)
{
        const fdt32_t *frequency = fdt_getprop(fdt, node, "clock-frequency", NULL);
        int length = 0;

        (void)fdt_getprop(fdt, node, "interrupts", &length);
        hw->timer = true;
        hw->timer_interrupts = length > 0 ? (unsigned)length / 12 : 0;
        hw->timer_physical = interrupt_read(fdt, node, 1);
        hw->timer_virtual = interrupt_read(fdt, node, 2);
        hw->timer_frequency = frequency ? fdt32_to_cpu(*frequency) : 0;
}

static void psci_read(const void *fdt, int node, struct hw *hw)
{
        const char *method = fdt_getprop(fdt, node, "method", NULL);

        hw->psci = true;
        hw->psci_version = node_is(fdt, node, "arm,psci-1.0")   ? 0x10000
                           : node_is(fdt, node, "arm,psci-0.2") ? 2
                                                                : 1;
        if (method && strcmp(method, "hvc") == 0)
                hw->conduit = HW_CONDUIT_HVC;
        else if (method && strcmp(method, "smc") == 0)
                hw->conduit = HW_CONDUIT_SMC;
}

static enum hw_uart uart_kind(const void *fdt, int node)
{
        if (node_is(fdt, node, "arm,pl011"))
                return HW_UART_PL011;
        if (node_is(fdt, node, "arm,sbsa-uart"))
                return HW_UART_SBSA;
        if (node_is(fdt, node, "ns16550a") || node_is(fdt, node, "ns16550"))
                return HW_UART_16550;
        return HW_UART_NONE;
}

static void uart_read(const void *fdt, int node, struct hw *hw)
{
        enum hw_uart kind = uart_kind(fdt, node);

        if (kind == HW_UART_NONE || !node_enabled(fdt, node))
                return;
        hw->uart = kind;
        (void)reg_read(fdt, node, 0, &hw->uart_range);
        hw->uart_interrupt = interrupt_read(fdt, node, 0);
}

static void pci_read(const void *fdt, int node, struct hw *hw)
{
        int length = 0;
        const fdt32_t *range = fdt_getprop(fdt, node, "bus-range", &length);

        if (hw->ecams++)
                return;
        (void)reg_read(fdt, node, 0, &hw->ecam);
        hw->bus_last = 255;
        if (range && length == 8) {
                hw->bus_first = (uint8_t)fdt32_to_cpu(range[0]);
                hw->bus_last = (uint8_t)fdt32_to_cpu(range[1]);
        }
}

static void memory_read(const void *fdt, int node, struct hw *hw)
{
        struct hw_range range;

        for (unsigned i = 0; reg_read(fdt, node, i, &range); i++)
                if (hw->memories < HW_RANGES)
                        hw->memory[hw->memories++] = range;
}

static int path_length(const char *path)
{
        int length = 0;

        while (path[length] && path[length] != ':')
                length++;
        return length;
}

/* The node that stdout-path names, through an alias or as a path, options behind ':' left out. */
static void console_read(const void *fdt, struct hw *hw)
{
        int chosen = fdt_path_offset(fdt, "/chosen");
        const char *path = fdt_getprop(fdt, chosen, "stdout-path", NULL);
        int node;

        if (!path)
                return;
        text_copy(hw->console, sizeof(hw->console), path);
        node = fdt_path_offset_namelen(fdt, path, path_length(path));
        hw->console_resolves = node >= 0 && node_enabled(fdt, node);
        if (node >= 0)
                uart_read(fdt, node, hw);
}

static void spis_read(const void *fdt, int node, struct hw *hw)
{
        for (unsigned i = 0; i < 16; i++) {
                uint32_t id = interrupt_read(fdt, node, i);

                if (id >= 32 && id > hw->highest_spi)
                        hw->highest_spi = id;
        }
}

static void node_read(const void *fdt, int node, struct hw *hw)
{
        const char *type = fdt_getprop(fdt, node, "device_type", NULL);

        if (node_is(fdt, node, "arm,gic-v3") || node_is(fdt, node, "arm,cortex-a15-gic") ||
            node_is(fdt, node, "arm,gic-400"))
                gic_read(fdt, node, hw);
        else if (node_is(fdt, node, "arm,armv8-timer") || node_is(fdt, node, "arm,armv7-timer"))
                timer_read(fdt, node, hw);
        else if (node_is(fdt, node, "arm,psci") || node_is(fdt, node, "arm,psci-0.2") ||
                 node_is(fdt, node, "arm,psci-1.0"))
                psci_read(fdt, node, hw);
        else if (node_is(fdt, node, "pci-host-ecam-generic"))
                pci_read(fdt, node, hw);
        else if (type && strcmp(type, "memory") == 0 && node_enabled(fdt, node))
                memory_read(fdt, node, hw);
        if (fdt_getprop(fdt, node, "interrupts", NULL) && !node_is(fdt, node, "arm,armv8-timer") &&
            !node_is(fdt, node, "arm,armv7-timer"))
                spis_read(fdt, node, hw);
        if (hw->uart == HW_UART_NONE)
                uart_read(fdt, node, hw);
}

bool hw_from_fdt(struct bytes fdt, struct hw *ret)
{
        memset(ret, 0, sizeof(*ret));
        if (fdt.size < sizeof(struct fdt_header) || fdt_check_header(fdt.data) ||
            fdt_totalsize(fdt.data) > fdt.size)
                return false;
        ret->source = "FDT";
        cpus_read(fdt.data, ret);
        console_read(fdt.data, ret);
        for (int node = fdt_next_node(fdt.data, -1, NULL); node >= 0; node = fdt_next_node(fdt.data, node, NULL))
                node_read(fdt.data, node, ret);
        return true;
}
