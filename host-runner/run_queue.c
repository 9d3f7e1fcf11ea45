/* SPDX-License-Identifier: BSD-2-Clause */
/* Every lane that was planned is in the journal before the first VM starts. */
#include "run_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "firmware.h"
#include "own_machine.h"
#include "resume.h"
#include "suite_disk.h"
#include "text.h"

struct run_special run_special_of(const struct run *run, const struct machine *machine)
{
        const struct run_options *options = run->options;
        struct run_special special = {0};

        if (options->special)
                special = options->special[machine - run->machine];
        return (struct run_special){
                .selected = special.selected ? special.selected : run->cases[machine - run->machine],
                .suite_disk = special.suite_disk ? special.suite_disk : run->suite_disk,
                .told = special.told ? special.told : "",
                .defect = special.defect ? special.defect : "",
                .frozen = special.frozen,
        };
}

/* Plans and their lines in the journal ---------------------------------------------------------------------------- */

uint64_t run_nonce(void)
{
        uint64_t nonce = 0;

        if (getrandom(&nonce, sizeof(nonce), 0) != (ssize_t)sizeof(nonce))
                nonce = loop_now();
        return nonce;
}

static void plan_fill(struct run *run, const struct machine *machine, const struct queued *queued)
{
        struct plan *plan = &queued->plan->plan;
        struct run_special special = run_special_of(run, machine);
        struct suite_disk disk;
        struct own_machine own;
        char error[200];
        size_t length;

        plan->catalogue = catalogue_hash;
        plan->nonce = run_nonce();
        plan->attended = true;
        own_machine_read(&own);
        length =
                text_format(plan->told, sizeof(plan->told),
                            "%sarch=%s\nprocessors=0x%x\nmemory=0x%llx\nhotplug_buses=0x%x\nsmbios_modules=0x%x\nacpi_"
                            "modules=0x%x\nsmbios_uuid=0x%x\npvh=0x%x\nrecorded_tables=%s\nhost_arch=%s\nhost_gic=%s\n",
                            special.told, queued->machine->arch, queued->machine->processors,
                            (unsigned long long)queued->machine->memory << 20, machine_hotplug_buses(queued->machine),
                            machine_modules(queued->machine, "-smbios"), machine_modules(queued->machine, "-acpitable"),
                            machine_has_word(queued->machine, "-uuid"), queued->machine->firmware == FIRMWARE_PVH,
                            queued->machine->recorded_tables, own.arch, own.gic);
        if (suite_disk_open(queued->suite_disk, &disk, error, sizeof(error)) == 0) {
                (void)text_format(plan->told + length, sizeof(plan->told) - length,
                                  "esp_start=0x%llx\nesp_size=0x%llx\nesp_guid=%s\n",
                                  (unsigned long long)disk.esp_start, (unsigned long long)disk.esp_size,
                                  text_guid(disk.esp_guid).text);
                close(disk.fd);
        }
        text_copy(plan->defect, sizeof(plan->defect), special.defect);
}

static json_t *boots_line(const struct lane_plan *lane)
{
        json_t *boots = json_array();

        for (unsigned b = 0; b < lane->plan.boots; b++) {
                const struct plan_boot *boot = &lane->plan.boot[b];
                json_t *parts = json_array();

                for (unsigned p = 0; p < boot->parts; p++)
                        json_array_append_new(parts, json_pack("{s:s, s:i}", "case", cases[boot->part[p].case_id].name,
                                                               "part", boot->part[p].part));
                json_array_append_new(
                        boots, json_pack("{s:s, s:s, s:b, s:s, s:i, s:o}", "arrival", arrival_name(lane->arrival[b]),
                                         "setting", setting_name(lane->setting[b]), "absent", lane->absent[b], "ending",
                                         ending_name(boot->ending), "gic", (int)boot->gic, "parts", parts));
        }
        return boots;
}

/* A lane that begins with an instance as the machine is declared, which stays in one VMM process and has no neighbour.
 */
static bool can_thaw(const struct lane_plan *plan, unsigned beside)
{
        bool moves = false;

        for (unsigned p = 0; p < plan->plan.boot[0].parts; p++)
                moves |= cases[plan->plan.boot[0].part[p].case_id].route == ROUTE_MIGRATED;
        return plan->setting[0] == SETTING_PLAIN && beside == NOBODY && !moves;
}

/* Every instance tells its own setting: the disk that the setting asks for, and the machine. */
static int lane_queue(struct run *run, const struct machine *machine, const char *accelerator,
                      const struct lane_plan *plan, unsigned place, unsigned beside)
{
        size_t index = (size_t)(machine - run->machine);
        const char *disk =
                plan->setting[0] == SETTING_BLOCKS_4K ? run->suite_disk_4k : run_special_of(run, machine).suite_disk;
        struct queued *queued = &run->queue[run->queued];
        char nonce[24];

        if (run->queued == RUN_LANES)
                return -E2BIG;
        *queued = (struct queued){.machine = machine,
                                  .sibling = &run->sibling[index],
                                  .slowest = &run->slowest[index],
                                  .beside = beside,
                                  .suite_disk = disk,
                                  .accelerator = accelerator,
                                  .frozen = can_thaw(plan, beside) ? run_special_of(run, machine).frozen : NULL,
                                  .plan = malloc(sizeof(*plan)),
                                  .number = run->lanes++};
        if (plan->setting[0] == SETTING_LEAPING_CLOCK)
                queued->accelerator = "tcg"; /* alone can count instructions */
        if (!queued->plan)
                return -ENOMEM;
        *queued->plan = *plan;
        for (unsigned b = 0; b < plan->plan.boots; b++)
                if (plan->setting[b] == SETTING_AARCH32)
                        queued->plan->plan.boot[b].gic = run->sibling[index].gic;
        run->queued++;
        plan_fill(run, machine, queued);
        snprintf(nonce, sizeof(nonce), "0x%016llx", (unsigned long long)queued->plan->plan.nonce);
        return journal_write(run->journal,
                             json_pack("{s:s, s:i, s:s, s:i, s:s, s:s, s:s, s:s, s:o}", "event", "lane", "lane",
                                       (int)queued->number, "subject", machine->id, "place", (int)place, "machine",
                                       queued->machine->id, "accelerator", queued->accelerator, "nonce", nonce, "told",
                                       queued->plan->plan.told, "boots", boots_line(queued->plan)));
}

/* error: why the machine cannot be started at all, "" where it can. */
static int subject_write(struct run *run, const struct machine *machine, const bool selected[CASE_COUNT],
                         const char *error)
{
        json_t *names = json_array(), *not_applicable = json_array(), *skipped = json_array();
        char about[400];

        for (unsigned id = 0; id < CASE_COUNT; id++) {
                const char *reason = plan_left_out(machine, id);

                if (!run_special_of(run, machine).selected[id] || stage_is_of_image(cases[id].stage))
                        continue;
                json_array_append_new(names, json_string(cases[id].name));
                if (!selected[id])
                        json_array_append_new(plan_not_applicable(machine, id) ? not_applicable : skipped,
                                              json_pack("{s:s, s:s}", "case", cases[id].name, "reason", reason));
        }
        snprintf(about, sizeof(about), "%s %s, %u processors, %u MiB, firmware %s", machine->hypervisor, machine->type,
                 machine->processors, machine->memory, machine->code);
        return journal_write(run->journal,
                             json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o}", "event", "subject", "machine",
                                       machine->id, "hypervisor", machine->hypervisor, "about", about, "error", error,
                                       "cases", names, "not_applicable", not_applicable, "skipped", skipped));
}

/* The queue ---------------------------------------------------------------------------------------------------------
 */

static bool has_setting(const struct lane_plan lanes[], unsigned count, enum setting setting)
{
        for (unsigned i = 0; i < count; i++)
                for (unsigned b = 0; b < lanes[i].plan.boots; b++)
                        if (lanes[i].setting[b] == setting)
                                return true;
        return false;
}

/* The machine in its AArch32 form, as its declaration names it. */
static int sibling_find(struct run *run, const struct machine *machine)
{
        struct machine *sibling = &run->sibling[machine - run->machine];
        const struct machine *known = run->options->known ? machines_find(run->options->known, machine->aarch32) : NULL;
        int result;

        if (!known) {
                snprintf(run->error, run->error_size, "%s: aarch32 = %s: expected the id of a machine", machine->file,
                         machine->aarch32);
                return -EINVAL;
        }
        result = machine_copy(known, sibling);
        if (!result && strcmp(sibling->accelerator, "auto") == 0) /* which hardly any host has for AArch32 */
                result = machine_set(sibling, "accelerator", "tcg", run->error, run->error_size);
        if (!result && firmware_find(sibling, run->error, run->error_size))
                run_say(run, run->error); /* its VM will not start, which its cases hear of */
        return result;
}

/* What an interrupted run did with the machine; NULL in a new run. */
static const struct resumed_machine *resumed_of(const struct run *run, const struct machine *machine)
{
        return run->options->resumed ? &run->options->resumed->machine[machine - run->machine] : NULL;
}

/* A lane whose end was written down; of a pair, both. */
static bool lane_is_done(const struct run *run, const struct machine *machine, const struct lane_plan *lanes,
                         unsigned i)
{
        const struct resumed_machine *before = resumed_of(run, machine);
        unsigned other = lanes[i].pair ? i + 1 : i && lanes[i - 1].pair ? i - 1 : i;

        return before && before->ended[i] && before->ended[other];
}

/* What an earlier attempt at the lane told counts no longer. */
static int lane_void(struct run *run, const struct machine *machine, unsigned i)
{
        const struct resumed_machine *before = resumed_of(run, machine);

        if (!before || !before->known[i])
                return 0;
        return journal_write(run->journal, json_pack("{s:s, s:i}", "event", "lane-void", "lane", (int)before->lane[i]));
}

int run_queue_machine(struct run *run, struct machine *machine)
{
        static struct lane_plan lanes[LANES_MAX];
        bool selected[CASE_COUNT];
        const char *accelerator;
        unsigned count;
        bool found = firmware_find(machine, run->error, run->error_size) == 0;
        int result;

        if (!found)
                run_say(run, run->error);
        for (unsigned id = 0; id < CASE_COUNT; id++)
                selected[id] = run_special_of(run, machine).selected[id] && !stage_is_of_image(cases[id].stage) &&
                               !plan_left_out(machine, id);
        result = resumed_of(run, machine) && resumed_of(run, machine)->told
                         ? 0
                         : subject_write(run, machine, selected, found ? "" : run->error);
        if (result || !found)
                return result;
        accelerator = run_accelerator(run, machine);
        count = plan_make(machine, selected, lanes);
        if (has_setting(lanes, count, SETTING_AARCH32))
                result = sibling_find(run, machine);
        for (unsigned i = 0; i < count && !result; i++) {
                unsigned beside = lanes[i].pair ? run->lanes + 1 : i && lanes[i - 1].pair ? run->lanes - 1 : NOBODY;

                if (lane_is_done(run, machine, lanes, i))
                        continue;
                result = lane_void(run, machine, i);
                if (!result)
                        result = lane_queue(run, machine, accelerator, &lanes[i], i, beside);
        }
        return result;
}
