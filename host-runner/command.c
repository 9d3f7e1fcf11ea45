/* SPDX-License-Identifier: BSD-2-Clause */
#include "command.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "baseline.h"
#include "verdicts.h"
#include "waivers.h"

int command_misused(const char *format, const char *what)
{
        fputs("vmspec: ", stderr);
        fprintf(stderr, format, what);
        fputs("\n", stderr);
        return EXIT_USAGE;
}

int command_failed(const char *error)
{
        fprintf(stderr, "vmspec: %s\n", error);
        return EXIT_INCOMPLETE;
}

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

bool ledger_begin(const struct options *options, struct ledger *ret)
{
        char error[ERROR_TEXT] = "";

        *ret = (struct ledger){.profile = options->profile, .overlays = options->overlays};
        if (!options->waivers || waivers_read(options->waivers, ret, error, sizeof(error)) == 0)
                return true;
        fprintf(stderr, "vmspec: %s\n", error);
        ledger_free(ret);
        return false;
}

int ledger_print(const struct options *options, struct ledger *ledger, enum format format)
{
        char error[ERROR_TEXT] = "", day[11] = "";
        time_t now = time(NULL);
        int result = baselines_read(options->data, ledger, error, sizeof(error)), status;

        if (result)
                (void)command_failed(error);
        strftime(day, sizeof(day), "%Y-%m-%d", gmtime(&now));
        waivers_apply(ledger, day);
        waivers_complain(ledger, options->waivers, stderr);
        status = report_print(ledger, format, options->file);
        return result && status == EXIT_CONFORMANT ? EXIT_INCOMPLETE : status;
}

int folder_report(const struct options *options, struct ledger *ledger, const char *folder, enum format format,
                  bool told)
{
        char error[ERROR_TEXT] = "";
        int result = verdicts_read(folder, ledger, error, sizeof(error));
        int status = EXIT_INCOMPLETE;

        if (result && !(told && result == -EBADMSG))
                (void)command_failed(error);
        if (!result || (result == -EBADMSG && ledger->subjects))
                status = ledger_print(options, ledger, format);
        return result && status == EXIT_CONFORMANT ? EXIT_INCOMPLETE : status;
}

int machines_load(const struct options *options, struct machines *ret)
{
        char folder[PATH_MAX + 16], error[ERROR_TEXT];

        snprintf(folder, sizeof(folder), "%s/machines", options->data);
        if (machines_read(folder, ret, error, sizeof(error)) == 0)
                return 0;
        fprintf(stderr, "vmspec: %s\n", error);
        return EXIT_USAGE;
}
