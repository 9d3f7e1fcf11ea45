/* SPDX-License-Identifier: BSD-2-Clause */
/* The catalogue's bit masks and groups in the words that lists and the mapping print. */
#pragma once

#include "case.h"

/* "DG" for PARTY_D | PARTY_G. */
struct party_letters {
        char text[5];
};
struct party_letters party_letters(unsigned binds);

/* "IMG" for IMG_05. */
struct group_name {
        char text[12];
};
struct group_name group_name(enum clause_id clause);

/* "aarch64", or NULL where bit is none of enum need. */
const char *need_name(unsigned bit);

/* How many cases judge the clause. */
unsigned clause_cases(enum clause_id clause);
