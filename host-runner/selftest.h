/* SPDX-License-Identifier: BSD-2-Clause */
/* `vmspec selftest`: every seeded defect against its control. */
#pragma once

#include <stdio.h>

#include "defect.h"
#include "machine.h"

enum selftest_state {
        SELFTEST_CAUGHT,      /* the case came out as expected, its control passed, no other case moved */
        SELFTEST_MISSED,      /* the case came out otherwise */
        SELFTEST_FALSE_ALARM, /* the control did not pass */
        SELFTEST_SPREAD,      /* a case outside knock-on moved, or one that should hold did not */
        SELFTEST_FAULT,       /* it could not be seeded or run */
        SELFTEST_STATES,
};
const char *selftest_state_name(enum selftest_state state);

struct selftest_result {
        enum selftest_state state;
        enum verdict verdict; /* of the case, where it was judged */
        char text[500];       /* why: the verdict's reason, or what went wrong */
        char before[400];     /* what came out the first time; "" where it was tried once */
};

struct selftest {
        const struct defects *defects;
        const bool *chosen; /* by index of the defect */
        const struct machines *machines;
        const char *data;   /* the folder with suite.img and shim.img */
        const char *folder; /* where the run is kept; NULL: nowhere */
        unsigned jobs;
        bool booted;                    /* every VM is booted from the start */
        struct selftest_result *result; /* by index of the defect; filled for the chosen ones */
};

/* 0, or a negative errno with one sentence where the self-test as a whole could not run. */
int selftest_run(struct selftest *selftest, char *error, size_t error_size);

/* TAP 13, or JSON. 0, -EIO or -ENOMEM. */
int selftest_write(const struct selftest *selftest, bool json, FILE *to);
/* 0: all caught; 1: one was not; 3: one could not be run. */
int selftest_exit_status(const struct selftest *selftest);

/* The declared defects, as columns or JSON. 0, -EIO or -ENOMEM. */
int selftest_list(const struct defects *defects, bool json, FILE *to);

/* What the command line says. */
struct selftest_request {
        const char *data; /* the folder of the built-in defects and disks */
        const char *const *glob;
        size_t globs;
        const char *folder; /* where the run is kept; NULL: nowhere */
        unsigned jobs;
        bool json;
};

/* The exit status; what is to say was said. */
int selftest_command(const struct selftest_request *request, const struct machines *machines);
int selftest_list_command(const char *data, bool json);
