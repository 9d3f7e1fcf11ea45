/* SPDX-License-Identifier: BSD-2-Clause */
/* The nodes that a guest needs first, by the bindings' names; what does not parse counts as not described. */
#include <string.h>

#include <libfdt.h>

#include "hw.h"
#include "text.h"
#include "tree.h"

static bool range_read(const struct tree *tree, unsigned index, struct hw_range *ret)
{
        return tree_reg(tree, index, &ret->base, &ret->size);
}

/* Three cells: kind (0 SPI, 1 PPI), number, flags. The id as the GIC counts, 0 for what is neither. */
static uint32_t interrupt_id(const uint8_t *cells)
{
        uint64_t kind = tree_number(cells, 1), number = tree_number(cells + 4, 1);

        if (kind > 1 || number > (kind == 0 ? 0xffff : 15))
                return 0;
        return (uint32_t)number + (kind == 0 ? 32 : 16);
}

/* The index-th interrupt of the node, where its interrupt parent is the GIC; its id, 0 where there is none. */
static uint32_t interrupt_read(const struct tree *tree, const struct hw *hw, unsigned index)
{
        struct bytes cells = tree_property(tree->fdt, tree_node(tree), "interrupts");

        if (hw->gic_cells != 3 || cells.size / 12 <= index || tree_interrupt_parent(tree) != hw->gic_phandle)
                return 0;
        return interrupt_id(cells.data + 12 * (size_t)index);
}

static bool gic_is(const struct tree *tree)
{
        static const char *const names[] = {"arm,gic-v3", "arm,cortex-a15-gic", "arm,gic-400"};

        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
                if (tree_is(tree->fdt, tree_node(tree), names[i]))
                        return tree_enabled(tree->fdt, tree_node(tree));
        return false;
}

/* The GIC that the root names as interrupt parent is the one that counts, where there are several. */
static bool gic_is_root(const struct tree *tree)
{
        uint32_t parent = 0;

        return tree_cell(tree->fdt, tree->path[0], "interrupt-parent", 0, &parent) &&
               parent == tree_phandle(tree->fdt, tree_node(tree));
}

static void gic_read(const struct tree *tree, struct hw *hw)
{
        int node = tree_node(tree);
        bool v3 = tree_is(tree->fdt, node, "arm,gic-v3");

        if (hw->gics++ && !gic_is_root(tree))
                return;
        hw->gic_version = v3 ? 3 : 2;
        hw->gic_phandle = tree_phandle(tree->fdt, node);
        hw->gicrs = 0;
        (void)tree_cell(tree->fdt, node, "#interrupt-cells", 0, &hw->gic_cells);
        (void)range_read(tree, 0, &hw->gicd);
        if (!v3) {
                (void)range_read(tree, 1, &hw->gicc);
                return;
        }
        hw->gicr_regions = 1;
        (void)tree_cell(tree->fdt, node, "#redistributor-regions", 0, &hw->gicr_regions);
        for (unsigned i = 0; i < hw->gicr_regions && i < HW_RANGES; i++)
                if (range_read(tree, 1 + i, &hw->gicr[hw->gicrs]))
                        hw->gicrs++;
}

/* "disabled" means not running yet, to be started by enable-method; only "fail" means never. */
static bool cpu_usable(const void *fdt, int node)
{
        return tree_enabled(fdt, node) ||
               (tree_text_is(fdt, node, "status", "disabled") && tree_property(fdt, node, "enable-method").data);
}

static void cpu_read(const struct tree *tree, struct hw *hw)
{
        int node = tree_node(tree);
        struct hw_range reg = {0};

        if (!tree_text_is(tree->fdt, node, "device_type", "cpu") || !range_read(tree, 0, &reg))
                return;
        if (hw->cpus < HW_CPUS)
                hw->cpu[hw->cpus] = (struct hw_cpu){reg.base, cpu_usable(tree->fdt, node),
                                                    tree_text_is(tree->fdt, node, "enable-method", "psci")};
        hw->cpus++;
}

/* The binding's order is secure, physical, virtual, hypervisor; interrupt-names, where given, says otherwise. */
static uint32_t timer_interrupt(const struct tree *tree, const struct hw *hw, const char *name, unsigned index)
{
        int named = tree_list_index(tree->fdt, tree_node(tree), "interrupt-names", name);

        if (tree_property(tree->fdt, tree_node(tree), "interrupt-names").data)
                return named < 0 ? 0 : interrupt_read(tree, hw, (unsigned)named);
        return interrupt_read(tree, hw, index);
}

static void timer_read(const struct tree *tree, struct hw *hw)
{
        int node = tree_node(tree);

        hw->timer = true;
        hw->timer_interrupts = (unsigned)(tree_property(tree->fdt, node, "interrupts").size / 12);
        hw->timer_secure = timer_interrupt(tree, hw, "sec-phys", 0);
        hw->timer_physical = timer_interrupt(tree, hw, "phys", 1);
        hw->timer_virtual = timer_interrupt(tree, hw, "virt", 2);
        (void)tree_cell(tree->fdt, node, "clock-frequency", 0, &hw->timer_frequency);
}

static void psci_read(const struct tree *tree, struct hw *hw)
{
        const void *fdt = tree->fdt;
        int node = tree_node(tree);

        hw->psci = true;
        hw->psci_version = tree_is(fdt, node, "arm,psci-1.0") ? 0x10000 : tree_is(fdt, node, "arm,psci-0.2") ? 2 : 1;
        hw->psci_old = tree_is(fdt, node, "arm,psci");
        hw->psci_functions =
                tree_property(fdt, node, "cpu_on").size == 4 && tree_property(fdt, node, "cpu_off").size == 4;
        if (tree_text_is(fdt, node, "method", "hvc"))
                hw->conduit = HW_CONDUIT_HVC;
        else if (tree_text_is(fdt, node, "method", "smc"))
                hw->conduit = HW_CONDUIT_SMC;
}

static enum hw_uart uart_kind(const void *fdt, int node)
{
        if (tree_is(fdt, node, "arm,pl011"))
                return HW_UART_PL011;
        if (tree_is(fdt, node, "arm,sbsa-uart"))
                return HW_UART_SBSA;
        if (tree_is(fdt, node, "ns16550a") || tree_is(fdt, node, "ns16550"))
                return HW_UART_16550;
        return HW_UART_NONE;
}

/* The first enabled UART, or the one that stdout-path names. */
static void uart_read(const struct tree *tree, int console, struct hw *hw)
{
        int node = tree_node(tree);
        enum hw_uart kind = uart_kind(tree->fdt, node);

        if (kind == HW_UART_NONE || !tree_enabled(tree->fdt, node) || (hw->uart != HW_UART_NONE && node != console))
                return;
        hw->uart = kind;
        hw->uart_range = (struct hw_range){0};
        (void)range_read(tree, 0, &hw->uart_range);
        hw->uart_interrupt = interrupt_read(tree, hw, 0);
}

static void pci_read(const struct tree *tree, struct hw *hw)
{
        int node = tree_node(tree);
        uint32_t first = 0, last = 255, segment = 0;
        struct hw_root *root;

        if (hw->ecams++ >= HW_ROOTS)
                return;
        root = &hw->root[hw->ecams - 1];
        (void)range_read(tree, 0, &root->ecam);
        if (tree_cell(tree->fdt, node, "bus-range", 0, &first))
                (void)tree_cell(tree->fdt, node, "bus-range", 1, &last);
        (void)tree_cell(tree->fdt, node, "linux,pci-domain", 0, &segment);
        root->segment = segment;
        root->bus_origin = root->bus_first = (uint8_t)first;
        root->bus_last = (uint8_t)last;
}

static void ranges_read(const struct tree *tree, struct hw_range ranges[HW_RANGES], unsigned *count)
{
        struct hw_range range;

        for (unsigned i = 0; i <= HW_RANGES && range_read(tree, i, &range); i++) {
                if (range.size == 0)
                        continue;
                if (*count < HW_RANGES)
                        ranges[*count] = range;
                (*count)++;
        }
}

static void reservations_read(const void *fdt, struct hw *hw)
{
        int count = fdt_num_mem_rsv(fdt);
        struct hw_range range;

        for (int i = 0; i < count && i < HW_RANGES; i++)
                if (fdt_get_mem_rsv(fdt, i, &range.base, &range.size) == 0 && range.size &&
                    hw->reservations < HW_RANGES)
                        hw->reserved[hw->reservations++] = range;
}

/* The highest SPI of an enabled device. */
static void spis_read(const struct tree *tree, struct hw *hw)
{
        for (unsigned i = 0; i < 16; i++) {
                uint32_t id = interrupt_read(tree, hw, i);

                if (id >= 32 && id > hw->highest_spi)
                        hw->highest_spi = id;
        }
}

/* Where messages of devices go, the first of its kind, and watchdogs. */
static void small_read(const struct tree *tree, struct hw *hw)
{
        const void *fdt = tree->fdt;
        int node = tree_node(tree);

        if (tree_is(fdt, node, "arm,sbsa-gwdt"))
                hw->watchdogs++;
        if (tree_is(fdt, node, "arm,gic-v3-its") && hw->itss++ == 0)
                (void)range_read(tree, 0, &hw->its);
        if (!tree_is(fdt, node, "arm,gic-v2m-frame") || hw->v2ms++)
                return;
        (void)range_read(tree, 0, &hw->v2m);
        (void)tree_cell(fdt, node, "arm,msi-base-spi", 0, &hw->v2m_first);
        (void)tree_cell(fdt, node, "arm,msi-num-spis", 0, &hw->v2m_count);
}

/* Nodes that are looked up once. */
struct landmarks {
        int cpus;
        int reserved;
        int console; /* what stdout-path names */
};

static void node_read(const struct tree *tree, const struct landmarks *at, struct hw *hw)
{
        const void *fdt = tree->fdt;
        int node = tree_node(tree), parent = tree_parent(tree);
        bool timer = tree_is(fdt, node, "arm,armv8-timer") || tree_is(fdt, node, "arm,armv7-timer");

        if (tree->depth == 2 && parent == at->cpus)
                cpu_read(tree, hw);
        if (tree->depth == 2 && parent == at->reserved)
                ranges_read(tree, hw->reserved, &hw->reservations);
        if (!tree_enabled(fdt, node))
                return;
        if (timer)
                timer_read(tree, hw);
        else if (tree_is(fdt, node, "arm,psci") || tree_is(fdt, node, "arm,psci-0.2") ||
                 tree_is(fdt, node, "arm,psci-1.0"))
                psci_read(tree, hw);
        else if (tree_is(fdt, node, "pci-host-ecam-generic"))
                pci_read(tree, hw);
        else if (tree_text_is(fdt, node, "device_type", "memory"))
                ranges_read(tree, hw->memory, &hw->memories);
        else if (tree_is(fdt, node, "xen,xen"))
                hw->xen = true;
        small_read(tree, hw);
        spis_read(tree, hw);
        uart_read(tree, at->console, hw);
}

static int console_read(const void *fdt, struct hw *hw)
{
        struct bytes path = tree_property(fdt, fdt_path_offset(fdt, "/chosen"), "stdout-path");
        size_t length = 0;
        int node;

        if (!path.data)
                return -1;
        while (length < path.size && path.data[length])
                length++;
        text_escape(hw->console, sizeof(hw->console), path.data, length);
        node = length < path.size ? tree_resolve(fdt, path) : -1;
        hw->console_resolves = node >= 0 && tree_enabled(fdt, node);
        hw->console_is_uart = node >= 0 && uart_kind(fdt, node) != HW_UART_NONE;
        return node;
}

bool fdt_tells_of_xen(struct bytes fdt)
{
        struct tree tree;

        if (!tree_begin(&tree, fdt))
                return false;
        while (tree_next(&tree))
                if (tree_is(tree.fdt, tree_node(&tree), "xen,xen") && tree_enabled(tree.fdt, tree_node(&tree)))
                        return true;
        return false;
}

bool hw_from_fdt(struct bytes fdt, struct hw *ret)
{
        struct tree tree;
        struct landmarks at;

        memset(ret, 0, sizeof(*ret));
        if (!tree_begin(&tree, fdt))
                return false;
        ret->source = "FDT";
        while (tree_next(&tree))
                if (gic_is(&tree))
                        gic_read(&tree, ret);
        at = (struct landmarks){fdt_path_offset(fdt.data, "/cpus"), fdt_path_offset(fdt.data, "/reserved-memory"),
                                console_read(fdt.data, ret)};
        reservations_read(fdt.data, ret);
        (void)tree_begin(&tree, fdt);
        while (tree_next(&tree))
                node_read(&tree, &at, ret);
        if (ret->reservations > HW_RANGES)
                ret->reservations = HW_RANGES;
        return true;
}
