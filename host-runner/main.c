/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line: a contract that scripts rely on. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "doctor.h"
#include "firmware_file.h"
#include "list.h"
#include "mapping.h"
#include "selftest.h"

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

static int command_firmware(int argc, char **argv)
{
        struct options options;
        bool json;

        if (!options_read(argc, argv, "lf", &options))
                return EXIT_USAGE;
        if (!options_json(&options, argv[0], "text", &json))
                return EXIT_USAGE;
        if (optind == argc)
                return command_misused("%s takes one or more files of firmware or variables", argv[0]);
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
                return command_misused("%s takes one folder of a run", argv[0]);
        if (needs_format && !options.format)
                return command_misused("%s needs --format", argv[0]);
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
                return command_misused("selftest takes no '%.80s'", argv[optind]);
        if (!options_json(&options, argv[0], "tap", &json))
                return EXIT_USAGE;
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
        if (!options_json(&options, argv[0], "text", &json))
                return EXIT_USAGE;
        if (optind != argc - 1)
                return command_misused("%s takes one of clauses, cases, machines, profiles, defects", argv[0]);
        if (strcmp(argv[optind], "defects") == 0)
                return selftest_list_command(options.data, json);
        if (strcmp(argv[optind], "machines") != 0) {
                if (list_write(argv[optind], json, stdout) == 0)
                        return 0;
                return command_misused("list knows no '%.60s'", argv[optind]);
        }
        status = machines_load(&options, &machines);
        if (status)
                return status;
        status = list_machines(&machines, json, stdout) ? EXIT_INCOMPLETE : 0;
        machines_free(&machines);
        return status;
}

static int command_replay(int argc, char **argv)
{
        return command_folder(argc, argv, false);
}

static int command_report(int argc, char **argv)
{
        return command_folder(argc, argv, true);
}

static int command_mapping(int argc, char **argv)
{
        if (argc > 1)
                return command_misused("mapping takes no '%.80s'", argv[1]);
        return mapping_write(stdout) ? EXIT_INCOMPLETE : 0;
}

static int command_doctor(int argc, char **argv)
{
        struct options options;

        if (argc > 1)
                return command_misused("doctor takes no '%.80s'", argv[1]);
        return options_read(argc, argv, "", &options) ? doctor_write(options.data, stdout) : EXIT_USAGE;
}

static const struct {
        const char *name;
        int (*run)(int argc, char **argv); /* argv[0] is the name */
} commands[] = {
        {"run", command_run},           {"image", command_image},     {"firmware", command_firmware},
        {"selftest", command_selftest}, {"replay", command_replay},   {"report", command_report},
        {"list", command_list},         {"mapping", command_mapping}, {"doctor", command_doctor},
};

static bool is_help(const char *word)
{
        return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

int main(int argc, char **argv)
{
        const char *command = argc > 1 ? argv[1] : "";

        signal(SIGPIPE, SIG_IGN); /* a VMM that is gone is an answer of write(2) */
        signal(SIGXFSZ, SIG_IGN); /* and so is a limit on what a file may hold */
        if (is_help(command)) {
                fputs(usage, stdout);
                return 0;
        }
        if (strcmp(command, "--version") == 0) {
                puts("vmspec " VMSPEC_VERSION);
                return 0;
        }
        for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
                if (strcmp(command, commands[i].name) != 0)
                        continue;
                if (argc == 2 || !is_help(argv[2]))
                        return commands[i].run(argc - 1, argv + 1);
                fputs(usage, stdout);
                return 0;
        }
        if (argc > 1)
                return command_misused("there is no command '%.80s': vmspec --help lists them", command);
        fputs(usage, stderr);
        return EXIT_USAGE;
}
