/* SPDX-License-Identifier: BSD-2-Clause */
/* Each node whose binding is known here has what the binding requires, and a processor's node what cpus.yaml does. */
#include "judge.h"

#include <libfdt.h>

#include "hwdesc.h"
#include "nodes.h"

enum { REQUIRED = 6, KEY_MAX = 0x2ff };

/* What the binding of that name requires; NULL ends the list. */
static const struct binding {
        const char *compatible;
        const char *required[REQUIRED];
} bindings[] = {
        {"arm,pl011", {"reg", "interrupts"}},
        {"arm,sbsa-uart", {"reg", "interrupts", "current-speed"}},
        {"arm,pl031", {"reg", "clocks", "clock-names"}},
        {"arm,pl061", {"reg", "interrupts", "clocks", "#gpio-cells", "gpio-controller"}},
        {"arm,armv8-pmuv3", {"interrupts"}},
        {"arm,cortex-a15-pmu", {"interrupts"}},
        {"cfi-flash", {"reg", "bank-width"}},
        {"fixed-clock", {"#clock-cells", "clock-frequency"}},
        {"qemu,fw-cfg-mmio", {"reg"}},
        {"simple-bus", {"ranges", "#address-cells", "#size-cells"}},
        {"shared-dma-pool", {"size"}}, /* or reg: see required_there() */
};

static bool required_there(const void *fdt, int node, const char *name)
{
        return tree_property(fdt, node, name).data ||
               (strcmp(name, "size") == 0 && tree_property(fdt, node, "reg").data);
}

/* The values that a binding bounds. */
static void values_judge(struct judge *j, const struct tree *tree, struct bytes compatible)
{
        const void *fdt = tree->fdt;
        int node = tree_node(tree);
        uint64_t base, size;
        uint32_t cell = 0;

        if (strings_have(compatible, "fixed-clock")) {
                CHECK_EACH(j, tree_cell(fdt, node, "#clock-cells", 0, &cell) && cell == 0,
                           "#clock-cells 0 of a fixed-clock", "%u", cell);
                CHECK_EACH(j, tree_cell(fdt, node, "clock-frequency", 0, &cell) && cell, "a clock-frequency", "%u Hz",
                           cell);
        }
        if (strings_have(compatible, "cfi-flash")) {
                CHECK_EACH(j,
                           tree_cell(fdt, node, "bank-width", 0, &cell) &&
                                   (cell == 1 || cell == 2 || cell == 4 || cell == 8),
                           "a bank-width of 1, 2, 4 or 8 bytes", "%u", cell);
                for (unsigned i = 0; i < 8 && tree_reg(tree, i, &base, &size); i++)
                        CHECK_EACH(j, cell && base % cell == 0 && size % cell == 0, "banks of whole words",
                                   "0x%llx bytes at 0x%llx", (unsigned long long)size, (unsigned long long)base);
        }
        if (strings_have(compatible, "arm,pl061"))
                CHECK_EACH(j, tree_cell(fdt, node, "#gpio-cells", 0, &cell) && cell == 2, "#gpio-cells 2 of a PL061",
                           "%u", cell);
        /* primecell: "clock-names: contains: const: apb_pclk"; pl011: the first is uartclk; names are of clocks */
        if (strings_have(compatible, "arm,primecell") && tree_property(fdt, node, "clock-names").data) {
                CHECK_EACH(j, tree_list_index(fdt, node, "clock-names", "apb_pclk") >= 0, "apb_pclk among clock-names",
                           "node at offset 0x%x", (unsigned)node);
                CHECK_EACH(j, tree_property(fdt, node, "clocks").data, "clocks beside clock-names",
                           "node at offset 0x%x", (unsigned)node);
        }
        if (strings_have(compatible, "arm,pl011") && tree_property(fdt, node, "clock-names").data)
                CHECK_EACH(j, tree_list_index(fdt, node, "clock-names", "uartclk") == 0,
                           "uartclk as the first of clock-names", "node at offset 0x%x", (unsigned)node);
}

/* Devicetree Specification 2.3.1: a compatible string "should start with a letter"; a list of strings ends. */
static void compatible_judge(struct judge *j, int node, struct bytes compatible)
{
        bool whole = compatible.size > 1 && compatible.data[compatible.size - 1] == 0;

        for (size_t i = 0; whole && i < compatible.size; i++)
                if (i == 0 || compatible.data[i - 1] == 0)
                        whole = (compatible.data[i] | 0x20) >= 'a' && (compatible.data[i] | 0x20) <= 'z';
        CHECK_EACH(j, whole, "compatible strings that begin with a letter and end", "node at offset 0x%x",
                   (unsigned)node);
}

/*
 * What has registers, interrupts, children's addresses or a clock to give is found by compatible (Devicetree
 * Specification 2.3.1) or, where it is a memory node or a processor, by device_type.
 */
static void kind_judge(struct judge *j, const struct tree *tree, struct bytes compatible)
{
        static const char *const signs[] = {"reg", "interrupts", "ranges", "#clock-cells"};
        const void *fdt = tree->fdt;
        int node = tree_node(tree);
        const char *name = fdt_get_name(fdt, node, NULL);
        bool below_gic = tree->depth == 2 && tree_property(fdt, tree_parent(tree), "interrupt-controller").data;

        if (compatible.data || !(tree->depth == 1 || below_gic) || tree_property(fdt, node, "device_type").data ||
            (name && strcmp(name, "reserved-memory") == 0))
                return;
        for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
                CHECK_EACH(j, !tree_property(fdt, node, signs[i]).data, "a compatible, to know a device by",
                           "a %s and no compatible at offset 0x%x", signs[i], (unsigned)node);
}

/* gpio-keys: each key has a code, one of the input events', and a line or an interrupt. */
static void key_judge(struct judge *j, const struct tree *tree)
{
        const void *fdt = tree->fdt;
        int node = tree_node(tree);
        uint32_t code = 0;

        if (tree->depth < 2 || !tree_is(fdt, tree_parent(tree), "gpio-keys"))
                return;
        CHECK_EACH(j, tree_cell(fdt, node, "linux,code", 0, &code) && code <= KEY_MAX, "a linux,code to 0x2ff", "0x%x",
                   code);
        CHECK_EACH(j, tree_property(fdt, node, "gpios").data || tree_property(fdt, node, "interrupts").data,
                   "gpios or interrupts of a key", "neither at offset 0x%x", (unsigned)node);
}

/* Devicetree Specification 3.2: the root has #address-cells, #size-cells, model and compatible. */
static void root_judge(struct judge *j, const void *fdt)
{
        static const char *const required[] = {"#address-cells", "#size-cells", "model", "compatible"};

        for (size_t i = 0; i < sizeof(required) / sizeof(required[0]); i++)
                CHECK_SAY(j, tree_property(fdt, 0, required[i]).size > 1, "what the root node requires", "%s: %u bytes",
                          required[i], (unsigned)tree_property(fdt, 0, required[i]).size);
}

/* Devicetree Specification 3.5.2: /reserved-memory has both kinds of cells, as the root has them, and ranges. */
static void reserved_judge(struct judge *j, const void *fdt)
{
        int node = fdt_path_offset(fdt, "/reserved-memory");

        if (node >= 0)
                CHECK_SAY(j,
                          tree_property(fdt, node, "#address-cells").data &&
                                  tree_property(fdt, node, "#size-cells").data &&
                                  tree_property(fdt, node, "ranges").data,
                          "#address-cells, #size-cells and ranges in /reserved-memory", "not all three");
}

void judge_fdt_nodes_follow_their_bindings(struct judge *j)
{
        struct tree tree;

        if (!tree_judged(j, &tree))
                return;
        root_judge(j, tree.fdt);
        reserved_judge(j, tree.fdt);
        while (tree_next(&tree)) {
                int node = tree_node(&tree);
                struct bytes compatible = tree_property(tree.fdt, node, "compatible");

                key_judge(j, &tree);
                kind_judge(j, &tree, compatible);
                if (!compatible.data)
                        continue;
                compatible_judge(j, node, compatible);
                values_judge(j, &tree, compatible);
                for (size_t b = 0; b < sizeof(bindings) / sizeof(bindings[0]); b++)
                        for (size_t r = 0; strings_have(compatible, bindings[b].compatible) && r < REQUIRED &&
                                           bindings[b].required[r];
                             r++)
                                CHECK_EACH(j, required_there(tree.fdt, node, bindings[b].required[r]),
                                           "what its binding requires of a node", "%s at offset 0x%x has no %s",
                                           bindings[b].compatible, (unsigned)node, bindings[b].required[r]);
        }
}

/* cpus.yaml: compatible, device_type and reg; enable-method psci or spin-table "on ARM v8 64-bit this property is
 * required" */
static void cpu_judge(struct judge *j, const struct tree *tree, bool aarch32)
{
        const void *fdt = tree->fdt;
        int node = tree_node(tree);
        uint64_t reg, size;

        CHECK_EACH(j, tree_text_is(fdt, node, "device_type", "cpu"), "device_type \"cpu\"", "node at offset 0x%x",
                   (unsigned)node);
        CHECK_EACH(j, tree_reg(tree, 0, &reg, &size), "a reg", "node at offset 0x%x", (unsigned)node);
        CHECK_EACH(j, tree_property(fdt, node, "compatible").size > 1, "a compatible", "node at offset 0x%x",
                   (unsigned)node);
        CHECK_EACH(j,
                   aarch32 || tree_text_is(fdt, node, "enable-method", "psci") ||
                           tree_text_is(fdt, node, "enable-method", "spin-table"),
                   "enable-method psci or spin-table", "node at offset 0x%x", (unsigned)node);
}

/* Every core or thread that has no threads below it leads to a processor's node (binding cpu-topology). */
static bool leaf_judge(struct judge *j, struct lookup *lookup, const struct tree *tree)
{
        uint32_t phandle = 0;
        int cpu;

        if (!tree_cell(tree->fdt, tree_node(tree), "cpu", 0, &phandle))
                return false;
        cpu = phandle_node(lookup, phandle);
        return CHECK_EACH(j, cpu >= 0 && tree_text_is(tree->fdt, cpu, "device_type", "cpu"),
                          "a cpu that is a processor's node", "phandle 0x%x", phandle);
}

void judge_cpu_nodes_are_complete(struct judge *j)
{
        struct hw room;
        const struct hw *hw = fdt_judged(j, &room);
        struct lookup lookup = {0};
        struct tree tree;
        unsigned address = 0, size = 1, leaves = 0;
        int cpus, map;

        if (!hw || !tree_begin(&tree, j->evidence->of[EVIDENCE_FDT]))
                return;
        lookup.fdt = tree.fdt;
        cpus = fdt_path_offset(tree.fdt, "/cpus");
        map = fdt_path_offset(tree.fdt, "/cpus/cpu-map");
        if (!CHECK_SAY(j, cpus >= 0, "a node /cpus", "none"))
                return;
        CHECK_SAY(j, tree_cells(tree.fdt, cpus, &address, &size) && size == 0,
                  "#address-cells 1 or 2, #size-cells 0 in /cpus", "%u and %u", address, size);
        while (tree_next(&tree)) {
                const char *name = fdt_get_name(tree.fdt, tree_node(&tree), NULL);

                if (tree.depth == 2 && tree_parent(&tree) == cpus && name && strncmp(name, "cpu@", 4) == 0)
                        cpu_judge(j, &tree, evidence_is_aarch32(j->evidence));
                if (tree.depth > 2 && map >= 0 && tree.path[2] == map)
                        leaves += leaf_judge(j, &lookup, &tree);
        }
        /* A kernel takes a map that leaves a processor out for none at all. */
        if (map >= 0)
                CHECK_SAY(j, leaves == hw->cpus, "each processor once in the cpu-map", "%u of %u", leaves, hw->cpus);
}

/* The range of PSCI's own function ids is for PSCI's functions: other ids a platform may choose (binding psci). */
void judge_fdt_psci_functions_are_right(struct judge *j)
{
        static const struct {
                const char *name;
                uint8_t number;
        } functions[] = {{"cpu_suspend", 1}, {"cpu_off", 2}, {"cpu_on", 3}, {"migrate", 5}};
        struct tree tree;
        unsigned given = 0;
        int node;

        if (!tree_judged(j, &tree))
                return;
        node = fdt_path_offset(tree.fdt, "/psci");
        for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
                struct bytes id = tree_property(tree.fdt, node, functions[i].name);
                uint32_t number = id.size >= 4 ? (uint32_t)tree_number(id.data, 1) : 0;

                if (!id.data)
                        continue;
                given++;
                CHECK_SAY(j, id.size == 4, "a function id of one cell", "%s: %u bytes", functions[i].name,
                          (unsigned)id.size);
                CHECK_SAY(j, number >> 31, "a function id of a fast call", "%s: 0x%x", functions[i].name, number);
                CHECK_SAY(j, (number & 0xbfffffe0) != 0x84000000 || (number & 31) == functions[i].number,
                          "the function of that number in PSCI's range", "%s: 0x%x", functions[i].name, number);
        }
        if (!given)
                NOT_APPLICABLE(j, "/psci gives no function ids: those of PSCI 0.2 hold");
}

/* virtio,mmio: reg of the registers and the configuration space behind 0x100, and one interrupt (virtio 1.0, 4.2.2). */
void judge_virtio_mmio_nodes_are_whole(struct judge *j)
{
        struct tree tree;
        unsigned seen = 0;

        if (!tree_judged(j, &tree))
                return;
        while (tree_next(&tree)) {
                int node = tree_node(&tree);
                uint64_t base = 0, size = 0;

                if (!tree_is(tree.fdt, node, "virtio,mmio"))
                        continue;
                seen++;
                CHECK_EACH(j, tree_reg(&tree, 0, &base, &size) && size >= 0x100 && base % 4 == 0,
                           "a reg of at least 0x100 bytes, at a word", "0x%llx bytes at 0x%llx",
                           (unsigned long long)size, (unsigned long long)base);
                CHECK_EACH(j,
                           tree_property(tree.fdt, node, "interrupts").size >= 4 ||
                                   tree_property(tree.fdt, node, "interrupts-extended").size >= 8,
                           "an interrupt", "0x%llx has none", (unsigned long long)base);
        }
        if (seen)
                CHECK_SAY(j, seen, "transports with registers and an interrupt", "%u", seen);
        else
                NOT_APPLICABLE(j, "the FDT has no virtio,mmio node");
}
