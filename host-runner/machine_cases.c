/* SPDX-License-Identifier: BSD-2-Clause */
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#include "machine.h"

bool case_is_named(enum case_id id, const char *glob)
{
        return fnmatch(glob, cases[id].name, 0) == 0 || fnmatch(glob, clause_print_name(cases[id].clause).text, 0) == 0;
}

/* The next of the globs, which spaces separate; false behind the last one. */
static bool glob_next(const char **at, char ret[CASE_GLOB])
{
        size_t length;

        *at += strspn(*at, " ");
        length = strcspn(*at, " ");
        snprintf(ret, CASE_GLOB, "%.*s", (int)length, *at);
        *at += length;
        return length > 0;
}

void machine_cases(const struct machine *machine, const bool selected[CASE_COUNT], bool ret[CASE_COUNT])
{
        const char *at = machine->cases;
        bool all = true;
        char glob[CASE_GLOB];

        for (unsigned id = 0; id < CASE_COUNT; id++) {
                ret[id] = selected[id];
                all &= selected[id];
        }
        if (!all || !*at)
                return;
        memset(ret, false, CASE_COUNT * sizeof(*ret));
        while (glob_next(&at, glob))
                for (unsigned id = 0; id < CASE_COUNT; id++)
                        ret[id] |= case_is_named(id, glob);
}

bool machine_cases_unknown(const char *named, char ret[CASE_GLOB])
{
        while (glob_next(&named, ret)) {
                bool any = false;

                for (unsigned id = 0; id < CASE_COUNT; id++)
                        any |= case_is_named(id, ret);
                if (!any)
                        return true;
        }
        return false;
}
