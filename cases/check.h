/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Facts: what a case says while it runs. A case states facts; only the ledger turns them into verdicts.
 *
 * Every CHECK_ macro takes the case's context (struct guest, struct judge or struct host, each with a member `check`),
 * yields whether the check held, and contains no return, goto or break: the case decides whether to go on.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fact_kind {
        FACT_PASSED = 1,     /* a check held */
        FACT_FAILED,         /* a check did not hold: the platform or image broke the clause */
        FACT_NOTE,           /* a measurement: what = its name, got = its value */
        FACT_SKIP,           /* applicable, but could not run here: got = the reason */
        FACT_NOT_APPLICABLE, /* the clause's precondition is false: got = the evidence */
        FACT_ERROR,          /* the suite or its environment failed: got = how */
        FACT_KIND_END
};

enum { FACT_PLACE = 64, FACT_WHAT = 96, FACT_TEXT = 200 };

/* One fact; the strings are printable ASCII, NUL-terminated, cut where they did not fit. */
struct fact {
        enum fact_kind kind;
        char place[FACT_PLACE]; /* file:line of the check */
        char what[FACT_WHAT];
        char got[FACT_TEXT];
        char want[FACT_TEXT];
};

/*
 * The name of a note that stands before a failure of a guest half: for how long, in milliseconds, the half had waited
 * by then for what did not come. On a host that gave the VMM no time meanwhile, the failure proves nothing.
 */
#define FACT_WAITED "waited in vain, ms"

/* Where the facts of one part of one case go, and how many there were. Zero it but for tell. */
struct check {
        void (*tell)(struct check *check, const struct fact *fact);
        unsigned held;   /* checks that held */
        unsigned failed; /* checks that did not */
        unsigned other;  /* skips, not-applicables and errors */
        bool decided;    /* of the check that is being made: whether it holds */
};

/* At most this many held checks of one part are told with their values; all are counted. Failures are all told. */
enum { CHECK_TOLD_MAX = 48, CHECK_FAILED_MAX = 48 };

#define CHECK_STRING(x) CHECK_STRING_(x)
#define CHECK_STRING_(x) #x
#define CHECK_PLACE __FILE_NAME__ ":" CHECK_STRING(__LINE__)

/* The condition as written holds. */
#define CHECK(x, condition) check_that(&(x)->check, CHECK_PLACE, #condition, (condition))
/*
 * As CHECK, with what was expected and what was found in words: CHECK_SAY(x, condition, want, got format, ...). The
 * condition may fill in what is told: it comes first, whatever the order of arguments on that processor.
 */
#define CHECK_SAY(x, condition, want, ...)                                                                             \
        (check_decide(&(x)->check, (condition)),                                                                       \
         check_say(&(x)->check, CHECK_PLACE, (x)->check.decided, "", want, __VA_ARGS__))
/* Unsigned numbers, shown in hexadecimal and decimal. */
#define CHECK_EQ(x, got, want) check_compare(&(x)->check, CHECK_PLACE, #got, (got), CHECK_IS_EQ, (want))
#define CHECK_NE(x, got, not ) check_compare(&(x)->check, CHECK_PLACE, #got, (got), CHECK_IS_NE, (not ))
#define CHECK_GE(x, got, least) check_compare(&(x)->check, CHECK_PLACE, #got, (got), CHECK_IS_GE, (least))
#define CHECK_LE(x, got, most) check_compare(&(x)->check, CHECK_PLACE, #got, (got), CHECK_IS_LE, (most))
/* least <= got <= most. */
#define CHECK_IN(x, got, least, most) check_between(&(x)->check, CHECK_PLACE, #got, (got), (least), (most))
/* EFI_STATUS values, shown by name. */
#define CHECK_STATUS(x, got, want) check_status(&(x)->check, CHECK_PLACE, #got, (got), (want))
/* NUL-terminated ASCII strings. */
#define CHECK_TEXT(x, got, want) check_text(&(x)->check, CHECK_PLACE, #got, (got), (want))

/* A named measurement that goes into the report, and that a host half can ask for. */
#define NOTE_NUMBER(x, name, value) check_note_number(&(x)->check, CHECK_PLACE, name, (value))
#define NOTE(x, name, ...) check_note(&(x)->check, CHECK_PLACE, name, __VA_ARGS__)

/* Why the case could not run (SKIP), does not apply (NOT_APPLICABLE), or the suite itself failed (ERROR). */
#define SKIP(x, ...) check_other(&(x)->check, CHECK_PLACE, FACT_SKIP, __VA_ARGS__)
#define NOT_APPLICABLE(x, ...) check_other(&(x)->check, CHECK_PLACE, FACT_NOT_APPLICABLE, __VA_ARGS__)
#define SUITE_ERROR(x, ...) check_other(&(x)->check, CHECK_PLACE, FACT_ERROR, __VA_ARGS__)

enum check_relation { CHECK_IS_EQ, CHECK_IS_NE, CHECK_IS_GE, CHECK_IS_LE };

bool check_that(struct check *check, const char *place, const char *what, bool held);
void check_decide(struct check *check, bool holds);
bool check_say(struct check *check, const char *place, bool held, const char *what, const char *want,
               const char *format, ...) __attribute__((format(printf, 6, 7)));
bool check_compare(struct check *check, const char *place, const char *what, uint64_t got, enum check_relation relation,
                   uint64_t with);
bool check_between(struct check *check, const char *place, const char *what, uint64_t got, uint64_t least,
                   uint64_t most);
bool check_status(struct check *check, const char *place, const char *what, uint64_t got, uint64_t want);
bool check_text(struct check *check, const char *place, const char *what, const char *got, const char *want);
void check_note_number(struct check *check, const char *place, const char *name, uint64_t value);
void check_note(struct check *check, const char *place, const char *name, const char *format, ...)
        __attribute__((format(printf, 4, 5)));
void check_other(struct check *check, const char *place, enum fact_kind kind, const char *format, ...)
        __attribute__((format(printf, 4, 5)));

/* "NOT_FOUND" for 0x800000000000000e and for 0x8000000e; a hexadecimal number for what has no name. */
struct status_name {
        char text[24];
};
struct status_name status_name(uint64_t status);
