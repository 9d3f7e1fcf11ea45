/* SPDX-License-Identifier: BSD-2-Clause */
/* What runs the processors of a machine: KVM only where a guest was seen to come up on it. */
#include "run_private.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "xen_here.h"

enum { PROBE_SECONDS = 20 };

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

        plan = (struct lane_plan){.plan = {.catalogue = catalogue_hash, .nonce = run_nonce(), .boots = 1}};
        plan.plan.boot[0].ending = ENDING_SHUTDOWN;
        plan.plan.boot[0].gic = machine->gic;
        quick.boot_timeout = PROBE_SECONDS;
        (void)journal_write(run->journal, json_pack("{s:s, s:i, s:s, s:[]}", "event", "lane", "lane", (int)run->lanes,
                                                    "machine", machine->id, "boots"));
        lane = lane_start(&(struct lane_config){run->loop, run->journal, hypervisor_of(machine), &quick, &plan,
                                                run_special_of(run, machine).suite_disk, .accelerator = "kvm",
                                                .number = run->lanes++, .other_disk = ""},
                          probe_done, &probe, error, sizeof(error));
        if (!lane)
                return false;
        (void)loop_run(run->loop, &probe.over);
        lane_free(lane);
        return probe.starts > 0;
}

const char *run_accelerator(struct run *run, const struct machine *machine)
{
        struct utsname host;
        bool native = uname(&host) == 0 && strcmp(host.machine, machine->arch) == 0;

        if (xen_is_here(machine)) /* which translates nothing, and has no KVM */
                return "none";
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
