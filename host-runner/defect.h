/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A seeded defect, as fixtures/defects/<file>.ini declares it: [id] and below it
 *
 *   clause = IMG-05, case = esp_type_guid    what must see it
 *   by = image | machine | shim | guest
 *   edit = LINE         image, guest: edit.h; as many as needed, in order
 *   guest = LINE        guest: selftest_guest.c; as many as needed, in order
 *   machine = ID        machine, shim: the machine that it is seeded into; guest: one of Xen's where it is booted, too
 *   set = KEY=VALUE     a key of the machine's file; as many as needed, in order
 *   told = NAME=VALUE   what the runner tells the guest instead of the truth; beside a shim, in the control too
 *   shim = LINE         efi-app/shim/shim.h
 *   base = LINE         the same, but in the control too
 *   control = ID        the machine that is the control, where it is not the one above as it stands
 *   knock-on = GLOB...  cases that may come out otherwise than in the control
 *   expect = FAIL       the verdict of the case
 *   holds = CASE...     cases that must pass all the same
 *   outcome = PROFILE conformant | not conformant
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "case.h"
#include "ledger.h"

enum defect_by { DEFECT_IMAGE, DEFECT_MACHINE, DEFECT_SHIM, DEFECT_GUEST };

struct texts {
        size_t count;
        char **text;
};

struct defect {
        char *id;
        char *file;
        int line; /* of its first key */
        char *clause;
        enum case_id case_id;
        enum defect_by by;
        char *machine;
        char *control;
        enum verdict expect;
        struct texts edit, guest, set, told, shim, base, outcome;
        bool knock_on[CASE_COUNT];
        bool holds[CASE_COUNT];
};

struct defects {
        size_t count;
        struct defect *defect; /* in the order of the files' names, and of their lines */
};

/* Reads every *.ini of the folder. 0, or a negative errno with one sentence that names the file and line. */
int defects_read(const char *folder, struct defects *ret, char *error, size_t error_size);
/* Reads one file, adding to what is there; the same errors. */
int defects_add(struct defects *defects, const char *path, char *error, size_t error_size);
void defects_free(struct defects *defects);

/* True where it is seeded into a machine, and not into a disk. */
bool defect_has_machine(const struct defect *defect);
const char *defect_by_name(enum defect_by by);
