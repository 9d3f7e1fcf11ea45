/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the verdicts share: verdicts.c (from the journal to the ledger), verdicts_lines.c (its lines),
 * verdicts_judge.c (judges what they told). */
#pragma once

#include <jansson.h>

#include "host.h"
#include "ledger.h"
#include "run.h"
#include "wire.h"

enum { STARTS = WIRE_SLOTS, SENTENCE = 300 };

struct start {
        struct bytes evidence[EVIDENCE_COUNT];
        char lost[SENTENCE]; /* why a file of the evidence cannot be used; "" where all can */
};

/* What must come to its end for a part of a case to be whole, as bits. */
enum unit_kind {
        UNIT_GUEST = 1, /* the guest half */
        UNIT_JUDGE = 2, /* the judge half in the guest */
        UNIT_AGAIN = 4, /* the judge half again, over the recorded evidence */
        UNIT_HOST = 8,  /* the host half */
        UNITS_GUEST = UNIT_GUEST | UNIT_JUDGE,
};

struct planned_part {
        unsigned boot;
        enum case_id id;
        uint8_t part;
        unsigned due;    /* enum unit_kind */
        unsigned ended;  /* of those that are due */
        unsigned waited; /* as the last FACT_WAITED of its guest half said */
        long judged;     /* the start in which the guest's judge half came to its end; -1: none */
};

struct lane_record {
        size_t subject;
        size_t parts;
        struct planned_part *part;
        struct history history;
        struct start *start; /* STARTS of them */
        bool over;           /* the lane was heard to its end */
        bool console_told;
        uint64_t console_size;
        uint32_t console_crc;
};

struct reading {
        const char *folder;
        struct ledger *ledger;
        size_t first;   /* subject of this run in the ledger */
        unsigned lanes; /* one more than the highest number of one that is known */
        bool header;
        char lost[SENTENCE];                 /* the first file of the run that is missing or changed */
        struct lane_record *lane[RUN_LANES]; /* by number; NULL: not known */
        bool is_void[RUN_LANES];             /* by lane number: another attempt was made at it, which counts instead */
};

/* NULL: not known. */
struct lane_record *reading_lane(const struct reading *reading, long number);

struct subject *lane_subject(struct reading *reading, const struct lane_record *lane);
void fact_add(struct row *row, const struct fact *fact, unsigned part, unsigned half, const char *origin);
void error_add(struct row *row, const char *place, const char *text);
/* The subject's line says once with which accelerator, and of which VMM, it ran. */
void about_say(struct subject *subject, const char *what, const char *value);

/*
 * verdicts_lines.c: over the journal twice; context is the struct reading. First the lanes of an interrupted run that
 * were made again, then all that counts. 0, or a negative errno: -ESTALE another catalogue, -EXDEV no run of machines.
 */
int verdicts_line_void(void *context, const json_t *line);
int verdicts_line_take(void *context, const json_t *line);

/*
 * verdicts_judge.c: something from outside ended the lane's VM in that boot. Of the cases that have a part there or
 * later, whatever fails from here on may be of its making.
 */
void lane_cut(struct reading *reading, const struct lane_record *lane, unsigned boot);

/* Everything that follows from a lane's record, as facts of its cases. */
void lane_judge(struct reading *reading, struct lane_record *lane, unsigned number);

/* The machine that the runner ran on, from the text of what the guest was told. */
void host_take(struct history *history, const char *told);
