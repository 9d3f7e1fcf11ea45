/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of a run share: run.c (its lanes, so many at a time), run_queue.c (which lanes there are to be, as the
 * journal tells them before the first VM starts), accelerator.c (KVM, where a guest came up on it). */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "journal.h"
#include "lane.h"
#include "plan.h"
#include "run.h"

enum { JOBS_MAX = 16 };
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
        char suite_disk[PATH_MAX], suite_disk_4k[PATH_MAX], pvh_probe[PATH_MAX], large_module[PATH_MAX];
        struct loop *loop;
        struct journal *journal;
        struct xen_standbys *standbys;
        struct machine *machine;   /* copies, with their firmware found */
        struct machine *sibling;   /* as many: the AArch32 form of each; no id where it has none */
        bool (*cases)[CASE_COUNT]; /* as many: those of the selected ones that are made on it, by case id */
        uint64_t *slowest;         /* as many */
        int *shared;               /* as many: the store of a machine whose instances share one; -1: none was made */
        size_t machines;
        struct queued queue[RUN_LANES];
        unsigned queued;
        unsigned next;                   /* to be started */
        unsigned lanes;                  /* numbers given */
        struct lane *live[JOBS_MAX + 1]; /* a pair may be one too many */
        unsigned running;
        const struct lane *place[JOBS_MAX]; /* who keeps to which share of the processors; NULL: nobody */
        unsigned ended;
        unsigned starts;
        bool done;
        int result;
        char *error;
        size_t error_size;
        char said[600];     /* the last sentence on stderr */
        const char *proved; /* the accelerator for machines of the host's architecture, NULL: not tried yet */
};

/* run.c: one sentence per reason, however many lanes it ends. */
void run_say(struct run *run, const char *sentence);

/* run_queue.c: what is different for a machine of the run, every member filled. */
struct run_special run_special_of(const struct run *run, const struct machine *machine);
/* 0, or a negative errno. Every lane of the machine is in the queue and in the journal. */
int run_queue_machine(struct run *run, struct machine *machine);
uint64_t run_nonce(void);

/* accelerator.c: "tcg", or what the machine asks for and was seen to work. */
const char *run_accelerator(struct run *run, const struct machine *machine);
