/* SPDX-License-Identifier: BSD-2-Clause */
/* What is printed is what the run makes: the lanes come from the same function. */
#include "plan_print.h"

#include <errno.h>
#include <jansson.h>

#include "plan.h"

/* What a run of the selected cases would make of one machine. */
struct outline {
        const struct machine *machine;
        bool selected[CASE_COUNT];
        bool planned[CASE_COUNT]; /* those that are neither static nor foreign to the machine */
        unsigned lanes;
        unsigned boots;
        struct lane_plan lane[LANES_MAX];
};

static void outline_make(struct outline *outline, const struct machine *machine, const bool selected[CASE_COUNT])
{
        outline->machine = machine;
        machine_cases(machine, selected, outline->selected);
        for (unsigned id = 0; id < CASE_COUNT; id++)
                outline->planned[id] =
                        outline->selected[id] && cases[id].stage != STAGE_STATIC && !plan_left_out(machine, id);
        outline->lanes = plan_make(machine, outline->planned, outline->lane);
        outline->boots = 0;
        for (unsigned i = 0; i < outline->lanes; i++)
                outline->boots += outline->lane[i].plan.boots;
}

/* Why a selected case is in no boot; NULL where it is in one, or was not to be. */
static const char *left_out(const struct outline *outline, unsigned id)
{
        if (!outline->selected[id] || outline->planned[id] || cases[id].stage == STAGE_STATIC)
                return NULL;
        return plan_left_out(outline->machine, id);
}

static bool boot_has_route(const struct plan_boot *boot, enum route route)
{
        for (unsigned i = 0; i < boot->parts; i++)
                if (cases[boot->part[i].case_id].route == route)
                        return true;
        return false;
}

/* Text ------------------------------------------------------------------------------------------------------------- */

static void boot_text(const struct lane_plan *lane, unsigned b, FILE *to)
{
        const struct plan_boot *boot = &lane->plan.boot[b];

        fprintf(to, "    boot %u: arrival %s, setting %s, ending %s%s\n", b + 1, arrival_name(lane->arrival[b]),
                setting_name(lane->setting[b]), ending_name(boot->ending),
                lane->absent[b] ? "; the application must not start" : "");
        for (enum route route = 0; route < ROUTE_COUNT; route++) {
                if (!boot_has_route(boot, route))
                        continue;
                fprintf(to, "      why: %s (%s)\n", route_why(route), route_name(route));
                for (unsigned i = 0; i < boot->parts; i++) {
                        const struct test_case *c = &cases[boot->part[i].case_id];

                        if (c->route == route)
                                fprintf(to, "        %-7s  %s, part %u of %u\n", clause_print_name(c->clause).text,
                                        c->name, boot->part[i].part, route_parts(route));
                }
        }
}

static void outline_text(const struct outline *outline, FILE *to)
{
        fprintf(to, "machine %s: %u lanes, %u boots\n", outline->machine->id, outline->lanes, outline->boots);
        for (unsigned i = 0; i < outline->lanes; i++) {
                const struct lane_plan *lane = &outline->lane[i];

                fprintf(to, "  lane %u%s\n", i + 1, lane->pair ? ", beside the next one" : "");
                for (unsigned b = 0; b < lane->plan.boots; b++)
                        boot_text(lane, b, to);
        }
        for (unsigned id = 0; id < CASE_COUNT; id++)
                if (left_out(outline, id))
                        fprintf(to, "  not planned: %s %s: %s\n", clause_print_name(cases[id].clause).text,
                                cases[id].name, left_out(outline, id));
}

/* JSON ------------------------------------------------------------------------------------------------------------- */

static json_t *boot_json(const struct lane_plan *lane, unsigned b)
{
        const struct plan_boot *boot = &lane->plan.boot[b];
        json_t *why = json_array(), *parts = json_array();

        for (enum route route = 0; route < ROUTE_COUNT; route++)
                if (boot_has_route(boot, route))
                        (void)json_array_append_new(
                                why, json_pack("{s:s, s:s}", "route", route_name(route), "why", route_why(route)));
        for (unsigned i = 0; i < boot->parts; i++) {
                const struct test_case *c = &cases[boot->part[i].case_id];

                (void)json_array_append_new(parts,
                                            json_pack("{s:s, s:s, s:i}", "clause", clause_print_name(c->clause).text,
                                                      "case", c->name, "part", (int)boot->part[i].part));
        }
        return json_pack("{s:s, s:s, s:s, s:b, s:o, s:o}", "arrival", arrival_name(lane->arrival[b]), "setting",
                         setting_name(lane->setting[b]), "ending", ending_name(boot->ending), "absent", lane->absent[b],
                         "why", why, "parts", parts);
}

static json_t *outline_json(const struct outline *outline)
{
        json_t *lanes = json_array(), *not_planned = json_array();

        for (unsigned i = 0; i < outline->lanes; i++) {
                json_t *boots = json_array();

                for (unsigned b = 0; b < outline->lane[i].plan.boots; b++)
                        (void)json_array_append_new(boots, boot_json(&outline->lane[i], b));
                (void)json_array_append_new(
                        lanes, json_pack("{s:b, s:o}", "beside_next", outline->lane[i].pair, "boots", boots));
        }
        for (unsigned id = 0; id < CASE_COUNT; id++)
                if (left_out(outline, id))
                        (void)json_array_append_new(not_planned, json_pack("{s:s, s:s}", "case", cases[id].name,
                                                                           "reason", left_out(outline, id)));
        return json_pack("{s:s, s:o, s:o}", "machine", outline->machine->id, "lanes", lanes, "not_planned",
                         not_planned);
}

int plan_print(const struct machine *const *machine, const bool selected[CASE_COUNT], bool json, FILE *to)
{
        static struct outline outline;
        json_t *all = json_array();
        int result = all ? 0 : -ENOMEM;

        for (size_t i = 0; machine[i] && !result; i++) {
                outline_make(&outline, machine[i], selected);
                if (!json)
                        outline_text(&outline, to);
                else if (json_array_append_new(all, outline_json(&outline)))
                        result = -ENOMEM;
        }
        if (!result && json && (json_dumpf(all, to, JSON_INDENT(2)) || fputc('\n', to) == EOF))
                result = -EIO;
        json_decref(all);
        return result ? result : fflush(to) || ferror(to) ? -EIO : 0;
}
