/* SPDX-License-Identifier: BSD-2-Clause */
/* Every bit has one word, and what has none does not print as something else. */
#include "words.h"

#include <string.h>

struct party_letters party_letters(unsigned binds)
{
        static const struct {
                enum party party;
                char letter;
        } parties[] = {{PARTY_V, 'V'}, {PARTY_D, 'D'}, {PARTY_G, 'G'}, {PARTY_H, 'H'}};
        struct party_letters letters = {""};
        size_t at = 0;

        for (size_t i = 0; i < sizeof(parties) / sizeof(parties[0]); i++)
                if (binds & parties[i].party)
                        letters.text[at++] = parties[i].letter;
        return letters;
}

struct group_name group_name(enum clause_id clause)
{
        struct group_name group = {""};

        memcpy(group.text, clause_print_name(clause).text, sizeof(group.text));
        group.text[strcspn(group.text, "-")] = 0;
        return group;
}

const char *need_name(unsigned bit)
{
        switch (bit) {
        case NEED_AARCH64:
                return "aarch64";
        case NEED_AARCH32:
                return "aarch32";
        case NEED_X86_64:
                return "x86_64";
        default:
                return NULL;
        }
}

unsigned clause_cases(enum clause_id clause)
{
        unsigned count = 0;

        for (int id = 0; id < CASE_COUNT; id++)
                count += cases[id].clause == clause;
        return count;
}
