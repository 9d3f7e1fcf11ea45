/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line: a contract that scripts rely on. */
#include <errno.h>
#include <fnmatch.h>
#include <getopt.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "case.h"
#include "doctor.h"
#include "image_file.h"
#include "ledger.h"
#include "list.h"
#include "machine.h"
#include "mapping.h"
#include "report.h"
#include "run.h"
#include "selftest.h"
#include "verdicts.h"

enum { EXIT_CONFORMANT = 0, EXIT_USAGE = 2, EXIT_INCOMPLETE = 3, LIST_MAX = 64, ERROR_TEXT = 600 };

static const char usage[] =
        "usage: vmspec run     [--machine ID]... [--profile P] [--overlay O]... [--case GLOB]... [--jobs N] [--out "
        "DIR]\n"
        "                      [--format F]\n"
        "       vmspec image   FILE... [--profile P] [--overlay O]... [--case GLOB]... [--block-size 512|4096]\n"
        "                      [--format F]\n"
        "       vmspec selftest [--defect GLOB]... [--jobs N] [--format tap|json] [--out DIR]\n"
        "       vmspec replay  DIR [--profile P] [--overlay O]... [--format F]\n"
        "       vmspec report  DIR --format F [-o FILE] [--profile P] [--overlay O]...\n"
        "       vmspec list    clauses|cases|machines|profiles|defects [--format text|json]\n"
        "       vmspec mapping\n"
        "       vmspec doctor\n"
        "P: draft2014 (default), vmspec-1.0, vmspec-2.0. F: tap (default), junit, json, html, text.\n"
        "Exit status: 0 conformant, 1 not conformant, 2 usage error, 3 incomplete or error.\n";

struct options {
        const char *machine[LIST_MAX];
        size_t machines;
        const char *glob[LIST_MAX];
        size_t globs;
        enum profile profile;
        unsigned overlays;
        unsigned jobs;
        unsigned block_size; /* that a disk image is presented in */
        const char *out;
        const char *file;
        const char *format;  /* NULL: not given */
        char data[PATH_MAX]; /* the folder of the built-in machines, defects and the suite's disk */
};

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

/* Options ---------------------------------------------------------------------------------------------------------- */

static bool profile_set(struct options *options, const char *name)
{
        for (int profile = 0; profile < PROFILE_COUNT; profile++)
                if (strcmp(profile_name(profile), name) == 0) {
                        options->profile = profile;
                        return true;
                }
        fprintf(stderr, "vmspec: unknown profile '%.60s': expected draft2014, vmspec-1.0 or vmspec-2.0\n", name);
        return false;
}

static bool overlay_set(struct options *options, const char *name)
{
        for (int overlay = OVERLAY_CORE + 1; overlay < OVERLAY_COUNT; overlay++)
                if (strcmp(overlay_name(overlay), name) == 0) {
                        options->overlays |= 1u << overlay;
                        return true;
                }
        fprintf(stderr, "vmspec: unknown overlay '%.60s'\n", name);
        return false;
}

static bool jobs_set(struct options *options, const char *text)
{
        char *end;
        unsigned long jobs = strtoul(text, &end, 10);

        if (*text < '1' || *text > '9' || *end || jobs > 16) {
                fprintf(stderr, "vmspec: --jobs %.20s: expected 1 to 16\n", text);
                return false;
        }
        options->jobs = (unsigned)jobs;
        return true;
}

static bool block_size_set(struct options *options, const char *text)
{
        options->block_size = strcmp(text, "4096") == 0 ? 4096 : 512;
        if (options->block_size == 4096 || strcmp(text, "512") == 0)
                return true;
        fprintf(stderr, "vmspec: --block-size %.20s: expected 512 or 4096\n", text);
        return false;
}

static bool list_add(const char *list[LIST_MAX], size_t *count, const char *text)
{
        if (*count == LIST_MAX) {
                fprintf(stderr, "vmspec: too many values: expected at most %d\n", LIST_MAX);
                return false;
        }
        list[(*count)++] = text;
        return true;
}

static bool option_take(struct options *options, int option, const char *value)
{
        switch (option) {
        case 'm':
                return list_add(options->machine, &options->machines, value);
        case 'x': /* both are globs: --defect names defects */
        case 'c':
                return list_add(options->glob, &options->globs, value);
        case 'p':
                return profile_set(options, value);
        case 'l':
                return overlay_set(options, value);
        case 'b':
                return block_size_set(options, value);
        case 'j':
                return jobs_set(options, value);
        case 'f':
                options->format = value;
                return true;
        case 'd':
                options->out = value;
                return true;
        case 'o':
                options->file = value;
                return true;
        default:
                return false; /* getopt has said why */
        }
}

/* Reads the options that the sub-command takes; what is left is in argv from optind. */
static bool options_read(int argc, char **argv, const char *taken, struct options *options)
{
        static const struct option all[] = {
                {"machine", required_argument, NULL, 'm'},    {"case", required_argument, NULL, 'c'},
                {"defect", required_argument, NULL, 'x'},     {"profile", required_argument, NULL, 'p'},
                {"overlay", required_argument, NULL, 'l'},    {"jobs", required_argument, NULL, 'j'},
                {"format", required_argument, NULL, 'f'},     {"out", required_argument, NULL, 'd'},
                {"block-size", required_argument, NULL, 'b'}, {NULL, 0, NULL, 0},
        };
        const char *slash;
        ssize_t length;
        int option;

        *options = (struct options){.jobs = 2, .block_size = IMAGE_BLOCK_SIZE};
        while ((option = getopt_long(argc, argv, "o:", all, NULL)) != -1) {
                if (option != '?' && !strchr(taken, option)) {
                        fprintf(stderr, "vmspec: %s takes no such option: '%s'\n", argv[0], argv[optind - 1]);
                        return false;
                }
                if (!option_take(options, option, optarg))
                        return false;
        }
        length = readlink("/proc/self/exe", options->data, sizeof(options->data) - 1);
        options->data[length > 0 ? length : 0] = 0;
        slash = strrchr(options->data, '/');
        options->data[slash ? slash - options->data : 0] = 0;
        return true;
}

/* The cases that the globs name, by id or by clause; all where there is none. False where a glob names nothing. */
static bool cases_select(const struct options *options, bool selected[CASE_COUNT])
{
        for (int id = 0; id < CASE_COUNT; id++)
                selected[id] = options->globs == 0;
        for (size_t g = 0; g < options->globs; g++) {
                bool any = false;

                for (int id = 0; id < CASE_COUNT; id++)
                        if (fnmatch(options->glob[g], cases[id].name, 0) == 0 ||
                            fnmatch(options->glob[g], clause_print_name(cases[id].clause).text, 0) == 0)
                                selected[id] = any = true;
                if (!any) {
                        fprintf(stderr, "vmspec: --case %.60s: no case has such an id or clause\n", options->glob[g]);
                        return false;
                }
        }
        return true;
}

static bool format_read(const struct options *options, enum format *ret)
{
        *ret = options->format ? format_find(options->format) : FORMAT_TAP;
        if (*ret != FORMAT_COUNT)
                return true;
        fprintf(stderr, "vmspec: unknown format '%.60s': expected tap, junit, json, html or text\n", options->format);
        return false;
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

/* Judges the folder and prints; a torn journal is judged as far as it goes, and said unless told why it is torn. */
static int folder_report(const struct options *options, const char *folder, enum format format, bool told)
{
        struct ledger ledger = {.profile = options->profile, .overlays = options->overlays};
        char error[ERROR_TEXT] = "";
        int result = verdicts_read(folder, &ledger, error, sizeof(error));
        int status = EXIT_INCOMPLETE;

        if (result && !(told && result == -EBADMSG))
                (void)fail(error);
        if (!result || (result == -EBADMSG && ledger.subjects))
                status = report_print(&ledger, format, options->file);
        ledger_free(&ledger);
        return result && status == EXIT_CONFORMANT ? EXIT_INCOMPLETE : status;
}

static bool folder_name(const struct options *options, char to[PATH_MAX])
{
        const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
        unsigned short salt = 0;
        char when[32];
        time_t now = time(NULL);

        if (options->out)
                return snprintf(to, PATH_MAX, "%s", options->out) < PATH_MAX;
        (void)!getrandom(&salt, sizeof(salt), 0);
        strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", gmtime(&now));
        if (state && *state)
                return snprintf(to, PATH_MAX, "%s/vmspec/runs/%s-%04x", state, when, salt) < PATH_MAX;
        return snprintf(to, PATH_MAX, "%s/.local/state/vmspec/runs/%s-%04x", home ? home : "", when, salt) < PATH_MAX;
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
                           const struct machine *ret[LIST_MAX + 1])
{
        size_t count = 0;

        for (size_t i = 0; !options->machines && i < machines->count && count < LIST_MAX; i++)
                ret[count++] = &machines->machine[i];
        for (size_t i = 0; i < options->machines; i++) {
                ret[count] = machines_find(machines, options->machine[i]);
                if (!ret[count++])
                        return fail_usage("no machine '%.80s': see vmspec list machines", options->machine[i]);
        }
        ret[count] = NULL;
        return count ? 0 : fail_usage("no machine file was found in %s/machines", options->data);
}

static int command_run(int argc, char **argv)
{
        const struct machine *chosen[LIST_MAX + 1];
        struct options options;
        bool selected[CASE_COUNT];
        struct machines machines;
        struct run_figures figures;
        char folder[PATH_MAX], error[ERROR_TEXT];
        enum format format;
        int status;

        if (!options_read(argc, argv, "mcpljfd", &options) || !format_read(&options, &format) ||
            !cases_select(&options, selected))
                return EXIT_USAGE;
        if (optind < argc)
                return fail_usage("run takes no '%.80s'", argv[optind]);
        status = machines_load(&options, &machines);
        if (status)
                return status;
        status = machines_select(&options, &machines, chosen);
        if (!status && !folder_name(&options, folder))
                status = fail_usage("%s: the name is too long", "--out");
        if (!status) {
                struct run_options run = {.machine = chosen,
                                          .selected = selected,
                                          .jobs = options.jobs,
                                          .folder = folder,
                                          .known = &machines,
                                          .data = options.data};
                int result;

                result = run_machines(&run, &figures, error, sizeof(error));
                if (result)
                        (void)fail(error);
                status = figures.begun ? folder_report(&options, folder, format, result) : EXIT_INCOMPLETE;
                if (result && status == EXIT_CONFORMANT)
                        status = EXIT_INCOMPLETE;
                if (figures.begun)
                        fprintf(stderr, "vmspec: the run is kept in %s\n", folder);
        }
        machines_free(&machines);
        return status;
}

/* A file that cannot be judged says why, and makes the whole incomplete; the others are judged all the same. */
static int command_image(int argc, char **argv)
{
        struct options options;
        struct ledger ledger;
        bool selected[CASE_COUNT], any = false, refused = false;
        enum format format;
        int status = EXIT_INCOMPLETE;

        if (!options_read(argc, argv, "plcfb", &options) || !format_read(&options, &format) ||
            !cases_select(&options, selected))
                return EXIT_USAGE;
        if (optind == argc)
                return fail_usage("%s takes one or more disk images", argv[0]);
        for (int id = 0; id < CASE_COUNT; id++) {
                selected[id] &= cases[id].stage == STAGE_STATIC;
                any |= selected[id];
        }
        if (!any)
                return fail_usage("--case names no case that is judged over a disk image%s", "");
        ledger = (struct ledger){.profile = options.profile, .overlays = options.overlays};
        for (int i = optind; i < argc; i++) {
                char error[ERROR_TEXT];

                if (image_judge(&ledger, argv[i], options.block_size, selected, error, sizeof(error)) == 0)
                        continue;
                refused = true;
                (void)fail(error);
        }
        if (ledger.subjects)
                status = report_print(&ledger, format, NULL);
        ledger_free(&ledger);
        return refused && status == EXIT_CONFORMANT ? EXIT_INCOMPLETE : status;
}

static int command_folder(int argc, char **argv, bool needs_format)
{
        struct options options;
        enum format format;

        if (!options_read(argc, argv, needs_format ? "plfo" : "plf", &options) || !format_read(&options, &format))
                return EXIT_USAGE;
        if (optind != argc - 1)
                return fail_usage("%s takes one folder of a run", argv[0]);
        if (needs_format && !options.format)
                return fail_usage("%s needs --format", argv[0]);
        return folder_report(&options, argv[optind], format, false);
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
