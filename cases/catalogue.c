/* SPDX-License-Identifier: BSD-2-Clause */
/* The two .def files as arrays, and the names of their vocabulary: one row, one element, in file order. */
#include "case.h"

#include <string.h>

#ifndef CATALOGUE_HASH
#error "the build defines CATALOGUE_HASH from clauses.def and catalogue.def"
#endif

const uint64_t catalogue_hash = CATALOGUE_HASH;

#define PARTY_D_G (PARTY_D | PARTY_G)
#define PARTY_G_D (PARTY_D | PARTY_G)
#define PARTY_D_H (PARTY_D | PARTY_H)
#define PARTY_V_H (PARTY_V | PARTY_H)

const struct clause clauses[CLAUSE_COUNT] = {
#define CLAUSE(id, party, draft, v1, v2, over, origin, criterion)                                                      \
        [CLAUSE_##id] = {.name = #id,                                                                                  \
                         .binds = PARTY_##party,                                                                       \
                         .level = {LEVEL_##draft, LEVEL_##v1, LEVEL_##v2},                                             \
                         .overlay = OVERLAY_##over,                                                                    \
                         .source = origin,                                                                             \
                         .text = criterion},
#include "clauses.def"
#undef CLAUSE
};

#define WAIVED(clause, reason)
const struct test_case cases[CASE_COUNT] = {
#define CASE(id, of, at, way, need, half, says)                                                                        \
        [CASE_##id] = {.name = #id,                                                                                    \
                       .clause = CLAUSE_##of,                                                                          \
                       .stage = STAGE_##at,                                                                            \
                       .route = ROUTE_##way,                                                                           \
                       .needs = NEED_##need,                                                                           \
                       .halves = HALF_##half,                                                                          \
                       .claim = says},
#include "catalogue.def"
#undef CASE
};
#undef WAIVED

const char *clause_waiver(enum clause_id id)
{
        switch (id) {
#define CASE(id, clause, stage, route, needs, halves, claim)
#define WAIVED(clause, reason)                                                                                         \
        case CLAUSE_##clause:                                                                                          \
                return reason;
#include "catalogue.def"
#undef WAIVED
#undef CASE
        default:
                return NULL;
        }
}

struct clause_name clause_print_name(enum clause_id id)
{
        struct clause_name name = {""};
        size_t at = 0;

        for (const char *from = clauses[id].name; *from && at + 1 < sizeof(name.text); from++)
                name.text[at++] = *from == '_' ? '-' : *from;
        return name;
}

const char *profile_name(enum profile profile)
{
        static const char *const names[PROFILE_COUNT] = {"draft2014", "vmspec-1.0", "vmspec-2.0"};

        return names[profile];
}

const char *overlay_name(enum overlay overlay)
{
        static const char *const names[OVERLAY_COUNT] = {
                "core",           "xen-arm",      "x86-hvm", "x86-pvh",    "x86-efi-entry", "edk2-nv",
                "uefi24a-strict", "uefi-current", "ebbr",    "acpi-linux", "vbsa"};

        return names[overlay];
}

const char *level_name(enum level level)
{
        static const char *const names[] = {"ABSENT", "INFO",       "MAY",  "RECOMMENDED",
                                            "SHOULD", "SHOULD NOT", "MUST", "MUST NOT"};

        return names[level];
}

const char *stage_name(enum stage stage)
{
        static const char *const names[] = {"static", "boot", "runtime", "virtual", "image"};

        return names[stage];
}

static const struct {
        const char *name, *why;
        unsigned parts;
} routes[ROUTE_COUNT] = {
#define ROUTE(id, called, count, reason) [ROUTE_##id] = {.name = called, .why = reason, .parts = count},
#include "routes.def"
#undef ROUTE
};

bool stage_is_of_image(enum stage stage)
{
        return stage == STAGE_STATIC || stage == STAGE_IMAGE;
}

bool stage_is_runtime(enum stage stage)
{
        return stage == STAGE_RUNTIME || stage == STAGE_VIRTUAL;
}

const char *route_name(enum route route)
{
        return routes[route].name;
}

const char *route_why(enum route route)
{
        return routes[route].why;
}

unsigned route_parts(enum route route)
{
        return routes[route].parts;
}

bool level_is_binding(enum level level)
{
        return level == LEVEL_M || level == LEVEL_X;
}

enum case_id case_find(const char *name)
{
        for (int id = 0; id < CASE_COUNT; id++)
                if (strcmp(cases[id].name, name) == 0)
                        return id;
        return CASE_COUNT;
}
