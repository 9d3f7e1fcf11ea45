/* SPDX-License-Identifier: BSD-2-Clause */
/* Every clause stands in the mapping once, with the cases that judge it, or with the word that none does. */
#include "mapping.h"

#include <errno.h>
#include <string.h>

#include "words.h"

struct coverage {
        unsigned clauses, covered, not_covered, waived;
};

static void coverage_add(struct coverage *coverage, enum clause_id clause)
{
        coverage->clauses++;
        if (clause_cases(clause))
                coverage->covered++;
        else if (clause_waiver(clause))
                coverage->waived++;
        else
                coverage->not_covered++;
}

static void coverage_write(const char *name, const struct coverage *coverage, FILE *to)
{
        fprintf(to, "| %s | %u | %u | %u | %u |\n", name, coverage->clauses, coverage->covered, coverage->not_covered,
                coverage->waived);
}

/* Text in a table cell: nothing in it is Markdown. */
static void cell_write(const char *text, FILE *to)
{
        for (; *text; text++) {
                if (strchr("\\|*_<>[]`", *text))
                        fputc('\\', to);
                fputc(*text, to);
        }
}

static bool group_begins(enum clause_id clause)
{
        return clause == 0 || strcmp(group_name(clause).text, group_name(clause - 1).text) != 0;
}

static void groups_write(FILE *to)
{
        struct coverage all = {0}, group = {0};

        fputs("| group | clauses | covered | not covered | waived |\n|---|---|---|---|---|\n", to);
        for (int clause = 0; clause < CLAUSE_COUNT; clause++) {
                coverage_add(&all, clause);
                coverage_add(&group, clause);
                if (clause + 1 < CLAUSE_COUNT && !group_begins(clause + 1))
                        continue;
                coverage_write(group_name(clause).text, &group, to);
                group = (struct coverage){0};
        }
        coverage_write("all", &all, to);
}

static void profiles_write(FILE *to)
{
        fputs("\n| MUST and MUST NOT with the rows of every overlay in | clauses | covered | not covered | waived "
              "|\n|---|---|---|---|---|\n",
              to);
        for (int profile = 0; profile < PROFILE_COUNT; profile++) {
                struct coverage must = {0};

                for (int clause = 0; clause < CLAUSE_COUNT; clause++)
                        if (level_is_binding(clauses[clause].level[profile]))
                                coverage_add(&must, clause);
                coverage_write(profile_name(profile), &must, to);
        }
}

static void cases_write(enum clause_id clause, FILE *to)
{
        const char *waiver = clause_waiver(clause);
        const char *separator = "";

        for (int id = 0; id < CASE_COUNT; id++) {
                if (cases[id].clause != clause)
                        continue;
                fprintf(to, "%s`%s`: ", separator, cases[id].name);
                cell_write(cases[id].claim, to);
                separator = "<br>";
        }
        if (*separator)
                return;
        fputs(waiver ? "waived: " : "not covered", to);
        cell_write(waiver ? waiver : "", to);
}

/* The overlay that the clause belongs to, or those that change its level. */
static void overlays_write(enum clause_id clause, FILE *to)
{
        const char *separator = "";

        if (clauses[clause].overlay != OVERLAY_CORE)
                fputs(overlay_name(clauses[clause].overlay), to);
        for (size_t i = 0; i < level_changes_count; i++)
                if (level_changes[i].clause == clause) {
                        fprintf(to, "%s%s: %s", separator, overlay_name(level_changes[i].overlay),
                                level_name(level_changes[i].level));
                        separator = "<br>";
                }
}

static void clause_write(enum clause_id clause, FILE *to)
{
        const struct clause *c = &clauses[clause];

        fprintf(to, "| %s |", clause_print_name(clause).text);
        for (int profile = 0; profile < PROFILE_COUNT; profile++)
                fprintf(to, " %s |", c->level[profile] == LEVEL_ABSENT ? "-" : level_name(c->level[profile]));
        fprintf(to, " %s | ", party_letters(c->binds).text);
        overlays_write(clause, to);
        fputs(" | ", to);
        cases_write(clause, to);
        fputs(" |\n", to);
}

static void group_head_write(enum clause_id clause, FILE *to)
{
        fprintf(to, "\n## %s\n\n| clause |", group_name(clause).text);
        for (int profile = 0; profile < PROFILE_COUNT; profile++)
                fprintf(to, " %s |", profile_name(profile));
        fputs(" binds | overlay | cases |\n|---|---|---|---|---|---|---|\n", to);
}

static void changes_write(FILE *to)
{
        fputs("\n## What overlays change\n\n| overlay | clause | level | source |\n|---|---|---|---|\n", to);
        for (int overlay = 0; overlay < OVERLAY_COUNT; overlay++)
                for (size_t i = 0; i < level_changes_count; i++) {
                        const struct level_change *change = &level_changes[i];

                        if (change->overlay != (enum overlay)overlay)
                                continue;
                        fprintf(to, "| %s | %s | at %s %s | ", overlay_name(overlay),
                                clause_print_name(change->clause).text, change->relaxes ? "most" : "least",
                                level_name(change->level));
                        cell_write(change->source, to);
                        fputs(" |\n", to);
                }
        fputs("\nCases that only warn though their clause is a MUST, and the overlays under which they count:\n\n"
              "| case | clause | counts under | source |\n|---|---|---|---|\n",
              to);
        for (int id = 0; id < CASE_COUNT; id++) {
                const struct case_warned *warned = case_warned(id);

                if (!warned)
                        continue;
                fprintf(to, "| `%s` | %s |", cases[id].name, clause_print_name(cases[id].clause).text);
                for (int overlay = 0; overlay < OVERLAY_COUNT; overlay++)
                        if (warned->unless & 1u << overlay)
                                fprintf(to, " %s", overlay_name(overlay));
                fputs(" | ", to);
                cell_write(warned->source, to);
                fputs(" |\n", to);
        }
}

static void rulings_write(FILE *to)
{
        fputs("\n## How contested points are decided\n\n| clause | ruling |\n|---|---|\n", to);
        for (int clause = 0; clause < CLAUSE_COUNT; clause++) {
                if (!clause_ruling(clause))
                        continue;
                fprintf(to, "| %s | ", clause_print_name(clause).text);
                cell_write(clause_ruling(clause)->text, to);
                fputs(" |\n", to);
        }
}

int mapping_write(FILE *to)
{
        fputs("<!-- SPDX-License-Identifier: BSD-2-Clause -->\n"
              "# Which cases judge which clause\n\n"
              "Generated from `cases/clauses.def` and `cases/catalogue.def`; a test fails where this page differs "
              "from\n"
              "them. To write it again: `vmspec mapping > SPEC-MAPPING.md`.\n\n"
              "Binds: V virtual machine, D disk image, G guest OS, H host tooling. \"-\": the profile does not have "
              "the\n"
              "clause. A clause with an overlay counts only where that overlay is selected. Not covered: no case "
              "judges\n"
              "the clause yet, and no report says anything about it. Waived: no case can exist, for the reason "
              "given.\n"
              "\"ebbr: MUST\" beside a level: that overlay raises or lowers it; [below](#what-overlays-change) is "
              "why.\n\n",
              to);
        groups_write(to);
        profiles_write(to);
        for (int clause = 0; clause < CLAUSE_COUNT; clause++) {
                if (group_begins(clause))
                        group_head_write(clause, to);
                clause_write(clause, to);
        }
        changes_write(to);
        rulings_write(to);
        return fflush(to) != 0 || ferror(to) ? -EIO : 0;
}
