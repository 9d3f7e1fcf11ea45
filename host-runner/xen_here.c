/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the runner is root of a control domain whose toolstack answers, a domain is made there; where one of the three
 * is missing, one sentence says which.
 */
#include "xen_here.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "own_machine.h"
#include "xen_config.h"
#include "xen_lab.h"

enum { FEATURE_CONTROL = 11 }; /* XENFEAT_dom0 of Xen's public/features.h */

/* The first line of a file below root; "" where there is none. */
static void line_of(const char *root, const char *path, char *to, size_t size)
{
        char whole[300];
        FILE *file;

        snprintf(whole, sizeof(whole), "%s%s", root, path);
        file = fopen(whole, "re");
        if (!file || !fgets(to, (int)size, file))
                to[0] = 0;
        to[strcspn(to, "\n")] = 0;
        if (file)
                fclose(file);
}

/* /proc/xen/capabilities says the same, where somebody has mounted that; these are there in every guest of Xen's. */
struct xen_here xen_here_read(const char *root)
{
        char type[20], features[20], major[20], minor[20], extra[30];
        struct xen_here here = {0};

        line_of(root, "/sys/hypervisor/type", type, sizeof(type));
        line_of(root, "/sys/hypervisor/properties/features", features, sizeof(features));
        line_of(root, "/sys/hypervisor/version/major", major, sizeof(major));
        line_of(root, "/sys/hypervisor/version/minor", minor, sizeof(minor));
        line_of(root, "/sys/hypervisor/version/extra", extra, sizeof(extra));
        here.control = strcmp(type, "xen") == 0 && strtoul(features, NULL, 16) >> FEATURE_CONTROL & 1;
        snprintf(here.version, sizeof(here.version), "%s.%s%s", major, minor, extra);
        return here;
}

bool xen_is_here(const struct machine *machine)
{
        struct utsname name;

        return machine_is_on_xen(machine) && uname(&name) == 0 && strcmp(name.machine, machine->arch) == 0 &&
               xen_here_read("").control;
}

/* Xen makes no GICv3 out of a GICv2, and a GICv2 out of a GICv3 only where that has what a GICv2 needs, too. */
static int gic_check(struct machine *machine, char *error, size_t error_size)
{
        struct own_machine own;
        unsigned only = 0;

        own_machine_read(&own);
        if (strcmp(own.gic, "GICv2") == 0)
                only = 2;
        else if (strcmp(own.gic, "GICv3") == 0 && (machine->gic == 2 || machine->other_gic == 2) &&
                 xen_toolstack_lacks_gicv2())
                only = 3;
        if (!only)
                return 0;
        if (machine->other_gic != only)
                machine->other_gic = 0;
        if (!machine->gic || machine->gic == only)
                return 0;
        snprintf(error, error_size, "%s: gic = %u: this machine has a GICv%u, and its Xen offers a guest no other",
                 machine->file, machine->gic, only);
        return -ENOTSUP;
}

int xen_here_find(struct machine *machine, char *error, size_t error_size)
{
        struct xen_toolstack toolstack;
        char why[300];
        int result = -EPERM;

        if (geteuid())
                snprintf(why, sizeof(why), "run vmspec as root: the control domain's toolstack obeys nobody else");
        else
                result = xen_toolstack_ask(&toolstack, why, sizeof(why));
        if (result) {
                snprintf(error, error_size, "%s: no domain can be made on this machine's Xen: %s", machine->file, why);
                return result;
        }
        result = gic_check(machine, error, error_size);
        if (!result)
                result = xen_config_check(machine, error, error_size);
        return result ? result : xen_lab_firmware(machine, error, error_size);
}
