/* SPDX-License-Identifier: BSD-2-Clause */
/* What the commands of the command line share. Each returns an exit status of the contract. */
#pragma once

#include <stdbool.h>

#include "ledger.h"
#include "machine.h"
#include "options.h"
#include "report.h"

enum { EXIT_CONFORMANT = 0, EXIT_USAGE = 2, EXIT_INCOMPLETE = 3, ERROR_TEXT = 600 };

/* One sentence on stderr; format has one %s. EXIT_USAGE. */
int command_misused(const char *format, const char *what);
/* One sentence on stderr. EXIT_INCOMPLETE. */
int command_failed(const char *error);
/* What the options say of the judging; the waivers are read before anything is started. False, and said, where they
 * cannot be. */
bool ledger_begin(const struct options *options, struct ledger *ret);
/* Holds the verdicts against baselines and waivers, and prints. */
int ledger_print(const struct options *options, struct ledger *ledger, enum format format);
/* Judges the folder and prints; a torn journal is judged as far as it goes, and said unless told why it is torn. */
int folder_report(const struct options *options, struct ledger *ledger, const char *folder, enum format format,
                  bool told);
/* 0, and the caller frees them; or EXIT_USAGE. */
int machines_load(const struct options *options, struct machines *ret);

/* run_command.c, image_command.c: argv[0] is the command's name. */
int command_run(int argc, char **argv);
int command_image(int argc, char **argv);
