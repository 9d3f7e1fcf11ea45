/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One JSON document with everything that the ledger knows, its members in a fixed order.
 *
 * Every function gives NULL where memory is out; jansson's pack then gives NULL too, up to the root.
 */
#include "writers.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>

#include "escape.h"
#include "remarks.h"
#include "summary.h"

static json_t *text_json(const char *text)
{
        char plain[ESCAPE_ROOM];

        escape_copy(plain, text);
        return json_string(plain);
}

static const char *fact_kind_name(enum fact_kind kind)
{
        static const char *const names[FACT_KIND_END] = {
                "", "passed", "failed", "note", "skip", "not-applicable", "error",
        };

        return kind >= FACT_PASSED && kind < FACT_KIND_END ? names[kind] : "";
}

/* Takes value; the array itself, or NULL where either is missing. */
static json_t *array_with(json_t *array, json_t *value)
{
        if (array && json_array_append_new(array, value) == 0)
                return array;
        if (!array)
                json_decref(value);
        json_decref(array);
        return NULL;
}

static json_t *entry_json(const struct entry *entry)
{
        const struct fact *fact = &entry->fact;

        return json_pack("{s:s, s:o, s:o, s:o, s:o, s:i, s:s, s:o}", "kind", fact_kind_name(fact->kind), "place",
                         text_json(fact->place), "what", text_json(fact->what), "got", text_json(fact->got), "want",
                         text_json(fact->want), "part", (int)entry->part, "half", half_letters(entry->half).text,
                         "origin", text_json(entry->origin));
}

static json_t *levels_json(enum case_id id, unsigned overlays)
{
        json_t *levels = json_object();

        for (int profile = 0; profile < PROFILE_COUNT; profile++)
                if (json_object_set_new(levels, profile_name(profile),
                                        json_string(level_name(case_level(id, profile, overlays)))) != 0) {
                        json_decref(levels);
                        return NULL;
                }
        return levels;
}

/* The remarks by their keys; an object without members where there is none. */
static json_t *remarks_json(const struct ledger *ledger, const struct subject *subject, const struct row *row)
{
        json_t *object = json_object();
        struct remarks remarks;

        row_remark(ledger, subject, row, &remarks);
        for (size_t i = 0; i < remarks.count; i++)
                if (json_object_set_new(object, remarks.remark[i].key, text_json(remarks.remark[i].text)) != 0) {
                        json_decref(object);
                        return NULL;
                }
        return object;
}

static json_t *row_json(const struct ledger *ledger, const struct subject *subject, const struct row *row)
{
        const struct test_case *test = &cases[row->id];
        json_t *facts = json_array();

        for (size_t i = 0; facts && i < row->entries; i++)
                facts = array_with(facts, entry_json(&row->entry[i]));
        return json_pack("{s:s, s:s, s:s, s:o, s:s, s:s, s:o, s:b, s:o, s:o, s:o}", "case", test->name, "clause",
                         clause_print_name(test->clause).text, "claim", test->claim, "levels",
                         levels_json(row->id, ledger->overlays), "verdict", verdict_name(row->verdict), "shown",
                         shown_name(row_shown(row, ledger->profile, ledger->overlays)), "reason",
                         text_json(row->reason), "waived", row->waived, "waiver", text_json(row->waiver), "remarks",
                         remarks_json(ledger, subject, row), "facts", facts);
}

static json_t *clauses_json(const struct ledger *ledger, enum party party, enum profile profile,
                            summary_predicate *predicate)
{
        json_t *names = json_array();

        for (int clause = 0; names && clause < CLAUSE_COUNT; clause++)
                if (predicate(ledger, clause, party, profile))
                        names = array_with(names, json_string(clause_print_name(clause).text));
        return names;
}

static json_t *party_json(const struct ledger *ledger, enum party party, enum profile profile)
{
        json_t *deciding = json_array();
        const char *by;

        for (int clause = 0; deciding && clause < CLAUSE_COUNT; clause++)
                if (summary_decides(ledger, clause, party, profile, &by))
                        deciding = array_with(deciding, json_pack("{s:s, s:s}", "clause",
                                                                  clause_print_name(clause).text, "verdict", by));
        return json_pack("{s:s, s:o, s:o, s:o}", "outcome", outcome_name(ledger_outcome(ledger, party, profile)),
                         "deciding", deciding, "not_covered", clauses_json(ledger, party, profile, summary_not_covered),
                         "not_run", clauses_json(ledger, party, profile, summary_not_run));
}

static json_t *outcomes_json(const struct ledger *ledger)
{
        json_t *outcomes = json_object();
        int bad = 0;

        for (int profile = 0; profile < PROFILE_COUNT; profile++) {
                json_t *parties = json_object();

                for (int p = 0; p < SUMMARY_PARTIES; p++)
                        bad |= json_object_set_new(parties, summary_parties[p].key,
                                                   party_json(ledger, summary_parties[p].party, profile));
                bad |= json_object_set_new(outcomes, profile_name(profile), parties);
        }
        if (!bad)
                return outcomes;
        json_decref(outcomes);
        return NULL;
}

/* null where the machine has no baseline. */
static json_t *baseline_json(const struct subject *subject)
{
        json_t *differences = json_array();

        for (size_t i = 0; differences && i < subject->rows; i++) {
                const struct row *row = &subject->row[i];
                enum difference difference = row_difference(subject, row);

                if (difference != DIFFERENCE_NONE)
                        differences =
                                array_with(differences, json_pack("{s:s, s:s, s:s, s:s}", "case", cases[row->id].name,
                                                                  "verdict", verdict_name(row->verdict), "expected",
                                                                  verdict_name(row->expected.verdict), "direction",
                                                                  difference_name(difference)));
        }
        if (subject->baseline)
                return json_pack("{s:o, s:i}", "differences", differences, "not_judged", (int)subject->unjudged);
        json_decref(differences);
        return json_null();
}

static json_t *waivers_json(const struct ledger *ledger)
{
        json_t *waivers = json_array();

        for (size_t i = 0; waivers && i < ledger->waivers; i++) {
                const struct waiver *waiver = &ledger->waiver[i];

                waivers = array_with(waivers, json_pack("{s:o, s:o, s:o, s:o, s:s, s:b, s:i}", "name",
                                                        text_json(waiver->name), "clause", text_json(waiver->clause),
                                                        "machine", text_json(waiver->machine), "reason",
                                                        text_json(waiver->reason), "expires", waiver->expires,
                                                        "expired", waiver->expired, "waives", (int)waiver->waives));
        }
        return waivers;
}

static json_t *subject_json(const struct ledger *ledger, size_t index)
{
        const struct subject *subject = &ledger->subject[index];
        struct ledger alone = summary_alone(ledger, index);
        json_t *rows = json_array();

        for (size_t i = 0; rows && i < subject->rows; i++)
                rows = array_with(rows, row_json(ledger, subject, &subject->row[i]));
        return json_pack("{s:o, s:s, s:o, s:o, s:o, s:o}", "name", text_json(subject->name), "kind",
                         subject->image ? "image" : "machine", "about", text_json(subject->about), "baseline",
                         baseline_json(subject), "outcomes", outcomes_json(&alone), "rows", rows);
}

static json_t *overlays_json(unsigned overlays)
{
        json_t *names = json_array();

        for (int overlay = OVERLAY_CORE + 1; names && overlay < OVERLAY_COUNT; overlay++)
                if (overlays & 1u << overlay)
                        names = array_with(names, json_string(overlay_name(overlay)));
        return names;
}

int report_json(const struct ledger *ledger, FILE *to)
{
        json_t *subjects = json_array(), *root;
        char hash[17];
        int status;

        snprintf(hash, sizeof(hash), "%016" PRIx64, catalogue_hash);
        for (size_t s = 0; subjects && s < ledger->subjects; s++)
                subjects = array_with(subjects, subject_json(ledger, s));
        root = json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:i}", "vmspec", VMSPEC_VERSION, "catalogue", hash,
                         "profile", profile_name(ledger->profile), "overlays", overlays_json(ledger->overlays),
                         "waivers", waivers_json(ledger), "subjects", subjects, "outcomes", outcomes_json(ledger),
                         "exit_status", ledger_exit_status(ledger));
        if (!root)
                return -ENOMEM;
        status = json_dumpf(root, to, JSON_INDENT(2));
        json_decref(root);
        fputc('\n', to);
        return status == 0 ? 0 : -EIO;
}
