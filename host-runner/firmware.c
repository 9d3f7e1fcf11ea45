/* SPDX-License-Identifier: BSD-2-Clause */
/* The first descriptor, by name, that fits interface, architecture, machine and features is the one that is used. */
#include "firmware.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "xen_here.h"
#include "xen_lab.h"

enum { DESCRIPTORS = 128 };

struct descriptors {
        size_t count;
        char *path[DESCRIPTORS];
};

static const char *base_name(const char *path)
{
        const char *slash = strrchr(path, '/');

        return slash ? slash + 1 : path;
}

static int by_name(const void *a, const void *b)
{
        return strcmp(base_name(*(char *const *)a), base_name(*(char *const *)b));
}

static int is_json(const struct dirent *entry)
{
        size_t length = strlen(entry->d_name);

        return length > 5 && strcmp(entry->d_name + length - 5, ".json") == 0;
}

/* Folders come most specific first: a name that is there already stays. */
static void folder_take(struct descriptors *all, const char *folder)
{
        struct dirent **entries;
        int count = scandir(folder, &entries, is_json, alphasort);

        for (int i = 0; i < count; i++) {
                bool known = all->count == DESCRIPTORS;

                for (size_t d = 0; d < all->count && !known; d++)
                        known = strcmp(base_name(all->path[d]), entries[i]->d_name) == 0;
                if (!known && asprintf(&all->path[all->count], "%s/%s", folder, entries[i]->d_name) >= 0)
                        all->count++;
                free(entries[i]);
        }
        if (count >= 0)
                free(entries);
}

static bool array_has(const json_t *array, const char *word)
{
        const json_t *element;
        size_t i;

        json_array_foreach(array, i, element)
        {
                const char *text = json_string_value(element);

                if (text && strcmp(text, word) == 0)
                        return true;
        }
        return false;
}

/* "virt" is an alias of a versioned name, so the glob "virt-*" is asked for "virt-0" as well as for the name itself. */
static bool machine_matches(const json_t *machines, const char *type)
{
        const char *family = strcmp(type, "q35") == 0 ? "pc-q35" : strcmp(type, "pc") == 0 ? "pc-i440fx" : type;
        const json_t *element;
        char versioned[80];
        size_t i;

        snprintf(versioned, sizeof(versioned), "%s-0", family);
        json_array_foreach(machines, i, element)
        {
                const char *glob = json_string_value(element);

                if (glob && (fnmatch(glob, type, 0) == 0 || fnmatch(glob, versioned, 0) == 0))
                        return true;
        }
        return false;
}

static bool target_matches(const json_t *targets, const struct machine *machine)
{
        const json_t *target;
        size_t i;

        json_array_foreach(targets, i, target)
        {
                const char *arch = json_string_value(json_object_get(target, "architecture"));

                if (arch && strcmp(arch, machine->arch) == 0 &&
                    machine_matches(json_object_get(target, "machines"), machine->type))
                        return true;
        }
        return false;
}

/* Required features are those the machine names; secure-boot and SMM firmware is taken only where they are named. */
static bool features_match(const json_t *features, const struct machine *machine)
{
        static const char *const unasked[] = {"secure-boot", "enrolled-keys", "requires-smm"};
        char *words = strdup(machine->features), *rest = NULL;
        bool fits = words != NULL;

        for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
                fits &= array_has(features, word);
        for (size_t i = 0; i < sizeof(unasked) / sizeof(unasked[0]); i++)
                fits &= !array_has(features, unasked[i]) || strstr(machine->features, unasked[i]) != NULL;
        free(words);
        return fits;
}

/* True where the descriptor fits; then code and vars are set. */
static bool descriptor_use(const char *path, struct machine *machine)
{
        json_t *root = json_load_file(path, 0, NULL);
        json_t *mapping = json_object_get(root, "mapping");
        const char *device = json_string_value(json_object_get(mapping, "device"));
        const char *code = json_string_value(json_object_get(json_object_get(mapping, "executable"), "filename"));
        const char *vars = json_string_value(json_object_get(json_object_get(mapping, "nvram-template"), "filename"));
        bool fits = root && array_has(json_object_get(root, "interface-types"), "uefi") && device &&
                    strcmp(device, "flash") == 0 && code && vars &&
                    target_matches(json_object_get(root, "targets"), machine) &&
                    features_match(json_object_get(root, "features"), machine) &&
                    machine_set(machine, "firmware-code", code, NULL, 0) == 0 &&
                    machine_set(machine, "firmware-vars", vars, NULL, 0) == 0;

        json_decref(root);
        return fits;
}

static bool descriptor_search(struct machine *machine)
{
        const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
        struct descriptors all = {0};
        char *own = NULL;
        bool found = false;
        struct stat status;

        if (config && *config ? asprintf(&own, "%s/qemu/firmware", config) >= 0
                              : home && asprintf(&own, "%s/.config/qemu/firmware", home) >= 0)
                folder_take(&all, own);
        free(own);
        folder_take(&all, "/etc/qemu/firmware");
        folder_take(&all, "/usr/share/qemu/firmware");
        qsort(all.path, all.count, sizeof(all.path[0]), by_name);
        for (size_t i = 0; i < all.count; i++) {
                if (!found && stat(all.path[i], &status) == 0 && status.st_size > 0)
                        found = descriptor_use(all.path[i], machine);
                free(all.path[i]);
        }
        return found;
}

static int file_check(const struct machine *machine, const char *what, const char *path, char *error, size_t error_size)
{
        struct stat status;

        if (stat(path, &status) || access(path, R_OK)) {
                int failed = errno;

                snprintf(error, error_size, "%s: %s %s: cannot be read: %s", machine->file, what, path,
                         strerror(failed));
                return -failed;
        }
        if (!S_ISREG(status.st_mode) || status.st_size == 0) {
                snprintf(error, error_size, "%s: %s %s: found %s, expected a firmware image", machine->file, what, path,
                         S_ISREG(status.st_mode) ? "an empty file" : "no regular file");
                return -EINVAL;
        }
        return 0;
}

int firmware_find(struct machine *machine, char *error, size_t error_size)
{
        int result = xen_is_here(machine)         ? xen_here_find(machine, error, error_size)
                     : machine_is_on_xen(machine) ? xen_lab_find(machine, error, error_size)
                                                  : 0;

        if (result)
                return result;

        if (machine->firmware == FIRMWARE_DESCRIPTOR && !*machine->code && !descriptor_search(machine)) {
                snprintf(error, error_size,
                         "%s: no firmware descriptor fits arch %s, machine %s%s%s: install the firmware package, or "
                         "name firmware-code and firmware-vars",
                         machine->file, machine->arch, machine->type, *machine->features ? ", features " : "",
                         machine->features);
                return -ENOENT;
        }
        result = file_check(machine, "firmware-code", machine->code, error, error_size);
        if (!result && machine_has_store(machine))
                result = file_check(machine, "firmware-vars", machine->vars, error, error_size);
        return result;
}
