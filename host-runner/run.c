/* SPDX-License-Identifier: BSD-2-Clause */
/* The lanes of a run, so many at a time. */
#include "run_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hypervisor.h"
#include "processors.h"
#include "resume.h"
#include "xen_standby.h"

/* Running ---------------------------------------------------------------------------------------------------------- */

static void lanes_pump(struct run *run);

static void run_progress(const struct run *run)
{
        if (!run->options->quiet && isatty(STDERR_FILENO))
                fprintf(stderr, "\r%u of %u lanes, %u boots\033[K%s", run->ended, run->queued, run->starts,
                        run->done ? "\n" : "");
}

void run_say(struct run *run, const char *sentence)
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

static unsigned run_jobs(const struct run *run)
{
        return run->options->jobs < JOBS_MAX ? run->options->jobs : JOBS_MAX;
}

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
        for (unsigned i = 0; i < JOBS_MAX; i++)
                if (run->place[i] == lane)
                        run->place[i] = NULL;
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

/*
 * The threads of a VMM that translates hand over to each other all the time, which takes up to a third
 * longer from one processor to another. JOBS_MAX: every place is taken, by the first lane of a pair.
 */
static unsigned place_find(const struct run *run, const struct queued *queued, cpu_set_t *ret)
{
        unsigned place = 0;

        while (place < JOBS_MAX && run->place[place])
                place++;
        if (strcmp(queued->accelerator, "tcg") != 0 || !processors_share(place, run_jobs(run), ret))
                CPU_ZERO(ret);
        return place;
}

static void lane_launch(struct run *run, struct queued *queued)
{
        struct lane *lane;
        cpu_set_t processors;
        unsigned place = place_find(run, queued, &processors);

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
                        .large_module = run->large_module,
                        .pvh_probe = run->pvh_probe,
                        .accelerator = queued->accelerator,
                        .processors = processors,
                        .frozen = queued->frozen,
                        .number = queued->number,
                        .slowest = queued->slowest,
                        .meet = queued->beside == NOBODY ? NULL : lanes_meet,
                        .meet_context = run,
                        .standbys = run->standbys,
                        .shared_store = queued->beside == NOBODY ? NULL : &run->shared[queued->slowest - run->slowest],
                },
                lane_done, run, run->error, run->error_size);

        if (lane) {
                run->live[run->running++] = lane;
                if (place < JOBS_MAX)
                        run->place[place] = lane;
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
        if (!run->result)
                run->result = journal_failure(run->journal);
        while (!run->result && run->running < run_jobs(run) && run->next < run->queued) {
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
                result = run_queue_machine(run, &run->machine[i]);
        return result;
}

static int run_open(struct run *run)
{
        size_t count = 0;

        while (run->options->machine[count])
                count++;
        run->machine = calloc(count + 1, sizeof(*run->machine));
        run->sibling = calloc(count + 1, sizeof(*run->sibling));
        run->cases = calloc(count + 1, sizeof(*run->cases));
        run->slowest = calloc(count + 1, sizeof(*run->slowest));
        run->shared = calloc(count + 1, sizeof(*run->shared));
        run->loop = loop_new();
        run->standbys = xen_standbys_new();
        if (!run->machine || !run->sibling || !run->cases || !run->slowest || !run->shared || !run->loop ||
            !run->standbys)
                return -ENOMEM;
        for (; run->machines < count; run->machines++) {
                run->shared[run->machines] = -1;
                if (machine_copy(run->options->machine[run->machines], &run->machine[run->machines]))
                        return -ENOMEM;
                if (run->options->selected)
                        machine_cases(&run->machine[run->machines], run->options->selected, run->cases[run->machines]);
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
        snprintf(run->large_module, PATH_MAX, "%s/modules/large.bin", options->data);
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
        free(run->cases);
        free(run->slowest);
        free(run->shared);
        xen_standbys_free(run->standbys);
        loop_free(run->loop);
        free(run);
        return result;
}
