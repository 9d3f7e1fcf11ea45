/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The shared vocabulary: clauses, cases, levels, stages, routes and halves, as both programs see them.
 *
 * clauses.def and catalogue.def are expanded into the enumerations and arrays declared here, so an unknown clause or
 * a doubled id does not compile, and a row whose function is missing does not link.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a profile demands of a clause. */
enum level {
        LEVEL_ABSENT, /* the profile does not have the clause: whatever comes out is INFO */
        LEVEL_I,      /* information */
        LEVEL_Y,      /* may */
        LEVEL_R,      /* recommended */
        LEVEL_S,      /* should */
        LEVEL_N,      /* should not */
        LEVEL_M,      /* must */
        LEVEL_X,      /* must not */
};

enum profile { PROFILE_DRAFT2014, PROFILE_VMSPEC_1_0, PROFILE_VMSPEC_2_0, PROFILE_COUNT };

/*
 * Rows of an overlay other than CORE count only where the user selected that overlay; the last five have no rows of
 * their own but change levels, as overlays.def says.
 */
enum overlay {
        OVERLAY_CORE,
        OVERLAY_XEN_ARM,
        OVERLAY_X86_HVM,
        OVERLAY_X86_PVH,
        OVERLAY_X86_EFI_ENTRY,
        OVERLAY_EDK2_NV,
        OVERLAY_UEFI24A_STRICT,
        OVERLAY_UEFI_CURRENT,
        OVERLAY_EBBR,
        OVERLAY_ACPI_LINUX,
        OVERLAY_VBSA,
        OVERLAY_COUNT
};

/* The parties that a clause binds; a bit mask. */
enum party {
        PARTY_V = 1, /* the virtual machine: hypervisor, firmware, toolstack output */
        PARTY_D = 2, /* the disk image */
        PARTY_G = 4, /* the guest OS in the image */
        PARTY_H = 8, /* host tooling or the operator */
};

/* Where a case runs. */
enum stage {
        STAGE_STATIC,  /* on the host, over the pristine disk image */
        STAGE_BOOT,    /* in the guest, before ExitBootServices */
        STAGE_RUNTIME, /* in the guest, after ExitBootServices */
        STAGE_VIRTUAL, /* in the guest, behind all those, after SetVirtualAddressMap */
        STAGE_IMAGE,   /* on the host, over the guest OS in the image: its files, and what its own boots printed */
};

/* What must happen between the parts of a case, see routes.def; plan.c packs the boots that the routes ask for. */
enum route {
#define ROUTE(id, name, parts, why) ROUTE_##id,
#include "routes.def"
#undef ROUTE
        ROUTE_COUNT
};

/* What a machine must be for a case to apply at all; a bit mask, judged from the machine's declaration. */
enum need {
        NEED_NOTHING = 0,
        NEED_AARCH64 = 1,
        NEED_AARCH32 = 2,
        NEED_X86_64 = 4,
        NEED_XEN = 8,                           /* a guest of Xen on Arm */
        NEED_ARM = NEED_AARCH64 | NEED_AARCH32, /* one of them */
};

/* Which functions make up a case. */
enum half {
        HALF_G = 1, /* guest_<id>: runs in the EFI application, reports facts */
        HALF_J = 2, /* judge_<id>: pure function over recorded bytes, run on both sides; both must agree */
        HALF_H = 4, /* host_<id>: pure function over what the host saw, run from the journal */
        HALF_GJ = HALF_G | HALF_J,
        HALF_GH = HALF_G | HALF_H,
        HALF_JH = HALF_J | HALF_H,
};

enum clause_id {
#define CLAUSE(id, binds, draft, v1, v2, overlay, source, text) CLAUSE_##id,
#include "clauses.def"
#undef CLAUSE
        CLAUSE_COUNT
};

enum case_id {
#define CASE(id, clause, stage, route, needs, halves, claim) CASE_##id,
#define WAIVED(clause, reason)
#include "catalogue.def"
#undef WAIVED
#undef CASE
        CASE_COUNT
};

struct clause {
        const char *name; /* "IMG_05"; clause_print_name() gives "IMG-05" */
        unsigned binds;   /* enum party bits */
        enum level level[PROFILE_COUNT];
        enum overlay overlay;
        const char *source;
        const char *text; /* the pass criterion */
};

struct test_case {
        const char *name; /* a claim in snake_case */
        enum clause_id clause;
        enum stage stage;
        enum route route;
        unsigned needs;  /* enum need bits */
        unsigned halves; /* enum half bits */
        const char *claim;
};

extern const struct clause clauses[CLAUSE_COUNT];
extern const struct test_case cases[CASE_COUNT];

/* "IMG-05", by value so that it can stand in an argument list. */
struct clause_name {
        char text[12];
};
struct clause_name clause_print_name(enum clause_id id);

/* The name of a profile, overlay, level ("MUST"), stage or route as the command line and the reports print it. */
const char *profile_name(enum profile profile);
const char *overlay_name(enum overlay overlay);
const char *level_name(enum level level);
const char *stage_name(enum stage stage);
const char *route_name(enum route route);
/* Why a route asks for boots, in words. */
const char *route_why(enum route route);

/* How many parts a route has: 0 for ROUTE_NONE, else 1 to ROUTE_PARTS_MAX. */
enum { ROUTE_PARTS_MAX = 3 };
unsigned route_parts(enum route route);

/*
 * Levels and rulings are the host's alone: levels.c expands overlays.def and rulings.def, which no guest carries.
 */

/* What an overlay makes of the level of a clause: at least this, or at most where it relaxes. */
struct level_change {
        enum clause_id clause;
        enum overlay overlay;
        enum level level;
        bool relaxes;
        const char *source;
};
extern const struct level_change level_changes[];
extern const size_t level_changes_count;

/* A case whose finding is a warning though its clause is a MUST, unless one of the overlays is selected. */
struct case_warned {
        enum case_id id;
        unsigned unless; /* 1 << enum overlay */
        const char *source;
};
const struct case_warned *case_warned(enum case_id id); /* NULL: it is worth what its clause is */

/* The level of a clause in a profile, with the selected overlays given as a bit mask of 1 << enum overlay. */
enum level clause_level(enum clause_id id, enum profile profile, unsigned overlays);

/* The level by which a failure of the case counts: that of its clause, or SHOULD where it is only warned of. */
enum level case_level(enum case_id id, enum profile profile, unsigned overlays);

/* Why that level is not what the profile alone says, or NULL where it is. */
const char *case_level_source(enum case_id id, enum profile profile, unsigned overlays);

/* How a contested point of the clause is decided, or NULL. */
enum ruling_when {
        RULING_FAILING,   /* it explains a FAIL */
        RULING_EXCEPTING, /* a FAIL, or that the clause does not apply */
        RULING_PASSING,   /* a FAIL, or a PASS */
};
struct ruling {
        enum ruling_when when;
        const char *text;
};
const struct ruling *clause_ruling(enum clause_id id);

/* What substitute the case judges, or NULL where it judges the thing itself. */
const char *case_stand_in(enum case_id id);
/* True where a case that has a substitute judges the thing itself on Xen. */
bool case_is_genuine_on_xen(enum case_id id);

/* Why no case can exist for a clause (its WAIVED row), or NULL. */
const char *clause_waiver(enum clause_id id);

/* True for the levels whose breach makes a party not conformant. */
bool level_is_binding(enum level level);

/* True for the stages whose cases are about disk images, and not about machines. */
bool stage_is_of_image(enum stage stage);
/* True where the cases of the stage run after ExitBootServices. */
bool stage_is_runtime(enum stage stage);

/* The case of that name, or CASE_COUNT. */
enum case_id case_find(const char *name);

/* The hash of clauses.def and catalogue.def that CMake compiled in; both programs must carry the same. */
extern const uint64_t catalogue_hash;
