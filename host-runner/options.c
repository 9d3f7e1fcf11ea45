/* SPDX-License-Identifier: BSD-2-Clause */
/* What is not understood is refused with what was found and what was expected, before anything is started. */
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "case_names.h"
#include "image_file.h"
#include "program.h"

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
        fprintf(stderr, "vmspec: unknown overlay '%.60s': see vmspec list profiles\n", name);
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

static bool marker_set(struct options *options, const char *text)
{
        size_t length = strlen(text);

        options->marker = text;
        for (const char *at = text; *at; at++)
                if ((unsigned char)*at < 0x20 || (unsigned char)*at >= 0x7f)
                        length = 0;
        if (length >= 4 && length < 100)
                return true;
        fprintf(stderr, "vmspec: --marker: expected 4 to 99 printable ASCII characters\n");
        return false;
}

static bool deadline_set(struct options *options, const char *text)
{
        char *end;
        unsigned long seconds = strtoul(text, &end, 10);

        options->deadline = (unsigned)seconds;
        if (*text >= '1' && *text <= '9' && !*end && seconds <= 3600)
                return true;
        fprintf(stderr, "vmspec: --deadline %.20s: expected 1 to 3600 seconds\n", text);
        return false;
}

static bool list_add(const char *list[OPTION_LIST_MAX], size_t *count, const char *text)
{
        if (*count == OPTION_LIST_MAX) {
                fprintf(stderr, "vmspec: too many values: expected at most %d\n", OPTION_LIST_MAX);
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
        case 'B':
                options->boot = true;
                return true;
        case 'k':
                return marker_set(options, value);
        case 't':
                return deadline_set(options, value);
        case 'j':
                return jobs_set(options, value);
        case 'f':
                options->format = value;
                return true;
        case 'd':
                options->out = value;
                return true;
        case 'r':
                options->resume = value;
                return true;
        case 'w':
                options->waivers = value;
                return true;
        case 'o':
                options->file = value;
                return true;
        case 'n':
                options->plan = true;
                return true;
        default:
                return false; /* getopt has said why */
        }
}

bool options_read(int argc, char **argv, const char *taken, struct options *options)
{
        static const struct option all[] = {
                {"machine", required_argument, NULL, 'm'},
                {"case", required_argument, NULL, 'c'},
                {"defect", required_argument, NULL, 'x'},
                {"profile", required_argument, NULL, 'p'},
                {"overlay", required_argument, NULL, 'l'},
                {"jobs", required_argument, NULL, 'j'},
                {"format", required_argument, NULL, 'f'},
                {"out", required_argument, NULL, 'd'},
                {"block-size", required_argument, NULL, 'b'},
                {"waivers", required_argument, NULL, 'w'},
                {"resume", required_argument, NULL, 'r'},
                {"boot", no_argument, NULL, 'B'},
                {"marker", required_argument, NULL, 'k'},
                {"deadline", required_argument, NULL, 't'},
                {"plan", no_argument, NULL, 'n'},
                {NULL, 0, NULL, 0},
        };
        int option;

        *options = (struct options){.jobs = 2, .block_size = IMAGE_BLOCK_SIZE, .marker = "login: ", .deadline = 300};
        while ((option = getopt_long(argc, argv, "o:", all, NULL)) != -1) {
                if (option != '?' && !strchr(taken, option)) {
                        fprintf(stderr, "vmspec: %s takes no such option: '%s'\n", argv[0], argv[optind - 1]);
                        return false;
                }
                if (!option_take(options, option, optarg))
                        return false;
        }
        program_folder(options->data);
        return true;
}

bool options_cases(const struct options *options, bool selected[CASE_COUNT])
{
        for (int id = 0; id < CASE_COUNT; id++)
                selected[id] = options->globs == 0;
        for (size_t g = 0; g < options->globs; g++)
                if (!cases_set(options->glob[g], selected)) {
                        fprintf(stderr, "vmspec: --case %.60s: no case has such an id or clause\n", options->glob[g]);
                        return false;
                }
        return true;
}

bool options_format(const struct options *options, enum format *ret)
{
        *ret = options->format ? format_find(options->format) : FORMAT_TAP;
        if (*ret != FORMAT_COUNT)
                return true;
        fprintf(stderr, "vmspec: unknown format '%.60s': expected tap, junit, json, html or text\n", options->format);
        return false;
}

bool options_json(const struct options *options, const char *command, const char *plain, bool *ret)
{
        *ret = options->format && strcmp(options->format, "json") == 0;
        if (!options->format || *ret || strcmp(options->format, plain) == 0)
                return true;
        fprintf(stderr, "vmspec: %s knows the formats %s and json, not '%.60s'\n", command, plain, options->format);
        return false;
}

bool options_folder(const struct options *options, char to[PATH_MAX])
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
