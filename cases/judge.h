/* SPDX-License-Identifier: BSD-2-Clause */
/* What a judge half sees: recorded bytes, or a disk image, and nothing else. Umbrella for *.judge.c. */
#pragma once

#include <string.h>

#include "case.h"
#include "check.h"
#include "evidence.h"
#include "text.h"

struct image;  /* cases/image/image.h */
struct clones; /* cases/image/clones.h */

struct judge {
        struct check check;
        const struct evidence *evidence; /* of one boot; NULL for STATIC cases */
        const struct image *image;       /* for STATIC cases; NULL for the others */
        const struct clones *clones;     /* for STATIC cases, where more than one image was given; or NULL */
};

/* Prototypes of every judge half. */
#define CASE(id, clause, stage, route, needs, halves, claim) void judge_##id(struct judge *j);
#define WAIVED(clause, reason)
#include "catalogue.def"
#undef WAIVED
#undef CASE

/*
 * A register that the guest must have recorded; where it did not, the case has nothing to judge: an ERROR, false, and 0
 * through ret.
 */
bool judge_register(struct judge *j, const char *name, uint64_t *ret);

typedef void judge_function(struct judge *j);
extern judge_function *const judge_halves[CASE_COUNT]; /* NULL: the case has no judge half on this side */
