/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A machine that has booted once as far as the shim, and stands still there: any number of lanes go on from it, each
 * with a disk, memory and plan of its own, as if they had made that boot themselves.
 */
#pragma once

#include "hypervisor.h"
#include "suite_disk.h"

struct frozen {
        int memory, state;
        struct suite_disk disk; /* as the boot left it; the plan on it is none */
        int store;              /* the same; -1: the machine has none */
        char *console;          /* what came out before the shim stood still */
        size_t console_size;
};

struct freezing {
        const struct machine *machine;
        struct frozen *frozen; /* filled; NULL where the machine could not be brought so far */
        char why[300];         /* then */
};

/* Boots all the machines at the same time from the shim's disk, under TCG. 0, or -ENOMEM. */
int frozen_make(struct freezing *freezing, size_t count, const char *shim_disk);
void frozen_free(struct frozen *frozen);
