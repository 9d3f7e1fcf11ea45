/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xl is told what the machine's file says, and nothing else than the suite needs; or what the user's own xl.cfg says,
 * with what the suite needs behind it: of two lines that set the same, xl takes the last one.
 */
#include "xen_config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "xen_private.h"

enum { CONFIG_MAX = 32 * 1024 }; /* with all else that is sent at once, less than a pipe holds */

/* The user's own ----------------------------------------------------------------------------------------------------
 */

/* The whole file, NUL-terminated, to be freed. 0 or a negative errno. */
static int own_read(const char *path, char **ret)
{
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), result = fd < 0 ? -errno : 0;
        char *text = malloc(CONFIG_MAX + 2);
        size_t size = 0;
        ssize_t got = 1;

        if (!result && !text)
                result = -ENOMEM;
        while (!result && got > 0 && size <= CONFIG_MAX) {
                got = read(fd, text + size, CONFIG_MAX + 1 - size);
                result = got < 0 ? -errno : 0;
                size += got > 0 ? (size_t)got : 0;
        }
        if (!result && size > CONFIG_MAX)
                result = -EFBIG;
        if (fd >= 0)
                close(fd);
        if (result) {
                free(text);
                return result;
        }
        text[size] = 0;
        if (strlen(text) != size) {
                free(text);
                return -EILSEQ;
        }
        *ret = text;
        return 0;
}

/* The value behind "KEY =" at the beginning of a line, the last one; NULL where no line sets it. */
static const char *own_value(const char *text, const char *key)
{
        const char *found = NULL;

        for (const char *line = text; line; line = strchr(line, '\n')) {
                line += strspn(line, " \t\r\n");
                if (strncmp(line, key, strlen(key)) != 0)
                        continue;
                line += strlen(key);
                line += strspn(line, " \t");
                if (*line == '=')
                        found = line + 1 + strspn(line + 1, " \t\"'");
        }
        return found;
}

/* The suite has told its cases what the machine's file says: what the domain gets must be that. */
static int own_check_number(const struct machine *machine, const char *text, const char *key, const char *name,
                            unsigned want, char *error, size_t error_size)
{
        const char *value = own_value(text, key);
        char *end;

        if (!value || (strtoul(value, &end, 10) == want && end != value && !strchr("0123456789", *end)))
                return 0;
        snprintf(error, error_size, "%s: %s = %.*s: expected %u, as %s has %s = %u", machine->xl_config, key,
                 (int)strcspn(value, " \t\r\n\"'"), value, want, machine->file, name, want);
        return -EINVAL;
}

int xen_config_check(const struct machine *machine, char *error, size_t error_size)
{
        char *text = NULL;
        int result = *machine->xl_config ? own_read(machine->xl_config, &text) : 0;

        if (result == -EFBIG)
                snprintf(error, error_size, "%s: xl-config %s: expected at most %d bytes", machine->file,
                         machine->xl_config, CONFIG_MAX);
        else if (result == -EILSEQ)
                snprintf(error, error_size, "%s: xl-config %s: found a byte of zero, expected text", machine->file,
                         machine->xl_config);
        else if (result)
                snprintf(error, error_size, "%s: xl-config %s: cannot be read: %s", machine->file, machine->xl_config,
                         strerror(-result));
        if (!text)
                return result;
        result = own_check_number(machine, text, "memory", "memory", machine->memory, error, error_size);
        if (!result)
                result = own_check_number(machine, text, "vcpus", "processors", machine->processors, error, error_size);
        free(text);
        return result;
}

/* The domain's ------------------------------------------------------------------------------------------------------
 */

const char *xen_place(const struct vm *vm, const char *name)
{
        for (size_t i = 0; i < vm->places; i++)
                if (strcmp(vm->place[i].name, name) == 0)
                        return vm->place[i].path;
        return "";
}

static void disk_put(FILE *to, const struct vm *vm, const char *name, const char *device)
{
        const char *path = xen_place(vm, name);

        if (*path)
                fprintf(to, "\"format=raw,vdev=%s,access=rw,script=%s,target=%s\", ", device, xen_place(vm, "script"),
                        path);
}

/* What a domain of the suite's must have, whoever declares the rest. */
static void needs_put(FILE *to, const struct vm *vm)
{
        enum setting setting = vm->config.setting;

        fprintf(to, "name = \"%s\"\nkernel = \"%s\"\n", xen_place(vm, "name"), xen_place(vm, "firmware"));
        fprintf(to, "on_poweroff = \"preserve\"\non_reboot = \"destroy\"\non_crash = \"preserve\"\n");
        fprintf(to, "disk = [ ");
        disk_put(to, vm, "blank-disk", "xvda");
        disk_put(to, vm, "other-disk", "xvdb");
        if (setting != SETTING_NO_DISK)
                disk_put(to, vm, "disk", setting == SETTING_PLAIN ? "xvda" : "xvde");
        fprintf(to, "]\n");
}

/* What it has by the machine's file, where own does not say so. */
static void shape_put(FILE *to, const struct vm *vm, const char *own)
{
        const struct machine *machine = vm->config.machine;

        if (!own_value(own, "memory"))
                fprintf(to, "memory = %u\n", machine->memory);
        if (!own_value(own, "vcpus"))
                fprintf(to, "vcpus = %u\n", machine->processors);
        if (machine->firmware == FIRMWARE_PVH)
                fprintf(to, "type = \"pvh\"\n");
        if (vm->config.gic && (vm->config.gic != machine->gic || !own_value(own, "gic_version")))
                fprintf(to, "gic_version = \"v%u\"\n", vm->config.gic);
        for (size_t i = 0; i < machine->arguments; i++)
                fprintf(to, "%s\n", machine->argument[i]);
}

char *xen_config(const struct vm *vm)
{
        const char *path = vm->config.machine->xl_config;
        char *text = NULL, *own = NULL;
        size_t size = 0;
        FILE *to;

        if (*path && own_read(path, &own))
                return NULL;
        to = open_memstream(&text, &size);
        if (!to) {
                free(own);
                return NULL;
        }
        if (own)
                fprintf(to, "%s\n", own);
        shape_put(to, vm, own ? own : "");
        needs_put(to, vm);
        free(own);
        if (fclose(to)) {
                free(text);
                return NULL;
        }
        return text;
}
