/* SPDX-License-Identifier: BSD-2-Clause */
/* The judge halves by case id, and what they share. STATIC and IMAGE cases judge images, which only the host has. */
#include "judge.h"

#define JUDGE_IN_G(id) NULL
#define JUDGE_IN_H(id) NULL
#define JUDGE_IN_GH(id) NULL
#define JUDGE_IN_J(id) judge_##id
#define JUDGE_IN_GJ(id) judge_##id
#define JUDGE_IN_JH(id) judge_##id

#define JUDGE_AT_BOOT(id, halves) JUDGE_IN_##halves(id)
#define JUDGE_AT_RUNTIME(id, halves) JUDGE_IN_##halves(id)
#define JUDGE_AT_VIRTUAL(id, halves) JUDGE_IN_##halves(id)
#ifdef VMSPEC_HOST
#define JUDGE_AT_STATIC(id, halves) JUDGE_IN_##halves(id)
#define JUDGE_AT_IMAGE(id, halves) JUDGE_IN_##halves(id)
#else
#define JUDGE_AT_STATIC(id, halves) NULL
#define JUDGE_AT_IMAGE(id, halves) NULL
#endif

#define WAIVED(clause, reason)
judge_function *const judge_halves[CASE_COUNT] = {
#define CASE(id, clause, stage, route, needs, halves, claim) [CASE_##id] = JUDGE_AT_##stage(id, halves),
#include "catalogue.def"
#undef CASE
};
#undef WAIVED

bool judge_register(struct judge *j, const char *name, uint64_t *ret)
{
        *ret = 0;
        if (evidence_number(j->evidence, EVIDENCE_REGISTERS, name, ret))
                return true;
        SUITE_ERROR(j, "%s was not recorded", name);
        return false;
}
