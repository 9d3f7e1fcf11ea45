/* SPDX-License-Identifier: BSD-2-Clause */
#include "case_names.h"

#include <fnmatch.h>

bool case_is_named(enum case_id id, const char *glob)
{
        return fnmatch(glob, cases[id].name, 0) == 0 || fnmatch(glob, clause_print_name(cases[id].clause).text, 0) == 0;
}

bool cases_set(const char *glob, bool set[CASE_COUNT])
{
        bool any = false;

        for (unsigned id = 0; id < CASE_COUNT; id++)
                if (case_is_named(id, glob))
                        set[id] = any = true;
        return any;
}
