/* SPDX-License-Identifier: BSD-2-Clause */
/* xl is told what the machine's file says, and nothing else than the suite needs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xen_private.h"

const char *xen_disk_path(const struct vm *vm, const char *name)
{
        for (size_t i = 0; i < vm->disks; i++)
                if (strcmp(vm->disk[i].name, name) == 0)
                        return vm->disk[i].path;
        return "";
}

static void disk_put(FILE *to, const struct vm *vm, const char *name, const char *place)
{
        const char *path = xen_disk_path(vm, name);

        if (*path)
                fprintf(to, "\"format=raw,vdev=%s,access=rw,script=block,target=%s\", ", place, path);
}

char *xen_config(const struct vm *vm)
{
        const struct machine *machine = vm->config.machine;
        enum setting setting = vm->config.setting;
        char *text = NULL;
        size_t size = 0;
        FILE *to = open_memstream(&text, &size);

        if (!to)
                return NULL;
        fprintf(to, "name = \"guest\"\nkernel = \"/firmware\"\nmemory = %u\nvcpus = %u\n", machine->memory,
                machine->processors);
        if (machine->firmware == FIRMWARE_PVH)
                fprintf(to, "type = \"pvh\"\n");
        if (vm->config.gic)
                fprintf(to, "gic_version = \"v%u\"\n", vm->config.gic);
        fprintf(to, "on_poweroff = \"preserve\"\non_reboot = \"restart\"\non_crash = \"preserve\"\n");
        fprintf(to, "disk = [ ");
        disk_put(to, vm, "blank-disk", "xvda");
        disk_put(to, vm, "other-disk", "xvdb");
        if (setting != SETTING_NO_DISK)
                disk_put(to, vm, "disk", setting == SETTING_PLAIN ? "xvda" : "xvde");
        fprintf(to, "]\n");
        for (size_t i = 0; i < machine->arguments; i++)
                fprintf(to, "%s\n", machine->argument[i]);
        if (fclose(to)) {
                free(text);
                return NULL;
        }
        return text;
}
