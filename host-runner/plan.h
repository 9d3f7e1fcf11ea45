/* SPDX-License-Identifier: BSD-2-Clause */
/* Which boots a machine makes, and what each is for: cases that can share a boot share it. */
#pragma once

#include <stdbool.h>

#include "case.h"
#include "machine.h"
#include "setting.h"
#include "wire.h"

/* How a boot comes about. */
enum arrival {
        ARRIVAL_FIRST,     /* new VMM process, blank store */
        ARRIVAL_RESET,     /* the guest's reset, same VMM process */
        ARRIVAL_POWER_OFF, /* new VMM process on the same store */
        ARRIVAL_OTHER,     /* new VMM process, another instance: a second, blank store, the same disk */
        ARRIVAL_BACK,      /* new VMM process on the first instance's store */
        ARRIVAL_OTHER_GIC, /* new VMM process, blank store, the other GIC version */
};
const char *arrival_name(enum arrival arrival);

/*
 * A lane: boots that share one disk, one after the other. Lanes know nothing of each other, but for the two of a pair,
 * which run at the same time and can wait for each other.
 */
struct lane_plan {
        struct plan plan;
        enum arrival arrival[PLAN_BOOTS_MAX];
        enum setting setting[PLAN_BOOTS_MAX];
        bool absent[PLAN_BOOTS_MAX];  /* the application is not to start in this boot */
        bool goes_on[PLAN_BOOTS_MAX]; /* past this boot, where it does not start: that is a finding */
        bool again;                   /* but makes such a boot once again, with a blank store */
        bool slow;                    /* one call of a firmware service may take a minute */
        bool pair;                    /* the next lane of the plan runs beside this one */
};

enum { LANES_MAX = 32 };

/* Packs the parts of the selected cases into lanes; returns how many lanes there are. */
unsigned plan_make(const struct machine *machine, const bool selected[CASE_COUNT], struct lane_plan lanes[LANES_MAX]);

/* True where the boots of a route are of no use to cases of another one. */
bool plan_is_apart(enum route route);

/* Why a case does not apply to a machine at all, as its declaration shows; NULL where it does. */
const char *plan_not_applicable(const struct machine *machine, enum case_id id);
/* Why one that applies cannot run on a machine, as its declaration shows; NULL where it can. */
const char *plan_cannot_run(const struct machine *machine, enum case_id id);
/* Either of the two: why a machine makes no boot for a case; NULL where it does. */
const char *plan_left_out(const struct machine *machine, enum case_id id);
