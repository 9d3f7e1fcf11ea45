/* SPDX-License-Identifier: BSD-2-Clause */
/* What an interrupted run had done: read from its journal, so that only what is missing is done again. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "case.h"
#include "plan.h"

struct resumed_machine {
        char *id;
        uint32_t declaration;     /* machine_digest() when the run began */
        bool told;                /* its subject line is there */
        unsigned lane[LANES_MAX]; /* number of the last attempt at each lane of its plan */
        bool known[LANES_MAX];
        bool ended[LANES_MAX];
};

struct resumed {
        size_t machines;
        struct resumed_machine *machine;
        bool selected[CASE_COUNT];
        bool complete;  /* it came to its end: there is nothing to be done */
        unsigned lanes; /* numbers that were given */
};

/* Reads the folder's journal as far as it is intact. 0, or a negative errno with one sentence in error. */
int resumed_read(const char *folder, struct resumed *ret, char *error, size_t error_size);
void resumed_free(struct resumed *resumed);
