/* SPDX-License-Identifier: BSD-2-Clause */
/* Facts in, verdicts out: worst wins, and nothing heard is never a pass. */
#include "ledger.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

struct subject *ledger_add_subject(struct ledger *ledger, const char *name, bool image, const bool selected[CASE_COUNT])
{
        struct subject *grown = reallocarray(ledger->subject, ledger->subjects + 1, sizeof(*grown));
        struct subject *subject;
        size_t rows = 0;

        if (!grown)
                return NULL;
        for (unsigned id = 0; id < CASE_COUNT; id++)
                rows += selected[id];
        ledger->subject = grown;
        subject = &grown[ledger->subjects];
        *subject = (struct subject){.name = strdup(name), .image = image, .about = strdup("")};
        subject->row = calloc(rows ? rows : 1, sizeof(*subject->row));
        ledger->subjects++;
        if (!subject->name || !subject->about || !subject->row)
                return NULL;
        for (unsigned id = 0; id < CASE_COUNT; id++)
                if (selected[id]) {
                        subject->row[subject->rows].stand_in = case_stand_in(id);
                        subject->row[subject->rows++].id = id;
                }
        return subject;
}

struct row *subject_row(struct subject *subject, enum case_id id)
{
        for (size_t i = 0; i < subject->rows; i++)
                if (subject->row[i].id == id)
                        return &subject->row[i];
        return NULL;
}

bool row_add(struct row *row, const struct entry *entry)
{
        if (row->entries == row->room) {
                size_t room = row->room ? 2 * row->room : 8;
                struct entry *grown = reallocarray(row->entry, room, sizeof(*grown));

                if (!grown)
                        return false;
                row->entry = grown;
                row->room = room;
        }
        row->entry[row->entries++] = *entry;
        return true;
}

static enum verdict entry_verdict(const struct entry *entry)
{
        switch (entry->fact.kind) {
        case FACT_FAILED:
                return entry->doubt ? VERDICT_ERROR : VERDICT_FAIL;
        case FACT_ERROR:
                return VERDICT_ERROR;
        case FACT_SKIP:
                return VERDICT_SKIP;
        case FACT_NOT_APPLICABLE:
                return VERDICT_NOT_APPLICABLE;
        default:
                return VERDICT_PASS;
        }
}

static void row_error(struct row *row, const char *what)
{
        if (row->verdict >= VERDICT_ERROR)
                return;
        row->verdict = VERDICT_ERROR;
        text_copy(row->reason, sizeof(row->reason), what);
}

static void reason_format(struct row *row, const struct entry *entry)
{
        static const char *const doubts[] = {
                [DOUBT_NONE] = "",
                [DOUBT_CUT] = "the VMM was ended from outside before: ",
                [DOUBT_STARVED] = "the host gave the VMM no processor meanwhile: ",
        };
        const struct fact *fact = &entry->fact;

        if (fact->kind == FACT_FAILED)
                text_format(row->reason, sizeof(row->reason), "%s%s%sgot %s, want %s", doubts[entry->doubt], fact->what,
                            *fact->what ? ": " : "", fact->got, fact->want);
        else
                text_copy(row->reason, sizeof(row->reason), fact->got);
}

static void row_settle(struct row *row, unsigned expected, unsigned ended)
{
        unsigned checks = 0;

        row->verdict = VERDICT_PASS;
        row->reason[0] = 0;
        for (size_t i = 0; i < row->entries; i++) {
                const struct fact *fact = &row->entry[i].fact;
                enum verdict verdict = entry_verdict(&row->entry[i]);

                checks += fact->kind == FACT_PASSED || fact->kind == FACT_FAILED;
                if (verdict <= row->verdict)
                        continue;
                row->verdict = verdict;
                reason_format(row, &row->entry[i]);
        }
        if (expected == 0 && row->verdict == VERDICT_PASS)
                row_error(row, "the case was never planned");
        else if (ended < expected)
                row_error(row, row->entries ? "the case was not heard to its end" : "nothing was heard of the case");
        else if (checks == 0 && row->verdict == VERDICT_PASS)
                row_error(row, "the case ended without a single check");
        else if (row->verdict != VERDICT_PASS && row->reason[0] == 0)
                row_error(row, "the case did not run and gave no reason");
}

/* A substitute that passes says nothing of the thing itself, unless a case that judges that passed as well. */
static bool row_is_backed(const struct subject *subject, const struct row *row)
{
        for (size_t i = 0; i < subject->rows; i++) {
                const struct row *other = &subject->row[i];

                if (cases[other->id].clause == cases[row->id].clause && !other->stand_in &&
                    other->verdict == VERDICT_PASS)
                        return true;
        }
        return false;
}

void subject_settle(struct subject *subject, const unsigned expected[CASE_COUNT], const unsigned ended[CASE_COUNT])
{
        for (size_t i = 0; i < subject->rows; i++)
                row_settle(&subject->row[i], expected[subject->row[i].id], ended[subject->row[i].id]);
        for (size_t i = 0; i < subject->rows; i++) {
                struct row *row = &subject->row[i];

                row->unbacked = row->stand_in && row->verdict == VERDICT_PASS && !row_is_backed(subject, row);
        }
}

void ledger_free(struct ledger *ledger)
{
        for (size_t s = 0; s < ledger->subjects; s++) {
                struct subject *subject = &ledger->subject[s];

                for (size_t i = 0; i < subject->rows; i++)
                        free(subject->row[i].entry);
                free(subject->row);
                free(subject->name);
                free(subject->about);
        }
        free(ledger->waiver);
        ledger->waiver = NULL;
        ledger->waivers = 0;
        free(ledger->subject);
        ledger->subject = NULL;
        ledger->subjects = 0;
}

const char *verdict_name(enum verdict verdict)
{
        static const char *const names[] = {"PASS", "NOT-APPLICABLE", "SKIP", "ERROR", "FAIL"};

        return names[verdict];
}

const char *shown_name(enum shown shown)
{
        static const char *const names[] = {"PASS",   "FAIL", "WARN",           "INFO",
                                            "WAIVED", "SKIP", "NOT-APPLICABLE", "ERROR"};

        return names[shown];
}

const char *outcome_name(enum outcome outcome)
{
        static const char *const names[] = {"conformant", "not conformant", "incomplete", "not judged"};

        return names[outcome];
}

static bool verdict_is_fine(enum verdict verdict)
{
        return verdict == VERDICT_PASS || verdict == VERDICT_NOT_APPLICABLE;
}

enum difference row_difference(const struct subject *subject, const struct row *row)
{
        const struct expectation *expected = &row->expected;
        bool same = expected->listed ? row->verdict == expected->verdict : verdict_is_fine(row->verdict);

        if (!subject->baseline || same)
                return DIFFERENCE_NONE;
        /* An ERROR or a SKIP tells less than what was expected, whatever that was. */
        return verdict_is_fine(row->verdict) && row->verdict < expected->verdict ? DIFFERENCE_BETTER : DIFFERENCE_WORSE;
}

const char *difference_name(enum difference difference)
{
        static const char *const names[] = {"", "worse", "better"};

        return names[difference];
}

const char *row_ruling(const struct row *row)
{
        const struct ruling *ruling = clause_ruling(cases[row->id].clause);
        bool decides = row->verdict == VERDICT_FAIL;

        if (!ruling)
                return NULL;
        decides |= row->verdict == VERDICT_NOT_APPLICABLE && ruling->when == RULING_EXCEPTING;
        decides |= row->verdict == VERDICT_PASS && ruling->when == RULING_PASSING;
        return decides ? ruling->text : NULL;
}

enum shown row_shown(const struct row *row, enum profile profile, unsigned overlays)
{
        enum level level = case_level(row->id, profile, overlays);

        switch (row->verdict) {
        case VERDICT_PASS:
                return SHOWN_PASS;
        case VERDICT_NOT_APPLICABLE:
                return SHOWN_NOT_APPLICABLE;
        case VERDICT_SKIP:
                return SHOWN_SKIP;
        case VERDICT_ERROR:
                return SHOWN_ERROR;
        case VERDICT_FAIL:
                break;
        }
        if (row->waived)
                return SHOWN_WAIVED;
        if (level_is_binding(level))
                return SHOWN_FAIL;
        return level == LEVEL_S || level == LEVEL_N || level == LEVEL_R ? SHOWN_WARN : SHOWN_INFO;
}

static bool row_binds(const struct row *row, enum party party, enum profile profile, unsigned overlays)
{
        return clauses[cases[row->id].clause].binds & party && level_is_binding(case_level(row->id, profile, overlays));
}

bool row_decides(const struct row *row, enum party party, enum profile profile, unsigned overlays)
{
        if (!row_binds(row, party, profile, overlays))
                return false;
        if (row->verdict == VERDICT_FAIL)
                return !row->waived;
        return row->verdict == VERDICT_SKIP || row->verdict == VERDICT_ERROR || row->unbacked;
}

enum outcome ledger_outcome(const struct ledger *ledger, enum party party, enum profile profile)
{
        bool judged = false, incomplete = false, failed = false;

        for (size_t s = 0; s < ledger->subjects; s++)
                for (size_t i = 0; i < ledger->subject[s].rows; i++) {
                        const struct row *row = &ledger->subject[s].row[i];

                        judged |= row_binds(row, party, profile, ledger->overlays);
                        if (!row_decides(row, party, profile, ledger->overlays))
                                continue;
                        failed |= row->verdict == VERDICT_FAIL;
                        incomplete |= row->verdict != VERDICT_FAIL;
                }
        if (!judged)
                return OUTCOME_NOT_JUDGED;
        return failed ? OUTCOME_NOT_CONFORMANT : incomplete ? OUTCOME_INCOMPLETE : OUTCOME_CONFORMANT;
}

int ledger_exit_status(const struct ledger *ledger)
{
        static const enum party parties[] = {PARTY_V, PARTY_D, PARTY_G};
        bool failed = false, incomplete = false;
        size_t rows = 0;

        for (size_t i = 0; i < sizeof(parties) / sizeof(parties[0]); i++) {
                enum outcome outcome = ledger_outcome(ledger, parties[i], ledger->profile);

                failed |= outcome == OUTCOME_NOT_CONFORMANT;
                incomplete |= outcome == OUTCOME_INCOMPLETE;
        }
        for (size_t s = 0; s < ledger->subjects; s++) {
                rows += ledger->subject[s].rows;
                for (size_t i = 0; i < ledger->subject[s].rows; i++)
                        incomplete |= ledger->subject[s].row[i].verdict == VERDICT_ERROR;
        }
        return failed ? 1 : incomplete || rows == 0 ? 3 : 0;
}
