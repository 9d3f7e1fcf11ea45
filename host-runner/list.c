/* SPDX-License-Identifier: BSD-2-Clause */
/* Each list says the same as columns for people and as JSON for programs. */
#include "list.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "summary.h"
#include "words.h"

enum { LEVELS = LEVEL_X + 1, NEED_BITS = 32 };

/* Clauses ------------------------------------------------------------------------------------------------------ */

static void clauses_text(FILE *to)
{
        fprintf(to, "%-7s  %-5s  ", "CLAUSE", "BINDS");
        for (int profile = 0; profile < PROFILE_COUNT; profile++)
                fprintf(to, "%-11s  ", profile_name(profile));
        fprintf(to, "%-13s  %-5s  %s\n", "OVERLAY", "CASES", "CRITERION");
        for (int id = 0; id < CLAUSE_COUNT; id++) {
                const struct clause *clause = &clauses[id];

                fprintf(to, "%-7s  %-5s  ", clause_print_name(id).text, party_letters(clause->binds).text);
                for (int profile = 0; profile < PROFILE_COUNT; profile++)
                        fprintf(to, "%-11s  ", level_name(clause->level[profile]));
                fprintf(to, "%-13s  %-5u  %s\n", overlay_name(clause->overlay), clause_cases(id), clause->text);
        }
}

/* What overlays make of the level. */
static json_t *changes_json(enum clause_id id)
{
        json_t *array = json_array();
        int bad = 0;

        for (size_t i = 0; i < level_changes_count; i++) {
                const struct level_change *change = &level_changes[i];

                if (change->clause == id)
                        bad |= json_array_append_new(
                                array, json_pack("{s:s, s:s, s:s}", "overlay", overlay_name(change->overlay),
                                                 change->relaxes ? "at_most" : "at_least", level_name(change->level),
                                                 "source", change->source));
        }
        if (!bad)
                return array;
        json_decref(array);
        return NULL;
}

static json_t *clause_json(enum clause_id id)
{
        const struct clause *clause = &clauses[id];
        json_t *levels = json_object(), *names = json_array();
        int bad = 0;

        for (int profile = 0; profile < PROFILE_COUNT; profile++)
                bad |= json_object_set_new(levels, profile_name(profile),
                                           json_string(level_name(clause->level[profile])));
        for (int i = 0; i < CASE_COUNT; i++)
                if (cases[i].clause == id)
                        bad |= json_array_append_new(names, json_string(cases[i].name));
        if (bad) {
                json_decref(levels);
                json_decref(names);
                return NULL;
        }
        return json_pack("{s:s, s:s, s:o, s:s, s:o, s:s, s:s, s:s?, s:s?, s:o}", "clause", clause_print_name(id).text,
                         "binds", party_letters(clause->binds).text, "levels", levels, "overlay",
                         overlay_name(clause->overlay), "overlay_levels", changes_json(id), "source", clause->source,
                         "text", clause->text, "waived", clause_waiver(id), "ruling",
                         clause_ruling(id) ? clause_ruling(id)->text : NULL, "cases", names);
}

static int clauses_json(json_t *array)
{
        int bad = 0;

        for (int id = 0; id < CLAUSE_COUNT; id++)
                bad |= json_array_append_new(array, clause_json(id));
        return bad;
}

/* Cases -------------------------------------------------------------------------------------------------------- */

static int case_width(void)
{
        size_t width = 0;

        for (int id = 0; id < CASE_COUNT; id++)
                width = strlen(cases[id].name) > width ? strlen(cases[id].name) : width;
        return (int)width;
}

/* "aarch64|aarch32", or "any". */
struct needs_text {
        char text[96];
};

static struct needs_text needs_text(unsigned needs)
{
        struct needs_text all = {""};
        char *at = all.text;

        for (unsigned bit = 0; bit < NEED_BITS; bit++)
                if (needs >> bit & 1 && need_name(1u << bit)) {
                        at = stpcpy(at, at == all.text ? "" : "|");
                        at = stpcpy(at, need_name(1u << bit));
                }
        if (at == all.text)
                strcpy(at, "any");
        return all;
}

static void cases_text(FILE *to)
{
        int width = case_width();

        fprintf(to, "%-*s  %-7s  %-7s  %-14s  %-15s  %-6s  %s\n", width, "CASE", "CLAUSE", "STAGE", "ROUTE", "NEEDS",
                "HALVES", "CLAIM");
        for (int id = 0; id < CASE_COUNT; id++) {
                const struct test_case *test = &cases[id];

                fprintf(to, "%-*s  %-7s  %-7s  %-14s  %-15s  %-6s  %s\n", width, test->name,
                        clause_print_name(test->clause).text, stage_name(test->stage), route_name(test->route),
                        needs_text(test->needs).text, half_letters(test->halves).text, test->claim);
        }
}

static json_t *needs_json(unsigned needs)
{
        json_t *names = json_array();
        int bad = 0;

        for (unsigned bit = 0; bit < NEED_BITS; bit++)
                if (needs >> bit & 1 && need_name(1u << bit))
                        bad |= json_array_append_new(names, json_string(need_name(1u << bit)));
        if (!bad)
                return names;
        json_decref(names);
        return NULL;
}

static int cases_json(json_t *array)
{
        int bad = 0;

        for (int id = 0; id < CASE_COUNT; id++) {
                const struct test_case *test = &cases[id];

                bad |= json_array_append_new(array, json_pack("{s:s, s:s, s:s, s:s, s:o, s:s, s:s}", "case", test->name,
                                                              "clause", clause_print_name(test->clause).text, "stage",
                                                              stage_name(test->stage), "route", route_name(test->route),
                                                              "needs", needs_json(test->needs), "halves",
                                                              half_letters(test->halves).text, "claim", test->claim));
        }
        return bad;
}

/* Profiles: a row per profile and overlay, with the number of clauses of each level, or that the overlay makes so - */

static unsigned level_count(enum profile profile, enum overlay overlay, enum level level)
{
        unsigned count = 0;

        for (int id = 0; id < CLAUSE_COUNT; id++) {
                enum level alone = clause_level(id, profile, 0), with = clause_level(id, profile, 1u << overlay);

                count += with == level && (overlay == OVERLAY_CORE || with != alone);
        }
        return count;
}

static void profiles_text(FILE *to)
{
        fprintf(to, "%-11s  %-14s", "PROFILE", "OVERLAY");
        for (int level = LEVEL_X; level > LEVEL_ABSENT; level--)
                fprintf(to, "  %11s", level_name(level));
        fputc('\n', to);
        for (int profile = 0; profile < PROFILE_COUNT; profile++)
                for (int overlay = 0; overlay < OVERLAY_COUNT; overlay++) {
                        fprintf(to, "%-11s  %-14s", profile_name(profile), overlay_name(overlay));
                        for (int level = LEVEL_X; level > LEVEL_ABSENT; level--)
                                fprintf(to, "  %11u", level_count(profile, overlay, level));
                        fputc('\n', to);
                }
}

static int profiles_json(json_t *array)
{
        int bad = 0;

        for (int profile = 0; profile < PROFILE_COUNT; profile++)
                for (int overlay = 0; overlay < OVERLAY_COUNT; overlay++) {
                        json_t *levels = json_object();

                        for (int level = LEVEL_X; level > LEVEL_ABSENT; level--)
                                bad |= json_object_set_new(levels, level_name(level),
                                                           json_integer(level_count(profile, overlay, level)));
                        bad |= json_array_append_new(array,
                                                     json_pack("{s:s, s:s, s:o}", "profile", profile_name(profile),
                                                               "overlay", overlay_name(overlay), "levels", levels));
                }
        return bad;
}

static const struct {
        const char *what;
        void (*text)(FILE *to);
        int (*json)(json_t *array);
} lists[] = {
        {"clauses", clauses_text, clauses_json},
        {"cases", cases_text, cases_json},
        {"profiles", profiles_text, profiles_json},
};

static int json_write(int (*fill)(json_t *array), FILE *to)
{
        json_t *array = json_array();
        int status = !array || fill(array) != 0 ? -ENOMEM : 0;

        if (status == 0 && json_dumpf(array, to, JSON_INDENT(2)) != 0)
                status = -EIO;
        json_decref(array);
        if (status == 0)
                fputc('\n', to);
        return status;
}

int list_write(const char *what, bool json, FILE *to)
{
        for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
                int status = 0;

                if (strcmp(lists[i].what, what) != 0)
                        continue;
                if (json)
                        status = json_write(lists[i].json, to);
                else
                        lists[i].text(to);
                return fflush(to) != 0 || ferror(to) ? -EIO : status;
        }
        return -EINVAL;
}

static int machines_json(const struct machines *machines, FILE *to)
{
        json_t *array = json_array();
        int result = array ? 0 : -ENOMEM;

        for (size_t i = 0; i < machines->count && !result; i++) {
                const struct machine *machine = &machines->machine[i];

                result = json_array_append_new(
                        array, json_pack("{s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:s, s:s}", "id", machine->id, "title",
                                         machine->title, "arch", machine->arch, "machine", machine->type, "processors",
                                         (int)machine->processors, "memory_mib", (int)machine->memory, "gic",
                                         (int)machine->gic, "cases", machine->cases, "file", machine->file));
        }
        if (!result && (json_dumpf(array, to, JSON_INDENT(2)) || fputc('\n', to) == EOF))
                result = -EIO;
        json_decref(array);
        return result;
}

int list_machines(const struct machines *machines, bool json, FILE *to)
{
        if (json)
                return machines_json(machines, to);
        for (size_t i = 0; i < machines->count; i++)
                fprintf(to, "%-24s %s\n", machines->machine[i].id, machines->machine[i].title);
        return ferror(to) ? -EIO : 0;
}
