/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>

#include "case_names.h"
#include "machine.h"

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
                (void)cases_set(glob, ret);
}

bool machine_cases_unknown(const char *named, char ret[CASE_GLOB])
{
        bool set[CASE_COUNT] = {false};

        while (glob_next(&named, ret))
                if (!cases_set(ret, set))
                        return true;
        return false;
}
