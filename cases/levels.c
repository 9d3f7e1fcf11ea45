/* SPDX-License-Identifier: BSD-2-Clause */
/* One place says what a clause, and what a case of it, is worth under a profile with its overlays. */
#include "case.h"

#define OVERLAY_BIT(overlay) (1u << OVERLAY_##overlay)

static const char uefi_taken_at_its_word[] = "UEFI is taken at its word: the draft's \"should be compliant with UEFI\" "
                                             "is \"must be UEFI compliant\" in v1, v2";

const struct level_change level_changes[] = {
#define TIGHTENED(clause, overlay, level, source) {CLAUSE_##clause, OVERLAY_##overlay, LEVEL_##level, false, source},
#define RELAXED(clause, overlay, level, source) {CLAUSE_##clause, OVERLAY_##overlay, LEVEL_##level, true, source},
#define UEFI(clause)                                                                                                   \
        {CLAUSE_##clause, OVERLAY_UEFI24A_STRICT, LEVEL_M, false, uefi_taken_at_its_word},                             \
                {CLAUSE_##clause, OVERLAY_UEFI_CURRENT, LEVEL_M, false, uefi_taken_at_its_word},
#define WARNED(case, unless, source)
#include "overlays.def"
#undef WARNED
#undef UEFI
#undef RELAXED
#undef TIGHTENED
};
const size_t level_changes_count = sizeof(level_changes) / sizeof(level_changes[0]);

const struct case_warned *case_warned(enum case_id id)
{
        static const struct case_warned rows[] = {
#define TIGHTENED(clause, overlay, level, source)
#define RELAXED(clause, overlay, level, source)
#define UEFI(clause)
#define WARNED(id, unless, source) {CASE_##id, unless, source},
#include "overlays.def"
#undef WARNED
#undef UEFI
#undef RELAXED
#undef TIGHTENED
        };

        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
                if (rows[i].id == id)
                        return &rows[i];
        return NULL;
}

/* The level, and in *ret_by the change that made it what it is, NULL where that is the clause itself. */
static enum level level_find(enum clause_id id, enum profile profile, unsigned overlays,
                             const struct level_change **ret_by)
{
        const struct clause *clause = &clauses[id];
        bool counts = clause->overlay == OVERLAY_CORE || overlays & 1u << clause->overlay;
        enum level level = counts ? clause->level[profile] : LEVEL_ABSENT;

        *ret_by = NULL;
        if (!overlays)
                return level;
        for (int relaxes = 0; relaxes < 2; relaxes++)
                for (size_t i = 0; i < level_changes_count; i++) {
                        const struct level_change *change = &level_changes[i];

                        if (change->clause != id || change->relaxes != relaxes || !(overlays & 1u << change->overlay))
                                continue;
                        if (relaxes ? level <= change->level : level >= change->level)
                                continue;
                        level = change->level;
                        *ret_by = change;
                }
        return level;
}

enum level clause_level(enum clause_id id, enum profile profile, unsigned overlays)
{
        const struct level_change *by;

        return level_find(id, profile, overlays, &by);
}

/* True where the case is worth less than its clause. */
static bool case_is_warned(enum case_id id, unsigned overlays, enum level level)
{
        const struct case_warned *warned = case_warned(id);

        return warned && !(overlays & warned->unless) && level_is_binding(level);
}

enum level case_level(enum case_id id, enum profile profile, unsigned overlays)
{
        enum level level = clause_level(cases[id].clause, profile, overlays);

        return case_is_warned(id, overlays, level) ? LEVEL_S : level;
}

const char *case_level_source(enum case_id id, enum profile profile, unsigned overlays)
{
        const struct level_change *by;
        enum level level = level_find(cases[id].clause, profile, overlays, &by);

        if (case_is_warned(id, overlays, level))
                return case_warned(id)->source;
        return by ? by->source : NULL;
}

/* True where the clause comes from UEFI alone. */
static bool clause_is_of_uefi(enum clause_id id)
{
        static const bool rows[CLAUSE_COUNT] = {
#define TIGHTENED(clause, overlay, level, source)
#define RELAXED(clause, overlay, level, source)
#define UEFI(clause) [CLAUSE_##clause] = true,
#define WARNED(case, unless, source)
#include "overlays.def"
#undef WARNED
#undef UEFI
#undef RELAXED
#undef TIGHTENED
        };

        return rows[id];
}

const struct ruling *clause_ruling(enum clause_id id)
{
        static const struct ruling rulings[CLAUSE_COUNT] = {
#define RULING(clause, when, says) [CLAUSE_##clause] = {RULING_##when, says},
#define STAND_IN(case, says)
#define STAND_IN_BUT_ON_XEN(case, says)
#include "rulings.def"
#undef STAND_IN_BUT_ON_XEN
#undef STAND_IN
#undef RULING
        };
        static const struct ruling uefi = {
                RULING_FAILING,
                "UEFI as a whole is a should in the draft and a must in v1.0 and v2.0: so is each of its rows"};

        if (rulings[id].text)
                return &rulings[id];
        return clause_is_of_uefi(id) ? &uefi : NULL;
}

const char *case_stand_in(enum case_id id)
{
        switch (id) {
#define RULING(clause, when, says)
#define STAND_IN(case_id, says)                                                                                        \
        case CASE_##case_id:                                                                                           \
                return says;
#define STAND_IN_BUT_ON_XEN STAND_IN
#include "rulings.def"
#undef STAND_IN_BUT_ON_XEN
#undef STAND_IN
#undef RULING
        default:
                return NULL;
        }
}

bool case_is_genuine_on_xen(enum case_id id)
{
        switch (id) {
#define RULING(clause, when, says)
#define STAND_IN(case_id, says)
#define STAND_IN_BUT_ON_XEN(case_id, says) case CASE_##case_id:
#include "rulings.def"
#undef STAND_IN_BUT_ON_XEN
#undef STAND_IN
#undef RULING
                return true;
        default:
                return false;
        }
}
