/* SPDX-License-Identifier: BSD-2-Clause */
/* What the command line asks of the self-test, from the declared defects to the exit status. */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "case_names.h"
#include "command.h"
#include "selftest.h"

enum { PATH = 4096 };

static int defects_load(const char *data, struct defects *ret)
{
        char folder[PATH], error[ERROR_TEXT];

        snprintf(folder, sizeof(folder), "%s/defects", data);
        return defects_read(folder, ret, error, sizeof(error)) ? command_failed(error) : 0;
}

/* What needs the Xen lab is a self-test of its own: its defects run where they are named. */
static bool is_of_xen(const struct defect *defect, const struct machines *machines)
{
        const struct machine *machine = defect->machine ? machines_find(machines, defect->machine) : NULL;

        return machine && machine_is_on_xen(machine);
}

static bool is_named(const struct defect *defect, const char *glob)
{
        return fnmatch(glob, defect->id, 0) == 0 || case_is_named(defect->case_id, glob);
}

/* The defects that the globs name, by id, clause or case; all but those of Xen where there is none. False where a glob
 * names nothing. */
static bool defects_choose(const struct selftest_request *request, const struct defects *defects,
                           const struct machines *machines, bool *chosen)
{
        for (size_t i = 0; i < defects->count; i++)
                chosen[i] = request->globs == 0 && !is_of_xen(&defects->defect[i], machines);
        for (size_t g = 0; g < request->globs; g++) {
                bool any = false;

                for (size_t i = 0; i < defects->count; i++)
                        if (is_named(&defects->defect[i], request->glob[g]))
                                chosen[i] = any = true;
                if (!any) {
                        fprintf(stderr, "vmspec: --defect %.60s: no defect has such an id, clause or case\n",
                                request->glob[g]);
                        return false;
                }
        }
        return true;
}

static int defects_try(const struct selftest_request *request, const struct defects *defects,
                       const struct machines *machines)
{
        bool *chosen = calloc(defects->count + 1, sizeof(*chosen));
        struct selftest_result *results = calloc(defects->count + 1, sizeof(*results));
        struct selftest selftest = {.defects = defects,
                                    .chosen = chosen,
                                    .machines = machines,
                                    .data = request->data,
                                    .folder = request->folder,
                                    .jobs = request->jobs,
                                    .result = results};
        char error[ERROR_TEXT];
        int status = EXIT_INCOMPLETE;

        if (!chosen || !results)
                status = command_failed("out of memory");
        else if (!defects_choose(request, defects, machines, chosen))
                status = EXIT_USAGE;
        else if (selftest_run(&selftest, error, sizeof(error)))
                status = command_failed(error);
        else if (selftest_write(&selftest, request->json, stdout) == 0)
                status = selftest_exit_status(&selftest);
        free(chosen);
        free(results);
        return status;
}

int selftest_command(const struct selftest_request *request, const struct machines *machines)
{
        struct defects defects;
        int status = defects_load(request->data, &defects);

        if (status)
                return status;
        status = defects_try(request, &defects, machines);
        defects_free(&defects);
        return status;
}

int selftest_list_command(const char *data, bool json)
{
        struct defects defects;
        int status = defects_load(data, &defects);

        if (status)
                return status;
        status = selftest_list(&defects, json, stdout) ? EXIT_INCOMPLETE : 0;
        defects_free(&defects);
        return status;
}
