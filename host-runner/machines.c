/* SPDX-License-Identifier: BSD-2-Clause */
/* A machine of the user's own stands for the built-in one of the same id. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine.h"

static int is_ini(const struct dirent *entry)
{
        size_t length = strlen(entry->d_name);

        return length > 4 && entry->d_name[0] != '.' && strcmp(entry->d_name + length - 4, ".ini") == 0;
}

static int machines_take(struct machines *machines, struct machine *machine)
{
        struct machine *grown;

        for (size_t i = 0; i < machines->count; i++)
                if (strcmp(machines->machine[i].id, machine->id) == 0) {
                        machine_free(&machines->machine[i]);
                        machines->machine[i] = *machine;
                        return 0;
                }
        grown = reallocarray(machines->machine, machines->count + 1, sizeof(*grown));
        if (!grown)
                return -ENOMEM;
        machines->machine = grown;
        machines->machine[machines->count++] = *machine;
        return 0;
}

static int folder_read(struct machines *machines, const char *folder, char *error, size_t error_size)
{
        struct dirent **entries;
        int count = scandir(folder, &entries, is_ini, alphasort);
        int result = 0;

        if (count < 0 && errno == ENOENT)
                return 0;
        if (count < 0) {
                result = -errno;
                snprintf(error, error_size, "%s: cannot be read: %s", folder, strerror(errno));
        }
        for (int i = 0; i < count; i++) {
                struct machine machine;
                char *path = NULL;

                if (!result && asprintf(&path, "%s/%s", folder, entries[i]->d_name) < 0)
                        result = -ENOMEM;
                if (!result)
                        result = machine_read(path, &machine, error, error_size);
                if (!result)
                        result = machines_take(machines, &machine);
                free(path);
                free(entries[i]);
        }
        if (count >= 0)
                free(entries);
        return result;
}

int machines_own_folder(char **ret)
{
        const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
        int length = 0;

        *ret = NULL;
        if (config && *config)
                length = asprintf(ret, "%s/vmspec", config);
        else if (home && *home)
                length = asprintf(ret, "%s/.config/vmspec", home);
        if (length < 0)
                *ret = NULL;
        return length < 0 ? -ENOMEM : 0;
}

int machines_read(const char *built_in, struct machines *ret, char *error, size_t error_size)
{
        struct machines machines = {0};
        char *own = NULL, *folder = NULL;
        int result;

        snprintf(error, error_size, "out of memory");
        result = folder_read(&machines, built_in, error, error_size);
        if (!result)
                result = machines_own_folder(&own);
        if (!result && own)
                result = asprintf(&folder, "%s/machines", own) < 0 ? -ENOMEM : 0;
        if (!result && folder)
                result = folder_read(&machines, folder, error, error_size);
        free(folder);
        free(own);
        if (result) {
                machines_free(&machines);
                return result;
        }
        *ret = machines;
        return 0;
}

void machines_free(struct machines *machines)
{
        for (size_t i = 0; i < machines->count; i++)
                machine_free(&machines->machine[i]);
        free(machines->machine);
        *machines = (struct machines){0};
}

const struct machine *machines_find(const struct machines *machines, const char *id)
{
        for (size_t i = 0; i < machines->count; i++)
                if (strcmp(machines->machine[i].id, id) == 0)
                        return &machines->machine[i];
        return NULL;
}
