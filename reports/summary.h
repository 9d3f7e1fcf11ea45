/* SPDX-License-Identifier: BSD-2-Clause */
/* What every format says at the end in the same words: who is conformant, what decides it, and what nobody looked at.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ledger.h"

enum { SUMMARY_PARTIES = 3, SUMMARY_SHOWN = SHOWN_ERROR + 1 };

struct summary_party {
        enum party party;
        const char *name; /* "guest OS" */
        const char *key;  /* "guest_os": for machines */
};
extern const struct summary_party summary_parties[SUMMARY_PARTIES];

/* True where a MUST clause of the party has no case in the catalogue: "conformant" says nothing about it. */
bool summary_not_covered(const struct ledger *ledger, enum clause_id clause, enum party party, enum profile profile);

/* True where a MUST clause of the party has cases, but none of them was selected for any subject. */
bool summary_not_run(const struct ledger *ledger, enum clause_id clause, enum party party, enum profile profile);

/* How many clauses the predicate holds for. */
typedef bool summary_predicate(const struct ledger *ledger, enum clause_id clause, enum party party,
                               enum profile profile);
unsigned summary_clauses(const struct ledger *ledger, enum party party, enum profile profile,
                         summary_predicate *predicate);

/*
 * True where rows of the clause keep the party from being conformant; *ret_by is the worst of their verdicts in a word,
 * or "stand-in" where nothing but a substitute was judged.
 */
bool summary_decides(const struct ledger *ledger, enum clause_id clause, enum party party, enum profile profile,
                     const char **ret_by);

/* How many rows of the subject are shown as each kind under the ledger's profile; adds to counts. */
void summary_count(const struct ledger *ledger, const struct subject *subject, unsigned counts[SUMMARY_SHOWN]);

/* The ledger as if it had this subject alone: what one of several machines or images comes to. Owns nothing. */
struct ledger summary_alone(const struct ledger *ledger, size_t subject);

/* All rows of all subjects. */
size_t summary_rows(const struct ledger *ledger);

/* "GJ" for HALF_GJ; "" for 0. */
struct half_letters {
        char text[4];
};
struct half_letters half_letters(unsigned halves);
