/* SPDX-License-Identifier: BSD-2-Clause */
/* What stands beside a result in every format: how a contested point is ruled, and what was expected of the machine. */
#pragma once

#include <stdio.h>

#include "escape.h"
#include "ledger.h"

enum { REMARKS_MAX = 4 };

struct remarks {
        size_t count;
        struct {
                const char *key;
                const char *text;
        } remark[REMARKS_MAX];
        char baseline[FACT_TEXT + 80]; /* where a text of it is kept */
};

/* What there is to say of the row; ret stays where it is while it is read. */
void row_remark(const struct ledger *ledger, const struct subject *subject, const struct row *row, struct remarks *ret);

/* "as its baseline says", or how many differences there are and which; printable in every format as it stands. */
void baseline_write(const struct subject *subject, FILE *to);

/* "NAME (CLAUSE on MACHINE, until DAY): waives 2 rows: REASON". */
void waiver_write(const struct waiver *waiver, enum escape how, FILE *to);
