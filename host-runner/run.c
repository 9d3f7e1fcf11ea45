/* SPDX-License-Identifier: BSD-2-Clause */
/* Every lane that was planned is in the journal before the first VM starts. */
#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "firmware.h"
#include "hypervisor.h"
#include "journal.h"
#include "lane.h"
#include "own_machine.h"
#include "plan.h"
#include "resume.h"
#include "suite_disk.h"
#include "text.h"

enum { JOBS_MAX = 16, PROBE_SECONDS = 20 };
#define NOBODY UINT_MAX

struct queued {
        const struct machine *machine;
        const struct machine *sibling; /* see struct lane_config */
        uint64_t *slowest;             /* see struct lane_config */
        unsigned beside;               /* number of the lane that runs at the same time; NOBODY: none */
        const char *suite_disk;
        const char *accelerator;
        const struct frozen *frozen; /* see struct lane_config */
        struct lane_plan *plan;
        unsigned number;
        bool launched;
};

struct run {
        const struct run_options *options;
        char suite_disk[PATH_MAX], suite_disk_4k[PATH_MAX], pvh_probe[PATH_MAX];
        struct loop *loop;
        struct journal *journal;
        struct machine *machine; /* copies, with their firmware found */
        struct machine *sibling; /* as many: the AArch32 form of each; no id where it has none */
        uint64_t *slowest;       /* as many */
        int *shared;             /* as many: the store of a machine whose instances share one; -1: none was made */
        size_t machines;
        struct queued queue[RUN_LANES];
        unsigned queued;
        unsigned next;                   /* to be started */
        unsigned lanes;                  /* numbers given */
        struct lane *live[JOBS_MAX + 1]; /* a pair may be one too many */
        unsigned running;
        unsigned ended;
        unsigned starts;
        bool done;
        int result;
        char *error;
        size_t error_size;
        char said[600];     /* the last sentence on stderr */
        const char *proved; /* the accelerator for machines of the host's architecture, NULL: not tried yet */
};

/* What is different for a machine of the run, every member filled. */
static struct run_special special_of(const struct run *run, const struct machine *machine)
{
        const struct run_options *options = run->options;
        struct run_special special = {0};

        if (options->special)
                special = options->special[machine - run->machine];
        return (struct run_special){
                .selected = special.selected ? special.selected : options->selected,
                .suite_disk = special.suite_disk ? special.suite_disk : run->suite_disk,
                .told = special.told ? special.told : "",
                .defect = special.defect ? special.defect : "",
                .frozen = special.frozen,
        };
}

/* Plans and their lines in the journal ---------------------------------------------------------------------------- */

static uint64_t nonce_make(void)
{
        uint64_t nonce = 0;

        if (getrandom(&nonce, sizeof(nonce), 0) != (ssize_t)sizeof(nonce))
                nonce = loop_now();
        return nonce;
}

static void plan_fill(struct run *run, const struct machine *machine, const struct queued *queued)
{
        struct plan *plan = &queued->plan->plan;
        struct run_special special = special_of(run, machine);
        struct suite_disk disk;
        struct own_machine own;
        char error[200];
        size_t length;

        plan->catalogue = catalogue_hash;
        plan->nonce = nonce_make();
        plan->attended = true;
        own_machine_read(&own);
        length = text_format(plan->told, sizeof(plan->told),
                             "%sarch=%s\nprocessors=0x%x\nmemory=0x%llx\nhotplug_buses=0x%x\nsmbios_modules=0x%x\nacpi_"
                             "modules=0x%x\nhost_arch=%s\nhost_gic=%s\n",
                             special.told, queued->machine->arch, queued->machine->processors,
                             (unsigned long long)queued->machine->memory << 20, machine_hotplug_buses(queued->machine),
                             machine_modules(queued->machine, "-smbios"),
                             machine_modules(queued->machine, "-acpitable"), own.arch, own.gic);
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
                plan->setting[0] == SETTING_BLOCKS_4K ? run->suite_disk_4k : special_of(run, machine).suite_disk;
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
                                  .frozen = can_thaw(plan, beside) ? special_of(run, machine).frozen : NULL,
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
        json_t *names = json_array(), *not_applicable = json_array();
        char about[400];

        for (unsigned id = 0; id < CASE_COUNT; id++) {
                const char *reason = plan_not_applicable(machine, id);

                if (!special_of(run, machine).selected[id] || stage_is_of_image(cases[id].stage))
                        continue;
                json_array_append_new(names, json_string(cases[id].name));
                if (!selected[id])
                        json_array_append_new(not_applicable,
                                              json_pack("{s:s, s:s}", "case", cases[id].name, "reason", reason));
        }
        snprintf(about, sizeof(about), "%s %s, %u processors, %u MiB, firmware %s", machine->hypervisor, machine->type,
                 machine->processors, machine->memory, machine->code);
        return journal_write(run->journal, json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "event", "subject", "machine",
                                                     machine->id, "about", about, "error", error, "cases", names,
                                                     "not_applicable", not_applicable));
}

/* The accelerator -------------------------------------------------------------------------------------------------- */

struct probe {
        bool over;
        unsigned starts;
};

static void probe_done(void *context, struct lane *lane)
{
        struct probe *probe = context;

        probe->starts = lane_boots(lane);
        probe->over = true;
}

/* True where the application itself came up under KVM: nothing else proves it. */
static bool kvm_runs_a_guest(struct run *run, const struct machine *machine)
{
        static struct lane_plan plan;
        struct machine quick = *machine;
        struct probe probe = {0};
        struct lane *lane;
        char error[300];

        plan = (struct lane_plan){.plan = {.catalogue = catalogue_hash, .nonce = nonce_make(), .boots = 1}};
        plan.plan.boot[0].ending = ENDING_SHUTDOWN;
        plan.plan.boot[0].gic = machine->gic;
        quick.boot_timeout = PROBE_SECONDS;
        (void)journal_write(run->journal, json_pack("{s:s, s:i, s:s, s:[]}", "event", "lane", "lane", (int)run->lanes,
                                                    "machine", machine->id, "boots"));
        lane = lane_start(&(struct lane_config){run->loop, run->journal, hypervisor_of(machine), &quick, &plan,
                                                special_of(run, machine).suite_disk, .accelerator = "kvm",
                                                .number = run->lanes++, .other_disk = ""},
                          probe_done, &probe, error, sizeof(error));
        if (!lane)
                return false;
        (void)loop_run(run->loop, &probe.over);
        lane_free(lane);
        return probe.starts > 0;
}

static const char *accelerator_choose(struct run *run, const struct machine *machine)
{
        struct utsname host;
        bool native = uname(&host) == 0 && strcmp(host.machine, machine->arch) == 0;

        if (strcmp(machine->accelerator, "auto") != 0)
                return machine->accelerator;
        if (!native || access("/dev/kvm", R_OK | W_OK))
                return "tcg";
        if (!run->proved) {
                run->proved = kvm_runs_a_guest(run, machine) ? "kvm" : "tcg";
                if (!run->options->quiet && strcmp(run->proved, "tcg") == 0)
                        fprintf(stderr, "vmspec: /dev/kvm is there, but no guest came up on it: using TCG\n");
        }
        return run->proved;
}

/* Running ---------------------------------------------------------------------------------------------------------- */

static void lanes_pump(struct run *run);

static void run_progress(const struct run *run)
{
        if (!run->options->quiet && isatty(STDERR_FILENO))
                fprintf(stderr, "\r%u of %u lanes, %u boots\033[K%s", run->ended, run->queued, run->starts,
                        run->done ? "\n" : "");
}

/* One sentence per reason, however many lanes it ends. */
static void run_say(struct run *run, const char *sentence)
{
        if (run->options->quiet || strcmp(run->said, sentence) == 0)
                return;
        snprintf(run->said, sizeof(run->said), "%s", sentence);
        fprintf(stderr, "vmspec: %s\n", sentence);
}

static const struct queued *queued_find(const struct run *run, unsigned number)
{
        const struct queued *at = run->queue;

        while (at->number != number)
                at++;
        return at;
}

static bool is_second(const struct queued *queued)
{
        return queued->beside != NOBODY && queued->beside < queued->number;
}

/* The lane beside this one, where it is running. */
static struct lane *lane_beside(const struct run *run, const struct lane *lane)
{
        for (unsigned i = 0; i < run->running; i++)
                if (lane_number(run->live[i]) == queued_find(run, lane_number(lane))->beside)
                        return run->live[i];
        return NULL;
}

static void lane_launch(struct run *run, struct queued *queued);

/*
 * The second lane of a pair starts when the first one waits for it: an instance that is up while the other one starts
 * has left its traces where that one would find them. Or when the first one is over.
 */
static void second_launch(struct run *run, unsigned first)
{
        const struct queued *queued = queued_find(run, first);
        struct queued *second = &run->queue[queued - run->queue + 1];

        if (queued->beside != NOBODY && !is_second(queued) && !second->launched)
                lane_launch(run, second);
}

static void lanes_meet(void *context, struct lane *lane)
{
        struct lane *other = lane_beside(context, lane);

        if (!other) {
                second_launch(context, lane_number(lane));
        } else if (lane_is_meeting(other)) {
                lane_met(other, true);
                lane_met(lane, true);
        }
}

static void lane_done(void *context, struct lane *lane)
{
        struct run *run = context;
        char sentence[400];

        for (unsigned i = 0; i < run->running; i++)
                if (run->live[i] == lane)
                        run->live[i] = run->live[--run->running];
        run->starts += lane_boots(lane);
        run->ended++;
        snprintf(sentence, sizeof(sentence), "%s: given up: %s", lane_machine(lane)->id, lane_why(lane));
        if (*lane_why(lane) && !journal_failure(run->journal))
                run_say(run, sentence);
        if (!run->result)
                second_launch(run, lane_number(lane));
        lane_free(lane);
        lanes_pump(run);
}

static void lane_launch(struct run *run, struct queued *queued)
{
        struct lane *lane;

        queued->launched = true;
        lane = lane_start(
                &(struct lane_config){
                        .loop = run->loop,
                        .journal = run->journal,
                        .hypervisor = hypervisor_of(queued->machine),
                        .machine = queued->machine,
                        .sibling = queued->sibling,
                        .plan = queued->plan,
                        .suite_disk = queued->suite_disk,
                        .other_disk = run->suite_disk,
                        .pvh_probe = run->pvh_probe,
                        .accelerator = queued->accelerator,
                        .frozen = queued->frozen,
                        .number = queued->number,
                        .slowest = queued->slowest,
                        .meet = queued->beside == NOBODY ? NULL : lanes_meet,
                        .meet_context = run,
                        .shared_store = queued->beside == NOBODY ? NULL : &run->shared[queued->slowest - run->slowest],
                },
                lane_done, run, run->error, run->error_size);

        if (lane) {
                run->live[run->running++] = lane;
                return;
        }
        run->ended++;
        run_say(run, run->error);
}

/* A pair whose second lane is still to start, for which there is one place beyond the jobs. */
static bool pair_is_open(const struct run *run)
{
        for (unsigned i = 0; i < run->next; i++)
                if (is_second(&run->queue[i]) && !run->queue[i].launched)
                        return true;
        return false;
}

static void lanes_pump(struct run *run)
{
        unsigned jobs = run->options->jobs < JOBS_MAX ? run->options->jobs : JOBS_MAX;

        if (!run->result)
                run->result = journal_failure(run->journal);
        while (!run->result && run->running < jobs && run->next < run->queued) {
                struct queued *queued = &run->queue[run->next];

                if (queued->plan->pair && pair_is_open(run))
                        break;
                run->next++;
                if (!is_second(queued))
                        lane_launch(run, queued);
        }
        run->done = run->running == 0 || run->result;
        run_progress(run);
}

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

static int machine_queue(struct run *run, struct machine *machine)
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
                selected[id] = special_of(run, machine).selected[id] && !stage_is_of_image(cases[id].stage) &&
                               !plan_not_applicable(machine, id);
        result = resumed_of(run, machine) && resumed_of(run, machine)->told
                         ? 0
                         : subject_write(run, machine, selected, found ? "" : run->error);
        if (result || !found)
                return result;
        accelerator = accelerator_choose(run, machine);
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

/* What is to be done, so that it can be gone on with. */
static int run_line(struct run *run)
{
        json_t *machines = json_array(), *names = json_array();
        char catalogue[24];

        snprintf(catalogue, sizeof(catalogue), "0x%016llx", (unsigned long long)catalogue_hash);
        for (size_t i = 0; i < run->machines; i++)
                json_array_append_new(machines, json_pack("{s:s, s:I}", "id", run->machine[i].id, "declaration",
                                                          (json_int_t)machine_digest(&run->machine[i])));
        for (unsigned id = 0; id < CASE_COUNT && !run->options->special; id++)
                if (run->options->selected[id])
                        json_array_append_new(names, json_string(cases[id].name));
        return journal_write(run->journal,
                             json_pack("{s:s, s:s, s:s, s:o, s:o}", "event", "run", "vmspec", VMSPEC_VERSION,
                                       "catalogue", catalogue, "machines", machines, "cases", names));
}

static int run_prepare(struct run *run)
{
        int result;

        if (run->options->resumed)
                result = journal_write(run->journal, json_pack("{s:s}", "event", "resumed"));
        else
                result = run_line(run);
        for (size_t i = 0; i < run->machines && !result; i++)
                result = machine_queue(run, &run->machine[i]);
        return result;
}

static int run_open(struct run *run)
{
        size_t count = 0;

        while (run->options->machine[count])
                count++;
        run->machine = calloc(count + 1, sizeof(*run->machine));
        run->sibling = calloc(count + 1, sizeof(*run->sibling));
        run->slowest = calloc(count + 1, sizeof(*run->slowest));
        run->shared = calloc(count + 1, sizeof(*run->shared));
        run->loop = loop_new();
        if (!run->machine || !run->sibling || !run->slowest || !run->shared || !run->loop)
                return -ENOMEM;
        for (; run->machines < count; run->machines++) {
                run->shared[run->machines] = -1;
                if (machine_copy(run->options->machine[run->machines], &run->machine[run->machines]))
                        return -ENOMEM;
        }
        if (run->options->resumed)
                run->lanes = run->options->resumed->lanes;
        run->journal = (run->options->resumed ? journal_resume : journal_create)(run->options->folder, run->error,
                                                                                 run->error_size);
        return run->journal ? 0 : -EIO;
}

int run_machines(const struct run_options *options, struct run_figures *ret, char *error, size_t error_size)
{
        struct run *run = calloc(1, sizeof(*run));
        uint64_t begun = loop_now();
        int result;

        *ret = (struct run_figures){0};
        snprintf(error, error_size, "out of memory");
        if (!run)
                return -ENOMEM;
        *run = (struct run){.options = options, .error = error, .error_size = error_size};
        snprintf(run->suite_disk, PATH_MAX, "%s/suite.img", options->data);
        snprintf(run->suite_disk_4k, PATH_MAX, "%s/suite-4k.img", options->data);
        snprintf(run->pvh_probe, PATH_MAX, "%s/pvh-probe.elf", options->data);
        result = run_open(run);
        if (!result)
                result = run_prepare(run);
        if (!result) {
                lanes_pump(run);
                result = loop_run(run->loop, &run->done);
        }
        while (run->running) /* of a run that cannot go on */
                lane_free(run->live[--run->running]);
        if (!result)
                result = run->result;
        if (!result)
                result = journal_write(run->journal,
                                       json_pack("{s:s, s:i}", "event", "end", "starts", (int)run->starts));
        if (run->journal && journal_failure(run->journal))
                snprintf(error, error_size, "%s: what was heard cannot be written down: %s", options->folder,
                         strerror(-journal_failure(run->journal)));
        else if (result && run->journal)
                snprintf(error, error_size, "%s: the run cannot go on: %s", options->folder, strerror(-result));
        *ret = (struct run_figures){run->starts, (double)(loop_now() - begun) / 1e9, run->journal != NULL};
        journal_close(run->journal);
        for (unsigned i = 0; i < run->queued; i++)
                free(run->queue[i].plan);
        for (size_t i = 0; i < run->machines; i++) {
                machine_free(&run->machine[i]);
                machine_free(&run->sibling[i]);
                if (run->shared[i] >= 0)
                        close(run->shared[i]);
        }
        free(run->machine);
        free(run->sibling);
        free(run->slowest);
        free(run->shared);
        loop_free(run->loop);
        free(run);
        return result;
}
