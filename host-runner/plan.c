/* SPDX-License-Identifier: BSD-2-Clause */
/* No boot is made that no case asked for. */
#include "plan.h"

#include <string.h>

#include "xen_here.h"

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

/* True where a word stands in a list of words. */
static bool word_in(const char *word, const char *list)
{
        size_t length = strlen(word);

        for (const char *at = list; (at = strstr(at, word)); at += length)
                if ((at == list || at[-1] == ' ') && (at[length] == ' ' || !at[length]))
                        return true;
        return false;
}

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

static void part_add(struct plan_boot *boot, enum case_id id, uint8_t part)
{
        if (boot->parts < PLAN_PARTS_MAX)
                boot->part[boot->parts++] = (struct plan_part){(uint16_t)id, part};
}

/* Adds part of every selected case of the route that runs in that stage. Parts behind the first are all of BOOT. */
static void parts_add(const struct packing *packing, struct plan_boot *boot, enum route route, uint8_t part,
                      enum stage stage)
{
        for (unsigned id = 0; id < CASE_COUNT; id++) {
                if (packing->selected[id] && cases[id].route == route &&
                    (part == 1 ? cases[id].stage : STAGE_BOOT) == stage)
                        part_add(boot, id, part);
        }
}

static bool is_runtime_asked(const struct packing *packing)
{
        for (unsigned id = 0; id < CASE_COUNT; id++)
                if (packing->selected[id] && stage_is_runtime(cases[id].stage) && cases[id].route != ROUTE_ASIDE &&
                    cases[id].route != ROUTE_WATCHDOG_LEFT)
                        return true;
        return false;
}

/* What the guest does after ExitBootServices; behind it all what needs a virtual address map. */
static void runtime_add(const struct packing *packing, struct plan_boot *boot, enum route route)
{
        parts_add(packing, boot, route, 1, STAGE_RUNTIME);
        if (route == ROUTE_ONCE)
                parts_add(packing, boot, ROUTE_POWER_OFF, 1, STAGE_RUNTIME);
        parts_add(packing, boot, route, 1, STAGE_VIRTUAL);
}

/*
 * What one boot writes into the boot variables decides about the next: so each case takes two boots that follow each
 * other, and the second of one case is the first of the next one. A warm reset has a boot of its own in front: a boot
 * that does not come after it is its alone.
 */
static void lane_boot_options(struct packing *packing)
{
        unsigned warm = is_asked(packing, ROUTE_WARM_RESET), links = 0;
        enum case_id chain[PLAN_BOOTS_MAX];

        for (unsigned id = 0; id < CASE_COUNT; id++)
                if (packing->selected[id] && cases[id].route == ROUTE_BOOT_OPTION && warm + links + 1 < PLAN_BOOTS_MAX)
                        chain[links++] = id;
        if (!warm && !links)
                return;
        for (unsigned i = 0; i <= warm + links; i++) {
                enum ending ending = i == warm + links ? ENDING_SHUTDOWN
                                     : i < warm        ? ENDING_RESET_WARM
                                                       : ENDING_RESET_COLD;
                struct plan_boot *boot = boot_add(packing, i ? ARRIVAL_RESET : ARRIVAL_FIRST, ending);

                packing->lane->goes_on[i] = true;
                if (warm && i <= 1)
                        parts_add(packing, boot, ROUTE_WARM_RESET, (uint8_t)(i + 1), STAGE_BOOT);
                if (i > warm)
                        part_add(boot, chain[i - warm - 1], 2);
                if (i >= warm && i < warm + links)
                        part_add(boot, chain[i - warm], 1);
        }
        packing->lane->again = true;
}

/* Routes whose boots are of no use to cases of another one, but for the first where any boot at all will do. */
struct step {
        enum arrival arrival;
        enum setting setting;
        enum ending ending;
        bool absent; /* the application is not to start */
};

static const struct apart {
        enum route route;
        struct step step[ROUTE_PARTS_MAX];
        enum route behind; /* after ExitBootServices of the last of them; ROUTE_NONE: nothing is */
        bool joins;        /* it is added to a lane by the maker of that */
} aparts[] = {
        {ROUTE_STORE_FULL,
         {{ARRIVAL_FIRST, SETTING_PLAIN, ENDING_SHUTDOWN},
          {ARRIVAL_POWER_OFF, SETTING_STORE_FILLED, ENDING_RESET_COLD},
          {ARRIVAL_RESET, SETTING_STORE_FILLED, ENDING_SHUTDOWN}},
         .joins = true},
        {ROUTE_STORE_READ_ONLY, {{ARRIVAL_FIRST, SETTING_STORE_READ_ONLY, ENDING_SHUTDOWN}}},
        {ROUTE_WATCHDOG,
         {{ARRIVAL_FIRST, SETTING_LEAPING_CLOCK, ENDING_WATCHDOG},
          {ARRIVAL_RESET, SETTING_LEAPING_CLOCK, ENDING_SHUTDOWN}},
         ROUTE_WATCHDOG_LEFT},
        {ROUTE_MOVED,
         {{ARRIVAL_FIRST, SETTING_PLAIN, ENDING_SHUTDOWN}, {ARRIVAL_POWER_OFF, SETTING_MOVED, ENDING_SHUTDOWN}},
         .joins = true},
        {ROUTE_KILLED,
         {{ARRIVAL_FIRST, SETTING_PLAIN, ENDING_KILLED}, {ARRIVAL_POWER_OFF, SETTING_PLAIN, ENDING_SHUTDOWN}},
         .joins = true},
        {ROUTE_MORE_DISKS,
         {{ARRIVAL_FIRST, SETTING_PLAIN, ENDING_SHUTDOWN}, {ARRIVAL_POWER_OFF, SETTING_MORE_DISKS, ENDING_SHUTDOWN}},
         .joins = true},
        {ROUTE_HOST_ORDER,
         {{ARRIVAL_FIRST, SETTING_ORDER_THIS, ENDING_SHUTDOWN},
          {ARRIVAL_FIRST, SETTING_ORDER_OTHER, ENDING_SHUTDOWN, .absent = true}}},
        {ROUTE_VIRTIO_MMIO, {{ARRIVAL_FIRST, SETTING_VIRTIO_MMIO, ENDING_SHUTDOWN}}},
        {ROUTE_VIRTIO_SCSI, {{ARRIVAL_FIRST, SETTING_VIRTIO_SCSI, ENDING_SHUTDOWN}}},
        {ROUTE_NVME, {{ARRIVAL_FIRST, SETTING_NVME, ENDING_SHUTDOWN}}},
        {ROUTE_USB, {{ARRIVAL_FIRST, SETTING_USB, ENDING_SHUTDOWN}}},
        {ROUTE_AHCI, {{ARRIVAL_FIRST, SETTING_AHCI, ENDING_SHUTDOWN}}},
        {ROUTE_BLOCKS_4K, {{ARRIVAL_FIRST, SETTING_BLOCKS_4K, ENDING_SHUTDOWN}}},
        {ROUTE_BACKUP_GPT, {{ARRIVAL_FIRST, SETTING_BACKUP_GPT, ENDING_SHUTDOWN}}},
        {ROUTE_REMOVABLE, {{ARRIVAL_FIRST, SETTING_REMOVABLE, ENDING_SHUTDOWN}}},
        {ROUTE_NO_DISK, {{ARRIVAL_FIRST, SETTING_NO_DISK, ENDING_SHUTDOWN, .absent = true}}},
        {ROUTE_PVH, {{ARRIVAL_FIRST, SETTING_PVH, ENDING_SHUTDOWN, .absent = true}}},
        {ROUTE_PVH_ELSEWHERE, {{ARRIVAL_FIRST, SETTING_PVH_ELSEWHERE, ENDING_SHUTDOWN, .absent = true}}},
        {ROUTE_MODULE_BROKEN, {{ARRIVAL_FIRST, SETTING_MODULE_BROKEN, ENDING_SHUTDOWN}}},
        {ROUTE_MODULE_LARGE, {{ARRIVAL_FIRST, SETTING_MODULE_LARGE, ENDING_SHUTDOWN, .absent = true}}},
        {ROUTE_AARCH32,
         {{ARRIVAL_FIRST, SETTING_PLAIN, ENDING_SHUTDOWN}, {ARRIVAL_FIRST, SETTING_AARCH32, ENDING_SHUTDOWN}},
         .joins = true},
        {ROUTE_MIGRATED, {{ARRIVAL_FIRST, SETTING_PLAIN, ENDING_SHUTDOWN}}, .joins = true},
};

static struct plan_boot *step_add(struct packing *packing, const struct step *step, enum arrival arrival)
{
        struct plan_boot *boot = boot_add(packing, arrival, step->ending);
        unsigned at = packing->lane->plan.boots - 1;

        packing->lane->setting[at] = step->setting;
        packing->lane->absent[at] = step->absent;
        packing->lane->goes_on[at] = true;
        return boot;
}

/* The lane's last boot, where that can be the one which a route begins with, and ends as the route wants; else NULL. */
static struct plan_boot *step_join(struct packing *packing, const struct step *step)
{
        unsigned boots = packing->lane->plan.boots;
        struct plan_boot *last = boots ? &packing->lane->plan.boot[boots - 1] : NULL;

        if (!last || last->ending != ENDING_SHUTDOWN || packing->lane->absent[boots - 1] ||
            step->arrival != ARRIVAL_FIRST || step->setting != SETTING_PLAIN)
                return NULL;
        last->ending = step->ending;
        return last;
}

static const struct apart *apart_of(enum route route)
{
        for (size_t i = 0; i < sizeof(aparts) / sizeof(aparts[0]); i++)
                if (aparts[i].route == route || (aparts[i].behind && aparts[i].behind == route))
                        return &aparts[i];
        return NULL;
}

/* Adds the boots of such a route to the lane, from one of its parts on; the first of all may be the lane's last one. */
static void apart_add(struct packing *packing, enum route route, unsigned from)
{
        const struct apart *apart = apart_of(route);
        bool sibling = *packing->machine->aarch32; /* whose lack is for the case to judge */
        bool asked = is_asked(packing, apart->route), behind = apart->behind && is_asked(packing, apart->behind);
        unsigned last = route_parts(apart->route) - 1;
        struct plan_boot *boot = NULL;

        if (!asked && !behind)
                return;
        packing->lane->slow |= apart->route == ROUTE_STORE_FULL; /* a flash store is made anew byte by byte */
        for (unsigned i = asked ? from : last; i <= last; i++) {
                const struct step *step = &apart->step[i];

                if (step->setting == SETTING_AARCH32 && !sibling)
                        break;
                boot = i ? NULL : step_join(packing, step);
                if (!boot)
                        boot = step_add(packing, step, asked ? step->arrival : ARRIVAL_FIRST);
                parts_add(packing, boot, apart->route, (uint8_t)(i + 1), STAGE_BOOT);
        }
        if (behind)
                runtime_add(packing, boot, apart->behind);
}

/* Two instances that run at the same time, each with what can go on from there. */
static void lane_beside(struct packing *packing, uint8_t part)
{
        if (is_asked(packing, ROUTE_SIDE_BY_SIDE))
                parts_add(packing, boot_add(packing, ARRIVAL_FIRST, ENDING_SHUTDOWN), ROUTE_SIDE_BY_SIDE, part,
                          STAGE_BOOT);
}

static void lane_one(struct packing *packing)
{
        lane_beside(packing, 1);
        packing->lane->pair = packing->lane->plan.boots > 0;
        apart_add(packing, ROUTE_KILLED, 0); /* nobody relies on a store that was torn */
}

static void lane_beside_it(struct packing *packing)
{
        lane_beside(packing, 2);
        apart_add(packing, ROUTE_MIGRATED, 0);
        apart_add(packing, ROUTE_MORE_DISKS, 0);
}

/* The life of an instance: reset, power-off, the same disk in another instance, and back, and in another slot. */
static void lane_instance(struct packing *packing)
{
        bool reset = is_asked(packing, ROUTE_RESET), off = is_asked(packing, ROUTE_POWER_OFF);
        bool other = is_asked(packing, ROUTE_OTHER_INSTANCE), aside = is_asked(packing, ROUTE_ASIDE);
        bool first = reset || off || other || is_runtime_asked(packing);
        struct plan_boot *boot;

        if (first) {
                boot = boot_add(packing, ARRIVAL_FIRST, reset ? ENDING_RESET_COLD : ENDING_SHUTDOWN);
                parts_add(packing, boot, ROUTE_RESET, 1, STAGE_BOOT);
                parts_add(packing, boot, ROUTE_POWER_OFF, 1, STAGE_BOOT);
                parts_add(packing, boot, ROUTE_OTHER_INSTANCE, 1, STAGE_BOOT);
                if (reset) {
                        boot = boot_add(packing, ARRIVAL_RESET, ENDING_SHUTDOWN);
                        parts_add(packing, boot, ROUTE_RESET, 2, STAGE_BOOT);
                }
                runtime_add(packing, boot, ROUTE_ONCE);
        }
        if (other || aside) {
                boot = boot_add(packing,
                                other   ? ARRIVAL_OTHER
                                : first ? ARRIVAL_POWER_OFF
                                        : ARRIVAL_FIRST,
                                ENDING_SHUTDOWN);
                parts_add(packing, boot, ROUTE_OTHER_INSTANCE, 2, STAGE_BOOT);
                runtime_add(packing, boot, ROUTE_ASIDE);
        }
        if (off || other) {
                boot = boot_add(packing, other ? ARRIVAL_BACK : ARRIVAL_POWER_OFF, ENDING_SHUTDOWN);
                parts_add(packing, boot, ROUTE_POWER_OFF, 2, STAGE_BOOT);
                parts_add(packing, boot, ROUTE_OTHER_INSTANCE, 3, STAGE_BOOT);
        }
        apart_add(packing, ROUTE_MOVED, 0);
}

/* What the platform is: everything that one boot can tell, and the ends that PSCI makes. */
static void lane_platform(struct packing *packing)
{
        bool once = false, gic = is_asked(packing, ROUTE_OTHER_GIC) && packing->machine->other_gic;
        bool reset = is_asked(packing, ROUTE_PSCI_RESET), off = is_asked(packing, ROUTE_PSCI_OFF);
        bool aarch32 = is_asked(packing, ROUTE_AARCH32);
        struct plan_boot *boot;

        for (unsigned id = 0; id < CASE_COUNT; id++)
                once |= packing->selected[id] && cases[id].route == ROUTE_ONCE && cases[id].stage == STAGE_BOOT;
        if (!once && !reset && !off && !gic && !aarch32)
                return;
        boot = boot_add(packing, ARRIVAL_FIRST, reset ? ENDING_PSCI_RESET : off ? ENDING_PSCI_OFF : ENDING_SHUTDOWN);
        parts_add(packing, boot, ROUTE_ONCE, 1, STAGE_BOOT);
        if (gic)
                parts_add(packing, boot, ROUTE_OTHER_GIC, 1, STAGE_BOOT);
        parts_add(packing, boot, ROUTE_AARCH32, 1, STAGE_BOOT);
        parts_add(packing, boot, ROUTE_PSCI_RESET, 1, STAGE_BOOT);
        if (reset) {
                boot = boot_add(packing, ARRIVAL_RESET, off ? ENDING_PSCI_OFF : ENDING_SHUTDOWN);
                parts_add(packing, boot, ROUTE_PSCI_RESET, 2, STAGE_BOOT);
        }
        parts_add(packing, boot, ROUTE_PSCI_OFF, 1, STAGE_BOOT);
        if (gic) {
                boot = boot_add(packing, ARRIVAL_OTHER_GIC, ENDING_SHUTDOWN);
                parts_add(packing, boot, ROUTE_OTHER_GIC, 2, STAGE_BOOT);
        }
        apart_add(packing, ROUTE_AARCH32, 1);
}

bool plan_is_apart(enum route route)
{
        return route == ROUTE_BOOT_OPTION || route == ROUTE_WARM_RESET || route == ROUTE_SIDE_BY_SIDE ||
               apart_of(route);
}

static void lane_store_full(struct packing *packing)
{
        apart_add(packing, ROUTE_STORE_FULL, 0);
}

/* A lane whose end takes long comes early, so that the last one to run is a short one. */
unsigned plan_make(const struct machine *machine, const bool selected[CASE_COUNT], struct lane_plan lanes[LANES_MAX])
{
        static void (*const makers[])(struct packing *) = {lane_store_full,   lane_one,      lane_beside_it,
                                                           lane_boot_options, lane_instance, lane_platform};
        enum { MAKERS = sizeof(makers) / sizeof(makers[0]), APARTS = sizeof(aparts) / sizeof(aparts[0]) };
        unsigned count = 0;

        _Static_assert(MAKERS + APARTS <= LANES_MAX, "there is room for every lane");
        for (unsigned i = 0; i < MAKERS + APARTS; i++) {
                struct packing packing = {machine, selected, &lanes[count]};

                memset(&lanes[count], 0, sizeof(lanes[count]));
                if (i < MAKERS)
                        makers[i](&packing);
                else if (!aparts[i - MAKERS].joins)
                        apart_add(&packing, aparts[i - MAKERS].route, 0);
                count += lanes[count].plan.boots > 0;
        }
        return count;
}

/* What a route needs of the machine's declaration; NULL where it has it. */
static const char *route_lacks(const struct machine *machine, enum route route)
{
        static const struct {
                enum route route;
                const char *transport;
        } transports[] = {{ROUTE_VIRTIO_MMIO, "virtio-mmio"},
                          {ROUTE_VIRTIO_SCSI, "virtio-scsi"},
                          {ROUTE_NVME, "nvme"},
                          {ROUTE_USB, "usb"},
                          {ROUTE_REMOVABLE, "usb"},
                          {ROUTE_AHCI, "ahci"}};

        for (size_t i = 0; i < sizeof(transports) / sizeof(transports[0]); i++)
                if (route == transports[i].route && !word_in(transports[i].transport, machine->boot_transports))
                        return "the machine is declared not to offer this transport for a boot disk";
        if (route == ROUTE_HOST_ORDER && machine_is_on_xen(machine))
                return "xl gives such guests no boot order: boot = is for HVM guests alone";
        if (route == ROUTE_OTHER_GIC && !machine->other_gic)
                return xen_is_here(machine) ? "this machine's GIC is the only one that its Xen offers a guest"
                                            : "the machine is declared to offer one GIC version only";
        if (route == ROUTE_PVH && !*machine->pvh_firmware)
                return "the machine is declared to have no PVH loader";
        if (route == ROUTE_PVH_ELSEWHERE && machine->firmware != FIRMWARE_PVH)
                return "the machine's firmware is not started by a PVH loader";
        if (route == ROUTE_MODULE_BROKEN && !*machine->broken_module)
                return "the machine is declared to try no broken firmware module";
        if (route == ROUTE_MODULE_LARGE && !machine_modules(machine, "-acpitable"))
                return "nothing is passed through to this machine";
        if (route == ROUTE_MODULE_LARGE && machine->memory > MACHINE_MEMORY_LEAST)
                return "the machine is declared to have more memory than the least that one may have";
        if (route == ROUTE_STORE_READ_ONLY && !machine_has_store(machine))
                return "the VMM gives the machine no store of its own: what the firmware keeps, it keeps on the disk";
        return NULL;
}

const char *plan_not_applicable(const struct machine *machine, enum case_id id)
{
        static const struct {
                const char *arch;
                unsigned need;
        } archs[] = {{"aarch64", NEED_AARCH64}, {"arm", NEED_AARCH32}, {"x86_64", NEED_X86_64}};

        if (cases[id].needs == NEED_XEN)
                return machine_is_on_xen(machine) ? route_lacks(machine, cases[id].route)
                                                  : "the machine is no guest of Xen";
        for (size_t i = 0; i < sizeof(archs) / sizeof(archs[0]); i++)
                if (strcmp(archs[i].arch, machine->arch) == 0 && cases[id].needs && !(cases[id].needs & archs[i].need))
                        return strcmp(machine->arch, "x86_64") == 0 ? "the machine is x86_64, the clause is about Arm"
                               : cases[id].needs == NEED_X86_64     ? "the machine is Arm, the clause is about x86"
                               : cases[id].needs == NEED_AARCH64    ? "the machine is AArch32"
                                                                    : "the machine is AArch64";
        return route_lacks(machine, cases[id].route);
}

const char *plan_cannot_run(const struct machine *machine, enum case_id id)
{
        bool minutes = cases[id].route == ROUTE_WATCHDOG || cases[id].route == ROUTE_WATCHDOG_LEFT;

        if (cases[id].route == ROUTE_PVH_ELSEWHERE && machine_is_on_xen(machine))
                return "hvmloader starts the firmware elsewhere, in HVM guests, whose device model Xen's lab does not "
                       "have";
        if (minutes && machine_is_on_xen(machine))
                return xen_is_here(machine) ? "minutes of guest time: Xen's clock does not leap over what is idle"
                                            : "minutes of guest time: Xen's lab does not come up on a clock that leaps "
                                              "over idle time";
        return NULL;
}

const char *plan_left_out(const struct machine *machine, enum case_id id)
{
        const char *reason = plan_not_applicable(machine, id);

        return reason ? reason : plan_cannot_run(machine, id);
}
