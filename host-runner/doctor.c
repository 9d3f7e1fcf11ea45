/* SPDX-License-Identifier: BSD-2-Clause */
/* A line for each thing that a run needs: there, or missing with what cannot be done without it. */
#include "doctor.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "firmware.h"
#include "machine.h"
#include "xen_here.h"
#include "xen_lab.h"

static bool program_found(const char *name)
{
        const char *search = getenv("PATH");
        char *copy = strdup(search ? search : "/usr/bin:/bin"), *rest = NULL;
        bool found = false;

        for (char *folder = strtok_r(copy, ":", &rest); folder && !found; folder = strtok_r(NULL, ":", &rest)) {
                char path[PATH_MAX];

                snprintf(path, sizeof(path), "%s/%s", folder, name);
                found = access(path, X_OK) == 0;
        }
        free(copy);
        return found;
}

static int line(FILE *to, bool there, const char *what, const char *without)
{
        fprintf(to, "%-8s %s%s%s\n", there ? "ok" : "MISSING", what, there ? "" : ": without it, ",
                there ? "" : without);
        return there ? 0 : 3;
}

/* Whether machines of Xen's are domains of this machine's own, and of which Xen. */
static int xen_line(FILE *to)
{
        struct xen_here here = xen_here_read("");
        struct xen_toolstack toolstack;
        char error[300];

        if (!here.control)
                return 0;
        if (geteuid())
                fprintf(to, "MISSING  root, in this control domain of Xen %s: without it, no domain can be made\n",
                        here.version);
        else if (xen_toolstack_ask(&toolstack, error, sizeof(error)))
                fprintf(to, "MISSING  a toolstack for Xen %s: without it, no domain can be made: %s\n", here.version,
                        error);
        else {
                fprintf(to, "ok       Xen %s: machines of Xen's are domains of this machine's own\n",
                        toolstack.version);
                return 0;
        }
        return 3;
}

int doctor_write(const char *data, FILE *to)
{
        static const char *const programs[][2] = {
                {"qemu-system-aarch64", "no aarch64 machine can be started"},
                {"qemu-system-arm", "no arm machine can be started"},
                {"qemu-system-x86_64", "no x86_64 machine can be started"},
                {"qemu-nbd", "no disk in a qcow2, VMDK, VDI or VHDX file can be judged"},
        };
        char path[PATH_MAX], error[600];
        struct machines machines = {0};
        int status = 0;

        for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
                status |= line(to, program_found(programs[i][0]), programs[i][0], programs[i][1]);
        status |= xen_line(to);
        snprintf(path, sizeof(path), "%s/suite.img", data);
        status |= line(to, access(path, R_OK) == 0, path, "nothing can be booted");
        snprintf(path, sizeof(path), "%s/machines", data);
        if (machines_read(path, &machines, error, sizeof(error))) {
                fprintf(to, "WRONG    %s\n", error);
                status = 3;
        }
        for (size_t i = 0; i < machines.count; i++) {
                bool found = firmware_find(&machines.machine[i], error, sizeof(error)) == 0;

                bool wanted = found || !xen_lab_is_missing(&machines.machine[i]); /* nothing else needs that lab */

                fprintf(to, "%-8s machine %s: %s\n",
                        found    ? "ok"
                        : wanted ? "MISSING"
                                 : "note",
                        machines.machine[i].id, found ? machines.machine[i].code : error);
                status |= found || !wanted ? 0 : 3;
        }
        machines_free(&machines);
        if (access("/dev/kvm", R_OK | W_OK))
                fprintf(to, "note     /dev/kvm cannot be used: every machine runs under TCG\n");
        else
                fprintf(to, "note     /dev/kvm is there; a run proves it with a guest, else it uses TCG\n");
        return status ? 3 : 0;
}
