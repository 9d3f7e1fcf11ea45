/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest halves by case id. */
#include "guest.h"

#define GUEST_IN_J(id) NULL
#define GUEST_IN_H(id) NULL
#define GUEST_IN_JH(id) NULL
#define GUEST_IN_G(id) guest_##id
#define GUEST_IN_GJ(id) guest_##id
#define GUEST_IN_GH(id) guest_##id

#define WAIVED(clause, reason)
guest_function *const guest_halves[CASE_COUNT] = {
#define CASE(id, clause, stage, route, needs, halves, claim) [CASE_##id] = GUEST_IN_##halves(id),
#include "catalogue.def"
#undef CASE
};
#undef WAIVED
