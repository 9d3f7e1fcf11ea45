/* SPDX-License-Identifier: BSD-2-Clause */
/* One lane of a run: its boots one after the other on one disk, everything heard written to the journal. */
#pragma once

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frozen.h"
#include "hypervisor.h"
#include "journal.h"
#include "loop.h"
#include "plan.h"

struct lane;

/* The guest waits for the lane beside its own: lane_met() answers, now or later. */
typedef void lane_meet_function(void *context, struct lane *lane);

struct lane_config {
        struct loop *loop;
        struct journal *journal;
        const struct hypervisor *hypervisor;
        const struct machine *machine; /* firmware found */
        const struct lane_plan *plan;  /* nonce and told filled in */
        const char *suite_disk;        /* the file that the lane's disk is copied from */
        const struct machine *sibling; /* started instead in a boot of SETTING_AARCH32; NULL: there is none */
        const char *accelerator;
        cpu_set_t processors;     /* that its VMs keep to; none: to all that there are */
        unsigned number;          /* of the lane in the run */
        const char *other_disk;   /* the file that the other bootable disk is copied from */
        const char *large_module; /* the table of SETTING_MODULE_LARGE */
        const char *pvh_probe;    /* the file that tells what a PVH loader hands over */
        uint64_t *slowest; /* nanoseconds that the slowest start of the machine took, 0: none was seen; or NULL */
        lane_meet_function *meet; /* NULL: there is nobody to meet */
        void *meet_context;
        const struct frozen *frozen;   /* what its first boot goes on from; NULL: it is made from the start */
        struct xen_standbys *standbys; /* of the run; or NULL */
        int *shared_store; /* where the machine's instances share one store: its descriptor, -1 until one is made */
};

/* Called once, when the lane is over: all its boots done, or given up with the reason in the journal. */
typedef void lane_done_function(void *context, struct lane *lane);

/* NULL with one sentence in error, which is in the journal too. */
struct lane *lane_start(const struct lane_config *config, lane_done_function *done, void *context, char *error,
                        size_t error_size);
/* How many starts of the application the lane saw. */
unsigned lane_boots(const struct lane *lane);
const struct machine *lane_machine(const struct lane *lane);
unsigned lane_number(const struct lane *lane);
/* True while its guest waits for the lane beside it; lane_met() ends that, met or not. */
bool lane_is_meeting(const struct lane *lane);
void lane_met(struct lane *lane, bool met);
/* Why it was given up; "" where it was not. */
const char *lane_why(const struct lane *lane);
void lane_free(struct lane *lane);

/* The console output that a lane keeps and listens to; more is a flood, and ends the lane. */
enum { LANE_CONSOLE_MAX = 8 * 1024 * 1024 };
