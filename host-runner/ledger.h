/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The only place where facts become verdicts. Worst wins; nothing heard is never a pass.
 *
 * A ledger has one subject per machine or image that was judged; a subject has one row per selected case.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "case.h"
#include "check.h"

/* From best to worst. A proven failure stands, whatever else went wrong. */
enum verdict {
        VERDICT_PASS,           /* the check ran to its end and nothing failed */
        VERDICT_NOT_APPLICABLE, /* the clause's precondition is false; evidence in reason */
        VERDICT_SKIP,           /* applicable but could not run here; reason mandatory */
        VERDICT_ERROR,          /* the suite or its environment failed */
        VERDICT_FAIL,           /* the platform or image broke the clause, or died inside the case */
};

/* What a (verdict, level) pair is printed as. */
enum shown {
        SHOWN_PASS,
        SHOWN_FAIL,   /* a MUST or MUST NOT was broken */
        SHOWN_WARN,   /* a weaker level was not met */
        SHOWN_INFO,   /* not met, but the profile does not ask for it */
        SHOWN_WAIVED, /* not met, and waived */
        SHOWN_SKIP,
        SHOWN_NOT_APPLICABLE,
        SHOWN_ERROR,
};

enum outcome { OUTCOME_CONFORMANT, OUTCOME_NOT_CONFORMANT, OUTCOME_INCOMPLETE, OUTCOME_NOT_JUDGED };

enum { WAIVER_NAME = 50, WAIVER_TEXT = FACT_TEXT + WAIVER_NAME + 32 };

/* Why a failure may come of something else than the platform. */
enum doubt {
        DOUBT_NONE,
        DOUBT_CUT,     /* the VMM was ended from outside before */
        DOUBT_STARVED, /* something was waited for in vain, and the VMM had no processor for much of that time */
};

/* One fact of a row, with where it came from. */
struct entry {
        struct fact fact;
        uint8_t part;    /* 0: none */
        uint8_t half;    /* enum half */
        char origin[32]; /* "lane 0 boot 2", "image", "host" */
        unsigned waited; /* milliseconds for what did not come, before a guest half said this: see FACT_WAITED */
        enum doubt doubt;
};

/* What the baseline of a machine says of a case. */
struct expectation {
        bool listed; /* false: PASS or NOT-APPLICABLE */
        enum verdict verdict;
        char reason[FACT_TEXT];
};

struct row {
        enum case_id id;
        enum verdict verdict;
        char reason[FACT_TEXT + FACT_WHAT]; /* of the first fact of the worst kind, in words; "" for PASS */
        bool waived;
        char waiver[WAIVER_TEXT]; /* why, by which waiver and until when, where waived */
        const char *stand_in;     /* what substitute the case judges; NULL: none */
        bool cut;                 /* the VMM was ended from outside in a boot of the case, or before: see enum doubt */
        bool unbacked;            /* the pass of a stand-in, with no pass of another case of the clause beside it */
        struct expectation expected; /* where the subject has a baseline */
        size_t entries;
        struct entry *entry; /* in the order in which they were heard */
        size_t room;
};

struct subject {
        char *name;  /* the machine's id or the image's path as the user gave it */
        bool image;  /* false: a machine */
        char *about; /* one line: VMM and version, firmware, accelerator; or the image's size and format. "" if unknown
                      */
        size_t rows;
        struct row *row;   /* in catalogue order */
        bool baseline;     /* there is one */
        unsigned unjudged; /* cases that it lists, but of which there is no row */
};

/* What a user has decided to live with; waivers.h reads them from a file. */
struct waiver {
        char name[WAIVER_NAME];
        char clause[WAIVER_NAME]; /* a glob over clause ids */
        char machine[FACT_TEXT];  /* a glob over machine ids and image paths */
        char reason[FACT_TEXT];
        char expires[11]; /* "2026-12-31": the last day on which it holds */
        unsigned line;
        bool expired;
        unsigned waives; /* rows */
};

struct ledger {
        enum profile profile; /* decides levels and the exit status */
        unsigned overlays;    /* 1 << enum overlay */
        size_t subjects;
        struct subject *subject;
        size_t waivers;
        struct waiver *waiver;
};

/*
 * Adds a subject with a row for each of the given cases; NULL where memory is out. Subjects move: what this returned is
 * good until the next one is added.
 */
struct subject *ledger_add_subject(struct ledger *ledger, const char *name, bool image,
                                   const bool selected[CASE_COUNT]);
struct row *subject_row(struct subject *subject, enum case_id id); /* NULL: not selected */
bool row_add(struct row *row, const struct entry *entry);
/*
 * Settles every row of the subject. expected[id] is how many (part, half) units had to report an end for the case;
 * ended[id] how many did. A case that was not heard to its end, that made no check at all, or that did not run and
 * gave no reason, is an ERROR. Where the runner itself knows that a case cannot run or does not apply, it adds that
 * fact and expects 0; a case of which 0 is expected and nothing is said is an ERROR too.
 */
void subject_settle(struct subject *subject, const unsigned expected[CASE_COUNT], const unsigned ended[CASE_COUNT]);
void ledger_free(struct ledger *ledger);

const char *verdict_name(enum verdict verdict); /* "PASS", "NOT-APPLICABLE", ... */
const char *shown_name(enum shown shown);       /* "PASS", "WARN", ... */
const char *outcome_name(enum outcome outcome); /* "conformant", "not conformant", "incomplete", "not judged" */

/* How a row compares with the baseline of its machine; the same where there is none. */
enum difference { DIFFERENCE_NONE, DIFFERENCE_WORSE, DIFFERENCE_BETTER };
enum difference row_difference(const struct subject *subject, const struct row *row);
const char *difference_name(enum difference difference); /* "worse", "better"; "" for none */

/* How the contested point that decides the row is ruled, NULL where none does. */
const char *row_ruling(const struct row *row);

/* How a row is printed under a profile. */
enum shown row_shown(const struct row *row, enum profile profile, unsigned overlays);

/*
 * The outcome of one party (PARTY_V, PARTY_D or PARTY_G) over all subjects under a profile: not conformant where a MUST
 * failed, incomplete where none failed but one was skipped, errored or judged only by a stand-in, not judged where no
 * MUST row binds the party.
 */
enum outcome ledger_outcome(const struct ledger *ledger, enum party party, enum profile profile);

/* True where the row keeps the party from being conformant under the profile (the clauses that decide it). */
bool row_decides(const struct row *row, enum party party, enum profile profile, unsigned overlays);

/* 0 conformant, 1 not conformant, 3 incomplete, any ERROR or not one row: over all parties, under ledger->profile. */
int ledger_exit_status(const struct ledger *ledger);
