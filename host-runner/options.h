/* SPDX-License-Identifier: BSD-2-Clause */
/* What a sub-command was told, with every value that stands for something else already looked up. */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "case.h"
#include "report.h"

enum { OPTION_LIST_MAX = 64 };

struct options {
        const char *machine[OPTION_LIST_MAX];
        size_t machines;
        const char *glob[OPTION_LIST_MAX];
        size_t globs;
        enum profile profile;
        unsigned overlays;
        unsigned jobs;
        unsigned block_size; /* that a disk image is presented in */
        bool boot;           /* disk images are started, too */
        const char *marker;  /* what a guest prints when it is up */
        unsigned deadline;   /* seconds that it may take */
        const char *out;
        const char *resume; /* the folder of the run to go on with; NULL: a new run */
        const char *file;
        const char *waivers; /* NULL: none */
        bool plan;           /* print the boots, make none */
        const char *format;  /* NULL: not given */
        char data[PATH_MAX]; /* the folder of the built-in machines, defects and the suite's disk */
};

/*
 * Reads the options whose letters taken names; what is left is in argv from optind. False where one sentence on
 * standard error says what was wrong; the same holds for the others here.
 */
bool options_read(int argc, char **argv, const char *taken, struct options *options);
/* The cases that the globs name, by id or by clause; all where there is none. False where a glob names nothing. */
bool options_cases(const struct options *options, bool selected[CASE_COUNT]);
bool options_format(const struct options *options, enum format *ret);
/* For a command that knows two formats: json, and a plain one that it has where none is named. */
bool options_json(const struct options *options, const char *command, const char *plain, bool *ret);
/* The folder that a run is kept in, as told or below the state folder; false where its name is too long. */
bool options_folder(const struct options *options, char to[PATH_MAX]);
