/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line: a contract that scripts rely on. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "baseline.h"
#include "case.h"
#include "doctor.h"
#include "firmware_file.h"
#include "image_boot.h"
#include "image_file.h"
#include "ledger.h"
#include "list.h"
#include "machine.h"
#include "mapping.h"
#include "options.h"
#include "plan_print.h"
#include "report.h"
#include "resume.h"
#include "run.h"
#include "selftest.h"
#include "verdicts.h"
#include "waivers.h"

enum { EXIT_CONFORMANT = 0, EXIT_USAGE = 2, EXIT_INCOMPLETE = 3, ERROR_TEXT = 600 };

static const char usage[] =
        "usage: vmspec run     [--machine ID]... [--profile P] [--overlay O]... [--case GLOB]... [--jobs N] [--out "
        "DIR]\n"
        "                      [--format F] [--waivers FILE] [--plan]\n"
        "       vmspec run     --resume DIR [--profile P] [--overlay O]... [--jobs N] [--format F] [--waivers FILE]\n"
        "       vmspec image   FILE... [--profile P] [--overlay O]... [--case GLOB]... [--block-size 512|4096]\n"
        "                      [--boot [--marker TEXT] [--deadline SECONDS] [--machine ID] [--jobs N] [--out DIR]]\n"
        "                      [--format F] [--waivers FILE]\n"
        "       vmspec firmware FILE... [--overlay x86-pvh] [--format text|json]\n"
        "       vmspec selftest [--defect GLOB]... [--jobs N] [--format tap|json] [--out DIR]\n"
        "       vmspec replay  DIR [--profile P] [--overlay O]... [--format F] [--waivers FILE]\n"
        "       vmspec report  DIR --format F [-o FILE] [--profile P] [--overlay O]... [--waivers FILE]\n"
        "       vmspec list    clauses|cases|machines|profiles|defects [--format text|json]\n"
        "       vmspec mapping\n"
        "       vmspec doctor\n"
        "P: draft2014 (default), vmspec-1.0, vmspec-2.0. F: tap (default), junit, json, html, text.\n"
        "Exit status: 0 conformant, 1 not conformant, 2 usage error, 3 incomplete or error.\n";

static int fail_usage(const char *format, const char *what)
{
        fputs("vmspec: ", stderr);
        fprintf(stderr, format, what);
        fputs("\n", stderr);
        return EXIT_USAGE;
}

static int fail(const char *error)
{
        fprintf(stderr, "vmspec: %s\n", error);
        return EXIT_INCOMPLETE;
}

/* Sub-commands ----------------------------------------------------------------------------------------------------- */

static int report_print(const struct ledger *ledger, enum format format, const char *path)
{
        FILE *to = path ? fopen(path, "we") : stdout;
        int result = to ? report_write(ledger, format, to) : -errno;

        if (to && path && fclose(to))
                result = -errno;
        if (to && !path && fflush(to))
                result = -errno;
        if (result) {
                fprintf(stderr, "vmspec: %s: the report cannot be written: %s\n", path ? path : "standard output",
                        strerror(-result));
                return EXIT_INCOMPLETE;
        }
        return ledger_exit_status(ledger);
}

/* What the options say of the judging; the waivers are read before anything is started. */
static bool ledger_begin(const struct options *options, struct ledger *ret)
{
        char error[ERROR_TEXT] = "";

        *ret = (struct ledger){.profile = options->profile, .overlays = options->overlays};
        if (!options->waivers || waivers_read(options->waivers, ret, error, sizeof(error)) == 0)
                return true;
        fprintf(stderr, "vmspec: %s\n", error);
        ledger_free(ret);
        return false;
}

/* Holds the verdicts against baselines and waivers, and prints. */
static int ledger_print(const struct options *options, struct ledger *ledger, enum format format)
{
        char error[ERROR_TEXT] = "", day[11] = "";
        time_t now = time(NULL);
        int result = baselines_read(options->data, ledger, error, sizeof(error)), status;

        if (result)
                (void)fail(error);
        strftime(day, sizeof(day), "%Y-%m-%d", gmtime(&now));
        waivers_apply(ledger, day);
        waivers_complain(ledger, options->waivers, stderr);
        status = report_print(ledger, format, options->file);
        return result && status == EXIT_CONFORMANT ? EXIT_INCOMPLETE : status;
}

/* Judges the folder and prints; a torn journal is judged as far as it goes, and said unless told why it is torn. */
static int folder_report(const struct options *options, struct ledger *ledger, const char *folder, enum format format,
                         bool told)
{
        char error[ERROR_TEXT] = "";
        int result = verdicts_read(folder, ledger, error, sizeof(error));
        int status = EXIT_INCOMPLETE;

        if (result && !(told && result == -EBADMSG))
                (void)fail(error);
        if (!result || (result == -EBADMSG && ledger->subjects))
                status = ledger_print(options, ledger, format);
        return result && status == EXIT_CONFORMANT ? EXIT_INCOMPLETE : status;
}

static int machines_load(const struct options *options, struct machines *ret)
{
        char folder[PATH_MAX + 16], error[ERROR_TEXT];

        snprintf(folder, sizeof(folder), "%s/machines", options->data);
        if (machines_read(folder, ret, error, sizeof(error)) == 0)
                return 0;
        fprintf(stderr, "vmspec: %s\n", error);
        return EXIT_USAGE;
}

static int machines_select(const struct options *options, const struct machines *machines,
                           const struct machine *ret[OPTION_LIST_MAX + 1])
{
        size_t count = 0;

        for (size_t i = 0; !options->machines && i < machines->count && count < OPTION_LIST_MAX; i++)
                if (strcmp(machines->machine[i].hypervisor, "xen") != 0) /* those are run where they are named */
                        ret[count++] = &machines->machine[i];
        for (size_t i = 0; i < options->machines; i++) {
                ret[count] = machines_find(machines, options->machine[i]);
                if (!ret[count++])
                        return fail_usage("no machine '%.80s': see vmspec list machines", options->machine[i]);
        }
        ret[count] = NULL;
        return count ? 0 : fail_usage("no machine file was found in %s/machines", options->data);
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
                (void)fail(error);
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
                return fail(error);
        for (size_t i = 0; i < resumed.machines && !status; i++) {
                chosen[i] = machines_find(machines, resumed.machine[i].id);
                if (!chosen[i] || machine_digest(chosen[i]) != resumed.machine[i].declaration)
                        status = fail_usage("--resume: machine '%.80s' is not declared as it was when the run began",
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
        bool json = options->format && strcmp(options->format, "json") == 0;

        if (options->format && !json && strcmp(options->format, "text") != 0)
                return fail_usage("run --plan knows the formats text and json, not '%.60s'", options->format);
        return plan_print(chosen, selected, json, stdout) ? EXIT_INCOMPLETE : 0;
}

static int command_run(int argc, char **argv)
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
                return fail_usage("run takes no '%.80s'", argv[optind]);
        if (options.resume && (options.machines || options.globs || options.out || options.plan))
                return fail_usage("--resume %.80s: machines, cases and folder are those of the run", options.resume);
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
                status = fail_usage("%s: the name is too long", "--out");
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

/* The cases that an image is judged by: with its boots, or by its bytes alone. False where there is none. */
static bool image_cases_select(const struct options *options, bool selected[CASE_COUNT])
{
        bool any = false;

        for (int id = 0; id < CASE_COUNT; id++) {
                bool by_bytes = !(cases[id].halves & HALF_H);

                selected[id] &= cases[id].stage == STAGE_STATIC ||
                                (cases[id].stage == STAGE_IMAGE && (options->boot || by_bytes));
                any |= selected[id];
        }
        return any;
}

/* Boots, judges what was heard, and prints. */
static int boot_and_report(const struct options *options, const struct image_boot_options *boot, struct ledger *ledger,
                           enum format format)
{
        char error[ERROR_TEXT];
        bool begun = false;
        int result = image_boot(boot, &begun, error, sizeof(error)), status;

        if (result)
                (void)fail(error);
        if (!begun)
                return EXIT_INCOMPLETE;
        status = folder_report(options, ledger, boot->folder, format, result);
        fprintf(stderr, "vmspec: the run is kept in %s\n", boot->folder);
        return result && status == EXIT_CONFORMANT ? EXIT_INCOMPLETE : status;
}

/* The plain VM is made from the machine that was named, or from the first of the stock ones. */
static int command_image_boot(const struct options *options, char **image, size_t images, const bool *selected,
                              struct ledger *ledger, enum format format)
{
        const char *id = options->machines ? options->machine[0] : "aarch64-aavmf-acpi";
        struct image_boot_options boot = {.image = image,
                                          .images = images,
                                          .block_size = options->block_size,
                                          .selected = selected,
                                          .marker = options->marker,
                                          .deadline = options->deadline,
                                          .jobs = options->jobs};
        char folder[PATH_MAX];
        struct machines machines;
        int status = machines_load(options, &machines);

        if (status)
                return status;
        boot.machine = machines_find(&machines, id);
        boot.folder = folder;
        if (!boot.machine || strcmp(boot.machine->arch, "aarch64") != 0)
                status = fail_usage("--machine %.80s: expected an aarch64 machine, see vmspec list machines", id);
        else if (!options_folder(options, folder))
                status = fail_usage("%s: the name is too long", "--out");
        else
                status = boot_and_report(options, &boot, ledger, format);
        machines_free(&machines);
        return status;
}

/* A file that cannot be judged says why, and makes the whole incomplete; the others are judged all the same. */
static int command_image(int argc, char **argv)
{
        struct options options;
        struct ledger ledger;
        struct clones clones;
        bool selected[CASE_COUNT], refused = false;
        enum format format;
        int status = EXIT_INCOMPLETE;

        if (!options_read(argc, argv, "plcfbwBktmjd", &options) || !options_format(&options, &format) ||
            !options_cases(&options, selected))
                return EXIT_USAGE;
        if (optind == argc)
                return fail_usage("%s takes one or more disk images", argv[0]);
        if (!image_cases_select(&options, selected))
                return fail_usage("--case names no case that is judged over a disk image%s", "");
        if (!ledger_begin(&options, &ledger))
                return EXIT_USAGE;
        if (options.boot) {
                status =
                        command_image_boot(&options, argv + optind, (size_t)(argc - optind), selected, &ledger, format);
                ledger_free(&ledger);
                return status;
        }
        image_clones_read(&clones, argv + optind, (size_t)(argc - optind), options.block_size);
        for (int i = optind; i < argc; i++) {
                char error[ERROR_TEXT];

                clones.own = (size_t)(i - optind);
                if (image_judge_among(&ledger, argv[i], options.block_size, &clones, selected, error, sizeof(error)) ==
                    0)
                        continue;
                refused = true;
                (void)fail(error);
        }
        image_clones_free(&clones);
        if (ledger.subjects)
                status = ledger_print(&options, &ledger, format);
        ledger_free(&ledger);
        return refused && status == EXIT_CONFORMANT ? EXIT_INCOMPLETE : status;
}

static int command_firmware(int argc, char **argv)
{
        struct options options;
        bool json;

        if (!options_read(argc, argv, "lf", &options))
                return EXIT_USAGE;
        json = options.format && strcmp(options.format, "json") == 0;
        if (options.format && !json && strcmp(options.format, "text") != 0)
                return fail_usage("firmware knows the formats text and json, not '%.60s'", options.format);
        if (optind == argc)
                return fail_usage("%s takes one or more files of firmware or variables", argv[0]);
        return firmware_files_print(argv + optind, (size_t)(argc - optind), options.overlays & 1u << OVERLAY_X86_PVH,
                                    json, stdout);
}

static int command_folder(int argc, char **argv, bool needs_format)
{
        struct options options;
        struct ledger ledger;
        enum format format;
        int status;

        if (!options_read(argc, argv, needs_format ? "plfow" : "plfw", &options) || !options_format(&options, &format))
                return EXIT_USAGE;
        if (optind != argc - 1)
                return fail_usage("%s takes one folder of a run", argv[0]);
        if (needs_format && !options.format)
                return fail_usage("%s needs --format", argv[0]);
        if (!ledger_begin(&options, &ledger))
                return EXIT_USAGE;
        status = folder_report(&options, &ledger, argv[optind], format, false);
        ledger_free(&ledger);
        return status;
}

static int command_selftest(int argc, char **argv)
{
        struct options options;
        struct machines machines;
        bool json;
        int status;

        if (!options_read(argc, argv, "xjfd", &options))
                return EXIT_USAGE;
        if (optind < argc)
                return fail_usage("selftest takes no '%.80s'", argv[optind]);
        json = options.format && strcmp(options.format, "json") == 0;
        if (options.format && !json && strcmp(options.format, "tap") != 0)
                return fail_usage("selftest knows the formats tap and json, not '%.60s'", options.format);
        status = machines_load(&options, &machines);
        if (status)
                return status;
        status = selftest_command(
                &(struct selftest_request){options.data, options.glob, options.globs, options.out, options.jobs, json},
                &machines);
        machines_free(&machines);
        return status;
}

static int command_list(int argc, char **argv)
{
        struct options options;
        struct machines machines;
        bool json;
        int status;

        if (!options_read(argc, argv, "f", &options))
                return EXIT_USAGE;
        json = options.format && strcmp(options.format, "json") == 0;
        if (options.format && !json && strcmp(options.format, "text") != 0)
                return fail_usage("list knows the formats text and json, not '%.60s'", options.format);
        if (optind != argc - 1)
                return fail_usage("%s takes one of clauses, cases, machines, profiles, defects", argv[0]);
        if (strcmp(argv[optind], "defects") == 0)
                return selftest_list_command(options.data, json);
        if (strcmp(argv[optind], "machines") != 0) {
                if (list_write(argv[optind], json, stdout) == 0)
                        return 0;
                return fail_usage("list knows no '%.60s'", argv[optind]);
        }
        status = machines_load(&options, &machines);
        if (status)
                return status;
        status = list_machines(&machines, json, stdout) ? EXIT_INCOMPLETE : 0;
        machines_free(&machines);
        return status;
}

int main(int argc, char **argv)
{
        const char *command = argc > 1 ? argv[1] : "";
        struct options options;

        signal(SIGPIPE, SIG_IGN); /* a VMM that is gone is an answer of write(2) */
        signal(SIGXFSZ, SIG_IGN); /* and so is a limit on what a file may hold */
        if (strcmp(command, "run") == 0)
                return command_run(argc - 1, argv + 1);
        if (strcmp(command, "image") == 0)
                return command_image(argc - 1, argv + 1);
        if (strcmp(command, "firmware") == 0)
                return command_firmware(argc - 1, argv + 1);
        if (strcmp(command, "selftest") == 0)
                return command_selftest(argc - 1, argv + 1);
        if (strcmp(command, "replay") == 0)
                return command_folder(argc - 1, argv + 1, false);
        if (strcmp(command, "report") == 0)
                return command_folder(argc - 1, argv + 1, true);
        if (strcmp(command, "list") == 0)
                return command_list(argc - 1, argv + 1);
        if (strcmp(command, "mapping") == 0)
                return argc == 2 ? mapping_write(stdout) ? EXIT_INCOMPLETE : 0 : EXIT_USAGE;
        if (strcmp(command, "doctor") == 0)
                return options_read(1, argv, "", &options) ? doctor_write(options.data, stdout) : EXIT_USAGE;
        if (strcmp(command, "--version") == 0) {
                puts("vmspec " VMSPEC_VERSION);
                return 0;
        }
        fputs(usage, strcmp(command, "--help") == 0 ? stdout : stderr);
        return strcmp(command, "--help") == 0 ? 0 : EXIT_USAGE;
}
