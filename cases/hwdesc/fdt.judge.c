/* SPDX-License-Identifier: BSD-2-Clause */
/* An FDT that the firmware offers is one that a kernel can boot from alone. */
#include "judge.h"

#include "hwdesc.h"
#include "map.h"
#include "tree.h"

/* A look for a phandle walks the whole tree: a hostile one shall not cost more than this many. */
enum { REFERENCES = 1024 };

/* A virtio-console is found on its bus and needs no node; a Xen PV console is found through the hypervisor's. */
static bool console_described(const struct hw *hw)
{
        return hw->console_resolves || hw->uart != HW_UART_NONE || hw->xen;
}

void judge_fdt_is_complete(struct judge *j)
{
        struct hw room;
        const struct hw *fdt = fdt_judged(j, &room);

        if (!fdt)
                return;
        CHECK_SAY(j, fdt->cpus > 0, "nodes of processors below /cpus", "%u", fdt->cpus);
        CHECK_SAY(j, fdt->memories > 0, "memory nodes with a reg that is not empty", "%u ranges", fdt->memories);
        CHECK_SAY(j, fdt->gics > 0, "a GIC node", "%u", fdt->gics);
        CHECK_SAY(j, fdt->timer, "a node of the generic timer", "%s", fdt->timer ? "there is one" : "there is none");
        CHECK_SAY(j, console_described(fdt), "a stdout-path that leads to a node, a UART or Xen's console",
                  "stdout-path \"%s\", %s UART", fdt->console, fdt->uart != HW_UART_NONE ? "a" : "no");
}

void judge_stdout_path_leads_to_uart(struct judge *j)
{
        struct hw room;
        const struct hw *fdt = fdt_judged(j, &room);

        if (!fdt)
                return;
        if (!CHECK_SAY(j, fdt->console[0], "a property stdout-path in /chosen", "%s",
                       fdt->console[0] ? fdt->console : "none"))
                return;
        CHECK_SAY(j, fdt->console_resolves, "a path or alias of an enabled node", "%s", fdt->console);
        CHECK_SAY(j, !fdt->console_resolves || fdt->console_is_uart, "a node of a UART", "%s", fdt->console);
}

/*
 * UEFI 2.4A lets a table lie in BootServicesData, RuntimeServicesData, ACPIReclaim or ACPINVS memory; later texts
 * want ACPIReclaim of an FDT, so that it outlives the boot services. What a guest must not find is one in the memory
 * of a loader, in memory that is free, or in none.
 */
void judge_fdt_lies_in_acpi_reclaim_memory(struct judge *j)
{
        struct map_range range = {0};
        uint64_t address = 0;

        if (!evidence_config_table(j->evidence, guid_fdt, &address) || !address) {
                NOT_APPLICABLE(j, "no configuration table has the DTB GUID");
                return;
        }
        if (!map_readable(j->evidence->of[EVIDENCE_MEMORY_MAP])) {
                SKIP(j, "no memory map was recorded");
                return;
        }
        if (!CHECK_SAY(j, map_find(j->evidence->of[EVIDENCE_MEMORY_MAP], address, &range),
                       "an address that the memory map holds", "0x%llx", (unsigned long long)address))
                return;
        CHECK_SAY(j, range.type == MAP_ACPI_RECLAIM, "memory of type 9, EfiACPIReclaimMemory", "0x%llx is of type %u",
                  (unsigned long long)address, range.type);
}

static void gic_judge(struct judge *j, const struct hw *hw)
{
        CHECK_EQ(j, hw->gics, 1);
        CHECK_EQ(j, hw->gic_cells, 3);
        CHECK_SAY(j, hw->gicd.size >= 0x1000, "a reg range of the distributor", "0x%llx bytes",
                  (unsigned long long)hw->gicd.size);
        if (hw->gic_version == 2)
                CHECK_SAY(j, hw->gicc.size >= 0x100, "a reg range of the CPU interface", "0x%llx bytes",
                          (unsigned long long)hw->gicc.size);
        else
                CHECK_SAY(j, hw->gicrs > 0 && hw->gicrs == hw->gicr_regions,
                          "as many reg ranges of redistributors as #redistributor-regions says", "%u of %u", hw->gicrs,
                          hw->gicr_regions);
}

/* Every interrupt-parent leads to a node that takes interrupts. */
static void parents_judge(struct judge *j)
{
        struct bytes fdt = j->evidence->of[EVIDENCE_FDT];
        struct tree tree;
        uint32_t phandle;
        unsigned seen = 0;

        if (!tree_begin(&tree, fdt))
                return;
        while (seen < REFERENCES && tree_next(&tree)) {
                if (!tree_cell(fdt.data, tree_node(&tree), "interrupt-parent", 0, &phandle))
                        continue;
                seen++;
                CHECK_SAY(j, tree_takes_interrupts(fdt.data, phandle), "a phandle of an interrupt controller or nexus",
                          "0x%x at offset 0x%x", phandle, (unsigned)tree_node(&tree));
        }
}

void judge_fdt_gic_node(struct judge *j)
{
        struct hw room;
        const struct hw *fdt = fdt_judged(j, &room);

        if (!fdt || !CHECK_SAY(j, fdt->gics > 0, "a node compatible with arm,gic-v3, arm,cortex-a15-gic or arm,gic-400",
                               "%u", fdt->gics))
                return;
        gic_judge(j, fdt);
        parents_judge(j);
}

void judge_fdt_timer_node(struct judge *j)
{
        struct hw room;
        const struct hw *fdt = fdt_judged(j, &room);

        if (!fdt || !CHECK_SAY(j, fdt->timer, "a node compatible with arm,armv8-timer or arm,armv7-timer", "none"))
                return;
        CHECK_GE(j, fdt->timer_interrupts, 3);
        CHECK_IN(j, fdt->timer_virtual, 16, 31);
        CHECK_NE(j, fdt->timer_virtual, fdt->timer_physical);
        CHECK_NE(j, fdt->timer_virtual, fdt->timer_secure);
        if (fdt->timer_frequency)
                NOTE(j, "clock-frequency", "%u, which the binding strongly discourages", fdt->timer_frequency);
}

void judge_fdt_psci_node(struct judge *j)
{
        struct hw room;
        const struct hw *fdt = fdt_judged(j, &room);

        if (!fdt || !CHECK_SAY(j, fdt->psci, "a node compatible with arm,psci-0.2 or arm,psci-1.0", "none"))
                return;
        CHECK_SAY(j, fdt->psci_version >= 2, "arm,psci-0.2 or arm,psci-1.0 in compatible", "arm,psci alone");
        CHECK_SAY(j, fdt->conduit != HW_CONDUIT_NONE, "method is \"hvc\" or \"smc\"", "%s",
                  fdt->conduit == HW_CONDUIT_HVC   ? "hvc"
                  : fdt->conduit == HW_CONDUIT_SMC ? "smc"
                                                   : "neither");
        CHECK_SAY(j, !at_el2(j->evidence) || fdt->conduit == HW_CONDUIT_SMC, "smc for software at EL2", "%s",
                  fdt->conduit == HW_CONDUIT_HVC ? "hvc" : "neither");
        CHECK_SAY(j, !fdt->psci_old || fdt->psci_functions, "cpu_on and cpu_off beside compatible \"arm,psci\"", "%s",
                  fdt->psci_functions ? "both" : "not both");
}
