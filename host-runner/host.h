/* SPDX-License-Identifier: BSD-2-Clause */
/* What a host half sees: what the host saw of one lane, as the journal has it. Umbrella for *.host.c. */
#pragma once

#include <string.h>

#include "case.h"
#include "check.h"
#include "evidence.h"
#include "ledger.h"
#include "text.h"

/* One event of a lane, in the order in which they came; names and texts as lane.c and collect.c write them. */
struct history_event {
        char name[20];
        unsigned boot;    /* of the plan */
        unsigned attempt; /* start of the application */
        uint64_t ns;      /* CLOCK_MONOTONIC */
        uint64_t console; /* bytes of console output heard until then */
        char text[300];
};

struct boot_trials; /* cases/guest_os/trial.h */

struct history {
        uint64_t nonce;     /* of the lane's run: what only its guest knows */
        char host_arch[16]; /* of the machine that the runner ran on, "" where the run does not tell: "aarch64" */
        char host_gic[16];  /* its interrupt controller: "GICv3"; "" where it named none */
        size_t events;
        struct history_event *event;
        struct bytes console; /* the whole console output of the lane */
};

struct host {
        struct check check;
        enum case_id id;
        const struct history *history;
        const struct row *row;            /* what was told of the case so far: the guest's facts */
        const struct boot_trials *trials; /* of an image that was booted; NULL in the run of a machine */
        unsigned boot_of_part[4];         /* index: part; UINT_MAX: not planned */
};

/* Prototypes of every host half. */
#define CASE(id, clause, stage, route, needs, halves, claim) void host_##id(struct host *h);
#define WAIVED(clause, reason)
#include "catalogue.def"
#undef WAIVED
#undef CASE

typedef void host_function(struct host *h);
extern host_function *const host_halves[CASE_COUNT]; /* NULL: the case has no host half */

/* The first event of that name in a boot after the event from (NULL: from the start of the lane); NULL: none. */
const struct history_event *host_event(const struct host *h, unsigned boot, const char *name,
                                       const struct history_event *from);

/* A number that the guest half noted with NOTE_NUMBER in a part; false where it noted none. */
bool host_noted(const struct host *h, unsigned part, const char *name, uint64_t *ret);
