/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the self-test share: selftest.c (runs and verdicts), selftest_image.c, selftest_guest.c,
 * selftest_trial.c. */
#pragma once

#include "frozen.h"
#include "selftest.h"

/* One machine of the run: what a defect, or several, or a control is made of. */
struct trial {
        char *key; /* all that it is made of, in one text: what is alike is run once */
        struct machine machine;
        bool selected[CASE_COUNT];
        bool shim;
        const char *stock; /* id of the machine that it is, unchanged; NULL: another one */
        char *lines;       /* for the shim */
        char *told;
};

struct trials {
        size_t count;
        struct trial *trial;
        size_t *of_defect; /* by index of the defect: which trial, and which one is its control */
        size_t *control_of;
};

/* 0, or a negative errno with one sentence; free in any case. */
int trials_make(const struct selftest *selftest, struct trials *trials, char *error, size_t error_size);
void trials_free(struct trials *trials);

/* The machines that stand still in the shim, for the trials that can go on from there. */
struct freezer {
        size_t count;
        struct freezing *freezing;
};
/* Where a machine cannot be brought so far, that is said, and its trials are booted. 0 or -ENOMEM. */
int freezer_fill(const struct selftest *selftest, const struct trials *trials, const char *shim,
                 struct freezer *freezer);
const struct frozen *freezer_find(const struct freezer *freezer, const struct trial *trial); /* NULL: it is booted */
void freezer_free(struct freezer *freezer);

/* The case, what must hold, and those of the same group of clauses that cost no boot more. */
void trial_cases(const struct defect *defect, bool selected[CASE_COUNT]);

/* The verdicts over one image, by case id. */
struct image_verdicts {
        enum verdict verdict[CASE_COUNT];
        char reason[CASE_COUNT][FACT_TEXT + FACT_WHAT];
};
void image_verdicts_take(struct image_verdicts *ret, const struct subject *subject);
/* judged: the cases that must not move beside that of the defect. */
void image_verdicts_compare(const struct defect *defect, const bool *judged, const struct image_verdicts *good,
                            const struct image_verdicts *bad, struct selftest_result *result);

/* Judges every chosen image defect. 0, or a negative errno with one sentence where the good disk cannot be judged. */
int images_try(struct selftest *selftest, char *error, size_t error_size);
/* Boots every chosen guest defect; the same errors. */
int guests_try(struct selftest *selftest, char *error, size_t error_size);

void result_set(struct selftest_result *result, enum selftest_state state, const char *what, const char *why);
