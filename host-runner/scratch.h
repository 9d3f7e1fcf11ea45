/* SPDX-License-Identifier: BSD-2-Clause */
/* A temporary folder that goes with the process that made it, however that ends. */
#pragma once

#include <limits.h>
#include <stddef.h>
#include <sys/types.h>

struct scratch {
        char path[PATH_MAX];
        int alive;   /* what the guard reads from: it ends with its owner */
        pid_t guard; /* removes the folder then; 0 or less: there is none */
};

/* A folder vmspec-NAME-XXXXXX below TMPDIR, else below /tmp. 0 or a negative errno. */
int scratch_make(struct scratch *scratch, const char *name);
void scratch_remove(struct scratch *scratch);

/* The folder and all that is in it; what cannot be removed stays. */
void folder_remove(const char *path);
