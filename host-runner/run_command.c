/* SPDX-License-Identifier: BSD-2-Clause */
/* `vmspec run`. */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "plan_print.h"
#include "resume.h"
#include "run.h"

static int machines_select(const struct options *options, const struct machines *machines,
                           const struct machine *ret[OPTION_LIST_MAX + 1])
{
        size_t count = 0;

        for (size_t i = 0; !options->machines && i < machines->count && count < OPTION_LIST_MAX; i++)
                if (!machine_is_on_xen(&machines->machine[i])) /* those are run where they are named */
                        ret[count++] = &machines->machine[i];
        for (size_t i = 0; i < options->machines; i++) {
                ret[count] = machines_find(machines, options->machine[i]);
                if (!ret[count++])
                        return command_misused("no machine '%.80s': see vmspec list machines", options->machine[i]);
        }
        ret[count] = NULL;
        return count ? 0 : command_misused("no machine file was found in %s/machines", options->data);
}

/* Runs, judges what was heard, and prints. */
static int run_and_report(const struct options *options, const struct run_options *run, struct ledger *ledger,
                          enum format format)
{
        struct run_figures figures;
        char error[ERROR_TEXT];
        int result = run_machines(run, &figures, error, sizeof(error));
        int status = EXIT_INCOMPLETE;

        if (result)
                (void)command_failed(error);
        if (!figures.begun)
                return status;
        status = folder_report(options, ledger, run->folder, format, result);
        fprintf(stderr, "vmspec: the run is kept in %s\n", run->folder);
        return result && status == EXIT_CONFORMANT ? EXIT_INCOMPLETE : status;
}

/* Goes on with an interrupted run: the same machines, declared as they were, and the same cases. */
static int resume_and_report(const struct options *options, const struct machines *machines, struct ledger *ledger,
                             enum format format)
{
        const struct machine *chosen[OPTION_LIST_MAX + 1] = {NULL};
        char error[ERROR_TEXT] = "";
        struct resumed resumed;
        int status = 0;

        if (resumed_read(options->resume, &resumed, error, sizeof(error)))
                return command_failed(error);
        for (size_t i = 0; i < resumed.machines && !status; i++) {
                chosen[i] = machines_find(machines, resumed.machine[i].id);
                if (!chosen[i] || machine_digest(chosen[i]) != resumed.machine[i].declaration)
                        status = command_misused(
                                "--resume: machine '%.80s' is not declared as it was when the run began",
                                resumed.machine[i].id);
        }
        if (!status && resumed.complete)
                status = folder_report(options, ledger, options->resume, format, 0);
        else if (!status)
                status = run_and_report(options,
                                        &(struct run_options){.machine = chosen,
                                                              .selected = resumed.selected,
                                                              .jobs = options->jobs,
                                                              .folder = options->resume,
                                                              .known = machines,
                                                              .data = options->data,
                                                              .resumed = &resumed},
                                        ledger, format);
        resumed_free(&resumed);
        return status;
}

/* Which boots the run would make. */
static int plan_show(const struct options *options, const struct machine *const *chosen,
                     const bool selected[CASE_COUNT])
{
        bool json;

        if (!options_json(options, "run --plan", "text", &json))
                return EXIT_USAGE;
        return plan_print(chosen, selected, json, stdout) ? EXIT_INCOMPLETE : 0;
}

int command_run(int argc, char **argv)
{
        const struct machine *chosen[OPTION_LIST_MAX + 1];
        struct options options;
        bool selected[CASE_COUNT];
        struct machines machines = {0};
        struct ledger ledger;
        char folder[PATH_MAX];
        enum format format;
        int status;

        if (!options_read(argc, argv, "mcpljfdwrn", &options) || !options_format(&options, &format) ||
            !options_cases(&options, selected))
                return EXIT_USAGE;
        if (optind < argc)
                return command_misused("run takes no '%.80s'", argv[optind]);
        if (options.resume && (options.machines || options.globs || options.out || options.plan))
                return command_misused("--resume %.80s: machines, cases and folder are those of the run",
                                       options.resume);
        if (!ledger_begin(&options, &ledger))
                return EXIT_USAGE;
        status = machines_load(&options, &machines);
        if (!status && options.resume) {
                status = resume_and_report(&options, &machines, &ledger, format);
                machines_free(&machines);
                ledger_free(&ledger);
                return status;
        }
        if (!status)
                status = machines_select(&options, &machines, chosen);
        if (!status && options.plan)
                status = plan_show(&options, chosen, selected);
        else if (!status && !options_folder(&options, folder))
                status = command_misused("%s: the name is too long", "--out");
        if (!status && !options.plan)
                status = run_and_report(&options,
                                        &(struct run_options){.machine = chosen,
                                                              .selected = selected,
                                                              .jobs = options.jobs,
                                                              .folder = folder,
                                                              .known = &machines,
                                                              .data = options.data},
                                        &ledger, format);
        machines_free(&machines);
        ledger_free(&ledger);
        return status;
}
