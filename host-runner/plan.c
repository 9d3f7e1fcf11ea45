/* SPDX-License-Identifier: BSD-2-Clause */
/* No boot is made that no case asked for. */
#include "plan.h"

#include <string.h>

const char *arrival_name(enum arrival arrival)
{
        static const char *const names[] = {"first", "reset", "power-off", "other-instance", "back", "other-gic"};

        return names[arrival];
}

struct packing {
        const struct machine *machine;
        const bool *selected;
        struct lane_plan *lane;
};

static bool is_asked(const struct packing *packing, enum route route)
{
        for (unsigned id = 0; id < CASE_COUNT; id++)
                if (packing->selected[id] && cases[id].route == route)
                        return true;
        return false;
}

static struct plan_boot *boot_add(struct packing *packing, enum arrival arrival, enum ending ending)
{
        struct plan *plan = &packing->lane->plan;
        struct plan_boot *boot = &plan->boot[plan->boots];

        packing->lane->arrival[plan->boots++] = arrival;
        boot->ending = ending;
        boot->parts = 0;
        boot->gic = arrival == ARRIVAL_OTHER_GIC ? packing->machine->other_gic : packing->machine->gic;
        return boot;
}

/* Adds part of every selected case of the route; parts that run after ExitBootServices come in a second pass. */
static void parts_add(const struct packing *packing, struct plan_boot *boot, enum route route, uint8_t part,
                      bool runtime)
{
        for (unsigned id = 0; id < CASE_COUNT; id++) {
                struct plan_part entry = {(uint16_t)id, part};

                if (packing->selected[id] && cases[id].route == route && plan_part_is_runtime(&entry) == runtime &&
                    boot->parts < PLAN_PARTS_MAX)
                        boot->part[boot->parts++] = entry;
        }
}

static bool is_runtime_asked(const struct packing *packing)
{
        for (unsigned id = 0; id < CASE_COUNT; id++)
                if (packing->selected[id] && cases[id].stage == STAGE_RUNTIME)
                        return true;
        return false;
}

/* The life of an instance: reset, power-off, the same disk in another instance, and back. */
static void lane_instance(struct packing *packing)
{
        bool reset = is_asked(packing, ROUTE_RESET), off = is_asked(packing, ROUTE_POWER_OFF);
        bool other = is_asked(packing, ROUTE_OTHER_INSTANCE);
        struct plan_boot *boot;

        if (!reset && !off && !other && !is_runtime_asked(packing))
                return;
        boot = boot_add(packing, ARRIVAL_FIRST, reset ? ENDING_RESET_COLD : ENDING_SHUTDOWN);
        parts_add(packing, boot, ROUTE_RESET, 1, false);
        parts_add(packing, boot, ROUTE_POWER_OFF, 1, false);
        parts_add(packing, boot, ROUTE_OTHER_INSTANCE, 1, false);
        if (reset) {
                boot = boot_add(packing, ARRIVAL_RESET, ENDING_SHUTDOWN);
                parts_add(packing, boot, ROUTE_RESET, 2, false);
        }
        parts_add(packing, boot, ROUTE_ONCE, 1, true);
        parts_add(packing, boot, ROUTE_POWER_OFF, 1, true);
        if (other) {
                boot = boot_add(packing, ARRIVAL_OTHER, ENDING_SHUTDOWN);
                parts_add(packing, boot, ROUTE_OTHER_INSTANCE, 2, false);
        }
        if (!off && !other)
                return;
        boot = boot_add(packing, other ? ARRIVAL_BACK : ARRIVAL_POWER_OFF, ENDING_SHUTDOWN);
        parts_add(packing, boot, ROUTE_POWER_OFF, 2, false);
        parts_add(packing, boot, ROUTE_OTHER_INSTANCE, 3, false);
}

/* What the platform is: everything that one boot can tell, and the ends that PSCI makes. */
static void lane_platform(struct packing *packing)
{
        bool once = false, gic = is_asked(packing, ROUTE_OTHER_GIC) && packing->machine->other_gic;
        bool reset = is_asked(packing, ROUTE_PSCI_RESET), off = is_asked(packing, ROUTE_PSCI_OFF);
        struct plan_boot *boot;

        for (unsigned id = 0; id < CASE_COUNT; id++)
                once |= packing->selected[id] && cases[id].route == ROUTE_ONCE && cases[id].stage == STAGE_BOOT;
        if (!once && !reset && !off && !gic)
                return;
        boot = boot_add(packing, ARRIVAL_FIRST, reset ? ENDING_PSCI_RESET : off ? ENDING_PSCI_OFF : ENDING_SHUTDOWN);
        parts_add(packing, boot, ROUTE_ONCE, 1, false);
        if (gic)
                parts_add(packing, boot, ROUTE_OTHER_GIC, 1, false);
        parts_add(packing, boot, ROUTE_PSCI_RESET, 1, false);
        if (reset) {
                boot = boot_add(packing, ARRIVAL_RESET, off ? ENDING_PSCI_OFF : ENDING_SHUTDOWN);
                parts_add(packing, boot, ROUTE_PSCI_RESET, 2, false);
        }
        parts_add(packing, boot, ROUTE_PSCI_OFF, 1, false);
        if (gic) {
                boot = boot_add(packing, ARRIVAL_OTHER_GIC, ENDING_SHUTDOWN);
                parts_add(packing, boot, ROUTE_OTHER_GIC, 2, false);
        }
}

unsigned plan_make(const struct machine *machine, const bool selected[CASE_COUNT], struct lane_plan lanes[LANES_MAX])
{
        static void (*const makers[])(struct packing *) = {lane_instance, lane_platform};
        unsigned count = 0;

        for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++) {
                struct packing packing = {machine, selected, &lanes[count]};

                memset(&lanes[count], 0, sizeof(lanes[count]));
                makers[i](&packing);
                count += lanes[count].plan.boots > 0;
        }
        return count;
}

const char *plan_not_applicable(const struct machine *machine, enum case_id id)
{
        static const struct {
                const char *arch;
                unsigned need;
        } archs[] = {{"aarch64", NEED_AARCH64}, {"arm", NEED_AARCH32}, {"x86_64", NEED_X86_64}};

        for (size_t i = 0; i < sizeof(archs) / sizeof(archs[0]); i++)
                if (strcmp(archs[i].arch, machine->arch) == 0 && cases[id].needs && !(cases[id].needs & archs[i].need))
                        return strcmp(machine->arch, "x86_64") == 0 ? "the machine is x86_64, the clause is about Arm"
                               : cases[id].needs == NEED_X86_64     ? "the machine is Arm, the clause is about x86"
                               : cases[id].needs == NEED_AARCH64    ? "the machine is AArch32"
                                                                    : "the machine is AArch64";
        if (cases[id].route == ROUTE_OTHER_GIC && !machine->other_gic)
                return "the machine is declared to offer one GIC version only";
        return NULL;
}
