/* SPDX-License-Identifier: BSD-2-Clause */
/* The summary is counted from the ledger and the catalogue each time, so that no format can say anything else. */
#include "summary.h"

const struct summary_party summary_parties[SUMMARY_PARTIES] = {
        {PARTY_V, "VM", "vm"},
        {PARTY_D, "image", "image"},
        {PARTY_G, "guest OS", "guest_os"},
};

static bool clause_is_must(const struct ledger *ledger, enum clause_id clause, enum party party, enum profile profile)
{
        return clauses[clause].binds & party && level_is_binding(clause_level(clause, profile, ledger->overlays));
}

static bool clause_has_case(enum clause_id clause)
{
        for (int id = 0; id < CASE_COUNT; id++)
                if (cases[id].clause == clause)
                        return true;
        return false;
}

bool summary_not_covered(const struct ledger *ledger, enum clause_id clause, enum party party, enum profile profile)
{
        return clause_is_must(ledger, clause, party, profile) && !clause_has_case(clause);
}

bool summary_not_run(const struct ledger *ledger, enum clause_id clause, enum party party, enum profile profile)
{
        if (!clause_is_must(ledger, clause, party, profile) || !clause_has_case(clause))
                return false;
        for (size_t s = 0; s < ledger->subjects; s++)
                for (size_t i = 0; i < ledger->subject[s].rows; i++)
                        if (cases[ledger->subject[s].row[i].id].clause == clause)
                                return false;
        return true;
}

unsigned summary_clauses(const struct ledger *ledger, enum party party, enum profile profile,
                         summary_predicate *predicate)
{
        unsigned count = 0;

        for (int clause = 0; clause < CLAUSE_COUNT; clause++)
                count += predicate(ledger, clause, party, profile);
        return count;
}

bool summary_decides(const struct ledger *ledger, enum clause_id clause, enum party party, enum profile profile,
                     const char **ret_by)
{
        enum verdict worst = VERDICT_PASS;
        bool decides = false;

        for (size_t s = 0; s < ledger->subjects; s++)
                for (size_t i = 0; i < ledger->subject[s].rows; i++) {
                        const struct row *row = &ledger->subject[s].row[i];

                        if (cases[row->id].clause != clause || !row_decides(row, party, profile, ledger->overlays))
                                continue;
                        decides = true;
                        worst = row->verdict > worst ? row->verdict : worst;
                }
        if (decides)
                *ret_by = worst == VERDICT_PASS ? "stand-in" : verdict_name(worst);
        return decides;
}

void summary_count(const struct ledger *ledger, const struct subject *subject, unsigned counts[SUMMARY_SHOWN])
{
        for (size_t i = 0; i < subject->rows; i++)
                counts[row_shown(&subject->row[i], ledger->profile, ledger->overlays)]++;
}

struct ledger summary_alone(const struct ledger *ledger, size_t subject)
{
        struct ledger alone = *ledger;

        alone.subject = &ledger->subject[subject];
        alone.subjects = 1;
        return alone;
}

size_t summary_rows(const struct ledger *ledger)
{
        size_t rows = 0;

        for (size_t s = 0; s < ledger->subjects; s++)
                rows += ledger->subject[s].rows;
        return rows;
}

struct half_letters half_letters(unsigned halves)
{
        struct half_letters letters = {""};
        size_t at = 0;

        if (halves & HALF_G)
                letters.text[at++] = 'G';
        if (halves & HALF_J)
                letters.text[at++] = 'J';
        if (halves & HALF_H)
                letters.text[at++] = 'H';
        return letters;
}
