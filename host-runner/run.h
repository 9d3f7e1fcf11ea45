/* SPDX-License-Identifier: BSD-2-Clause */
/* `vmspec run`: the machines' lanes, so many at a time, into one folder. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "case.h"
#include "machine.h"

/* What is different for one machine of a run; what is NULL is as in an honest run. */
struct run_special {
        const bool *selected; /* by case id */
        const char *suite_disk;
        const char *told;            /* lines that stand before what the runner tells of itself */
        const char *defect;          /* lines for the shim */
        const struct frozen *frozen; /* the machine as it stands in the shim; NULL: it is booted */
};

struct frozen;
struct resumed;

struct run_options {
        const struct machine *const *machine; /* what to run, NULL-terminated */
        const bool *selected;                 /* by case id; STATIC cases are left out by the run itself */
        unsigned jobs;
        const char *folder;                /* output; must not hold a journal yet */
        const char *data;                  /* the folder of the suite's disks */
        const struct machines *known;      /* where siblings are looked for; NULL: nowhere */
        const struct run_special *special; /* as many as machines, in their order; NULL: an honest run */
        const struct resumed *resumed;     /* NULL: a new run; else machine is as many as it has, in its order */
        bool quiet;                        /* no progress, no remarks */
};

/* A run has no more lanes than this, nor does a journal that is read: six times what a whole self-test needs. */
enum { RUN_LANES = 4096 };

/* What the run did, for the bench. */
struct run_figures {
        unsigned starts;
        double seconds;
        bool begun; /* the folder holds this run's journal */
};

/* 0, or a negative errno with one sentence in error; what was heard is in the folder in any case. */
int run_machines(const struct run_options *options, struct run_figures *ret, char *error, size_t error_size);
