/* SPDX-License-Identifier: BSD-2-Clause */
/* One line per defect, one sum per clause, and the cases that no defect was seeded for. */
#include "selftest.h"

#include <errno.h>
#include <string.h>

#include <jansson.h>

struct sums {
        unsigned seeded;
        unsigned state[SELFTEST_STATES];
};

static struct sums sums_of(const struct selftest *selftest, enum clause_id clause)
{
        struct sums sums = {0};

        for (size_t i = 0; i < selftest->defects->count; i++)
                if (selftest->chosen[i] && cases[selftest->defects->defect[i].case_id].clause == clause) {
                        sums.seeded++;
                        sums.state[selftest->result[i].state]++;
                }
        return sums;
}

static bool is_seeded(const struct selftest *selftest, enum case_id id)
{
        for (size_t i = 0; i < selftest->defects->count; i++)
                if (selftest->defects->defect[i].case_id == id)
                        return true;
        return false;
}

static size_t chosen_count(const struct selftest *selftest)
{
        size_t count = 0;

        for (size_t i = 0; i < selftest->defects->count; i++)
                count += selftest->chosen[i];
        return count;
}

static void tap_write(const struct selftest *selftest, FILE *to)
{
        unsigned number = 0;

        fprintf(to, "TAP version 13\n1..%zu\n", chosen_count(selftest));
        for (size_t i = 0; i < selftest->defects->count; i++) {
                const struct defect *defect = &selftest->defects->defect[i];
                const struct selftest_result *result = &selftest->result[i];
                bool caught = result->state == SELFTEST_CAUGHT;

                if (!selftest->chosen[i])
                        continue;
                fprintf(to, "%sok %u - %s %s <- %s: %s%s%s\n", caught ? "" : "not ", ++number, defect->clause,
                        cases[defect->case_id].name, defect->id, selftest_state_name(result->state), caught ? "" : ": ",
                        caught ? "" : result->text);
                if (*result->before)
                        fprintf(to, "# %s was tried again; the first time: %s\n", defect->id, result->before);
        }
        for (unsigned clause = 0; clause < CLAUSE_COUNT; clause++) {
                struct sums sums = sums_of(selftest, clause);

                if (sums.seeded)
                        fprintf(to, "# %s: seeded %u, caught %u, missed %u, false alarms %u, spread %u, faults %u\n",
                                clause_print_name(clause).text, sums.seeded, sums.state[SELFTEST_CAUGHT],
                                sums.state[SELFTEST_MISSED], sums.state[SELFTEST_FALSE_ALARM],
                                sums.state[SELFTEST_SPREAD], sums.state[SELFTEST_FAULT]);
        }
        for (unsigned id = 0; id < CASE_COUNT; id++)
                if (!is_seeded(selftest, id))
                        fprintf(to, "# %s %s: no defect is declared\n", clause_print_name(cases[id].clause).text,
                                cases[id].name);
}

static json_t *defect_json(const struct defect *defect)
{
        return json_pack("{s:s, s:s, s:s, s:s, s:s*, s:s, s:s, s:i}", "id", defect->id, "clause", defect->clause,
                         "case", cases[defect->case_id].name, "by", defect_by_name(defect->by), "machine",
                         defect->machine, "expect", verdict_name(defect->expect), "file", defect->file, "line",
                         defect->line);
}

static json_t *results_json(const struct selftest *selftest)
{
        json_t *array = json_array();

        for (size_t i = 0; i < selftest->defects->count; i++) {
                const struct selftest_result *result = &selftest->result[i];
                json_t *object;

                if (!selftest->chosen[i])
                        continue;
                object = defect_json(&selftest->defects->defect[i]);
                json_object_set_new(object, "state", json_string(selftest_state_name(result->state)));
                json_object_set_new(object, "verdict", json_string(verdict_name(result->verdict)));
                json_object_set_new(object, "text", json_string(result->text));
                json_object_set_new(object, "first_time", json_string(result->before));
                json_array_append_new(array, object);
        }
        return array;
}

static json_t *sums_json(const struct selftest *selftest)
{
        json_t *array = json_array();

        for (unsigned clause = 0; clause < CLAUSE_COUNT; clause++) {
                struct sums sums = sums_of(selftest, clause);

                if (sums.seeded)
                        json_array_append_new(
                                array,
                                json_pack("{s:s, s:i, s:i, s:i, s:i, s:i, s:i}", "clause",
                                          clause_print_name(clause).text, "seeded", (int)sums.seeded, "caught",
                                          (int)sums.state[SELFTEST_CAUGHT], "missed", (int)sums.state[SELFTEST_MISSED],
                                          "false_alarms", (int)sums.state[SELFTEST_FALSE_ALARM], "spread",
                                          (int)sums.state[SELFTEST_SPREAD], "faults", (int)sums.state[SELFTEST_FAULT]));
        }
        return array;
}

static int json_write(json_t *json, FILE *to)
{
        int result = json ? json_dumpf(json, to, JSON_INDENT(2)) : -1;

        json_decref(json);
        if (result || fputc('\n', to) == EOF || fflush(to))
                return -EIO;
        return 0;
}

int selftest_write(const struct selftest *selftest, bool json, FILE *to)
{
        json_t *unseeded = json ? json_array() : NULL;

        if (!json) {
                tap_write(selftest, to);
                return fflush(to) || ferror(to) ? -EIO : 0;
        }
        for (unsigned id = 0; id < CASE_COUNT; id++)
                if (!is_seeded(selftest, id))
                        json_array_append_new(unseeded, json_string(cases[id].name));
        return json_write(json_pack("{s:o, s:o, s:o}", "defects", results_json(selftest), "clauses",
                                    sums_json(selftest), "cases_without_defect", unseeded),
                          to);
}

int selftest_exit_status(const struct selftest *selftest)
{
        int status = 0;

        for (size_t i = 0; i < selftest->defects->count; i++) {
                if (!selftest->chosen[i] || selftest->result[i].state == SELFTEST_CAUGHT)
                        continue;
                if (selftest->result[i].state == SELFTEST_FAULT)
                        return 3;
                status = 1;
        }
        return status;
}

int selftest_list(const struct defects *defects, bool json, FILE *to)
{
        json_t *array = json ? json_array() : NULL;

        for (size_t i = 0; i < defects->count; i++) {
                const struct defect *defect = &defects->defect[i];

                if (json)
                        json_array_append_new(array, defect_json(defect));
                else
                        fprintf(to, "%-8s %-32s %-8s %-24s %s\n", defect->clause, cases[defect->case_id].name,
                                defect_by_name(defect->by), defect->machine ? defect->machine : "-", defect->id);
        }
        if (json)
                return json_write(array, to);
        return fflush(to) || ferror(to) ? -EIO : 0;
}
