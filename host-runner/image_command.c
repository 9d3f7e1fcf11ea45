/* SPDX-License-Identifier: BSD-2-Clause */
/* `vmspec image`. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "baseline.h"
#include "command.h"
#include "image_boot.h"
#include "image_file.h"

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
                (void)command_failed(error);
        if (!begun)
                return EXIT_INCOMPLETE;
        status = folder_report(options, ledger, boot->folder, format, result);
        fprintf(stderr, "vmspec: the run is kept in %s\n", boot->folder);
        return result && status == EXIT_CONFORMANT ? EXIT_INCOMPLETE : status;
}

/*
 * What a platform does to every guest is not held against this one: where a machine's baseline says that it keeps the
 * page of the event channels, no Linux comes up.
 */
static int xen_baseline_ask(const struct options *options, struct image_boot_options *boot)
{
        static char why[200];
        struct ledger ledger = {0};
        bool selected[CASE_COUNT] = {[CASE_xen_shared_page_is_free] = true};
        struct subject *subject = boot->xen ? ledger_add_subject(&ledger, boot->xen->id, false, selected) : NULL;
        char error[ERROR_TEXT] = "out of memory";
        int result = !boot->xen ? 0 : subject ? baselines_read(options->data, &ledger, error, sizeof(error)) : -ENOMEM;

        if (result)
                (void)command_failed(error);
        else if (subject && subject->row->expected.listed && subject->row->expected.verdict == VERDICT_FAIL) {
                snprintf(why, sizeof(why), "%.60s keeps the page that every guest needs: %s in its baseline",
                         boot->xen->id, cases[CASE_xen_shared_page_is_free].name);
                boot->no_xen = why;
                boot->xen = NULL;
        }
        ledger_free(&ledger);
        return result ? EXIT_INCOMPLETE : EXIT_CONFORMANT;
}

/* One aarch64 machine of QEMU's may be named for the plain VM, and one of Xen's beside it. False after it said why. */
static bool boot_machines(const struct options *options, const struct machines *machines,
                          struct image_boot_options *boot)
{
        static const char stock[] = "aarch64-aavmf-acpi";

        for (size_t i = 0; i < options->machines; i++) {
                const struct machine *machine = machines_find(machines, options->machine[i]);
                bool xen = machine && machine_is_on_xen(machine);
                const struct machine **place = xen ? &boot->xen : &boot->machine;

                if (!machine || strcmp(machine->arch, "aarch64") != 0 || *place) {
                        (void)command_misused("--machine %.80s: expected one aarch64 machine, and one of Xen's beside "
                                              "it, see vmspec list machines",
                                              options->machine[i]);
                        return false;
                }
                *place = machine;
        }
        if (!boot->machine)
                boot->machine = machines_find(machines, stock);
        if (!boot->machine)
                (void)command_misused("%s: there is no such machine", stock);
        return boot->machine != NULL;
}

/* The plain VM is made from the machine that was named, or from the first of the stock ones. */
static int command_image_boot(const struct options *options, char **image, size_t images, const bool *selected,
                              struct ledger *ledger, enum format format)
{
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
        boot.folder = folder;
        status = boot_machines(options, &machines, &boot) ? xen_baseline_ask(options, &boot) : EXIT_USAGE;
        if (status == EXIT_CONFORMANT && !options_folder(options, folder))
                status = command_misused("%s: the name is too long", "--out");
        else if (status == EXIT_CONFORMANT)
                status = boot_and_report(options, &boot, ledger, format);
        machines_free(&machines);
        return status;
}

/* A file that cannot be judged says why, and makes the whole incomplete; the others are judged all the same. */
int command_image(int argc, char **argv)
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
                return command_misused("%s takes one or more disk images", argv[0]);
        if (!image_cases_select(&options, selected))
                return command_misused("--case names no case that is judged over a disk image%s", "");
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
                (void)command_failed(error);
        }
        image_clones_free(&clones);
        if (ledger.subjects)
                status = ledger_print(&options, &ledger, format);
        ledger_free(&ledger);
        return refused && status == EXIT_CONFORMANT ? EXIT_INCOMPLETE : status;
}
