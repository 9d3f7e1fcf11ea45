/* SPDX-License-Identifier: BSD-2-Clause */
/* An unknown key, a missing one or a bad value is refused with its file and line: nothing is guessed. */
#include "machine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ini_file.h"

#include "crc32.h"

struct key {
        const char *name;
        enum { KEY_TEXT, KEY_NUMBER, KEY_FIRMWARE, KEY_STORE, KEY_ARGUMENT, KEY_NO_ARGUMENTS } kind;
        size_t offset;
};

#define KEY(name, kind, member)                                                                                        \
        {                                                                                                              \
                name, kind, offsetof(struct machine, member)                                                           \
        }
static const struct key keys[] = {
        KEY("title", KEY_TEXT, title),
        KEY("arch", KEY_TEXT, arch),
        KEY("hypervisor", KEY_TEXT, hypervisor),
        KEY("machine", KEY_TEXT, type),
        KEY("machine-options", KEY_TEXT, options),
        KEY("cpu", KEY_TEXT, cpu),
        KEY("processors", KEY_NUMBER, processors),
        KEY("memory", KEY_NUMBER, memory),
        KEY("gic", KEY_NUMBER, gic),
        KEY("other-gic", KEY_NUMBER, other_gic),
        KEY("firmware", KEY_FIRMWARE, firmware),
        KEY("firmware-code", KEY_TEXT, code),
        KEY("firmware-vars", KEY_TEXT, vars),
        KEY("firmware-features", KEY_TEXT, features),
        KEY("pvh-firmware", KEY_TEXT, pvh_firmware),
        KEY("broken-module", KEY_TEXT, broken_module),
        KEY("recorded-tables", KEY_TEXT, recorded_tables),
        KEY("store", KEY_STORE, store),
        KEY("hotplug-bus", KEY_TEXT, hotplug_bus),
        KEY("disk-device", KEY_TEXT, disk_device),
        KEY("boot-transports", KEY_TEXT, boot_transports),
        KEY("aarch32", KEY_TEXT, aarch32),
        KEY("no-boot-text", KEY_TEXT, no_boot_text),
        KEY("xl-config", KEY_TEXT, xl_config),
        KEY("cases", KEY_TEXT, cases),
        KEY("accelerator", KEY_TEXT, accelerator),
        KEY("boot-timeout", KEY_NUMBER, boot_timeout),
        KEY("arg", KEY_ARGUMENT, argument),
        KEY("no-args", KEY_NO_ARGUMENTS, argument), /* forgets those so far */
};
enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

static int text_set(char **place, const char *value)
{
        char *copy = strdup(value);

        if (!copy)
                return -ENOMEM;
        free(*place);
        *place = copy;
        return 0;
}

static int word_find(const char *value, const char *const words[], int count)
{
        for (int i = 0; i < count; i++)
                if (strcmp(words[i], value) == 0)
                        return i;
        return -1;
}

static int number_set(unsigned *place, const char *key, const char *value, char *error, size_t error_size)
{
        char *end;
        unsigned long number = strtoul(value, &end, 10);

        if (*value < '0' || *value > '9' || *end || number > 1000000) {
                snprintf(error, error_size, "%s = %.40s: expected a whole number from 0 to 1000000", key, value);
                return -EINVAL;
        }
        *place = (unsigned)number;
        return 0;
}

static int argument_add(struct machine *machine, const char *value, char *error, size_t error_size)
{
        if (machine->arguments == MACHINE_ARGUMENTS) {
                snprintf(error, error_size, "arg = %.40s: expected at most %d of them", value, MACHINE_ARGUMENTS);
                return -E2BIG;
        }
        machine->argument[machine->arguments] = strdup(value);
        return machine->argument[machine->arguments] ? (void)machine->arguments++, 0 : -ENOMEM;
}

static int arguments_forget(struct machine *machine)
{
        while (machine->arguments)
                free(machine->argument[--machine->arguments]);
        return 0;
}

static int choice_set(const struct key *key, struct machine *machine, const char *value, char *error, size_t error_size)
{
        static const char *const firmwares[] = {"descriptor", "flash", "bios", "pvh"};
        static const char *const stores[] = {"flash",  "snapshot", "read-only", "none",
                                             "shared", "torn",     "stays",     "wrecked"};
        int found = key->kind == KEY_FIRMWARE ? word_find(value, firmwares, 4) : word_find(value, stores, 8);

        if (found < 0) {
                snprintf(error, error_size, "%s = %.40s: expected %s", key->name, value,
                         key->kind == KEY_FIRMWARE
                                 ? "descriptor, flash, bios or pvh"
                                 : "flash, snapshot, read-only, none, shared, torn, stays or wrecked");
                return -EINVAL;
        }
        if (key->kind == KEY_FIRMWARE)
                machine->firmware = found;
        else
                machine->store = found;
        return 0;
}

int machine_set(struct machine *machine, const char *key, const char *value, char *error, size_t error_size)
{
        for (size_t i = 0; i < KEYS; i++) {
                char *place = (char *)machine + keys[i].offset;

                if (strcmp(keys[i].name, key) != 0)
                        continue;
                if (keys[i].kind == KEY_TEXT)
                        return text_set((char **)place, value);
                if (keys[i].kind == KEY_NUMBER)
                        return number_set((unsigned *)place, key, value, error, error_size);
                if (keys[i].kind == KEY_ARGUMENT)
                        return argument_add(machine, value, error, error_size);
                if (keys[i].kind == KEY_NO_ARGUMENTS)
                        return arguments_forget(machine);
                return choice_set(&keys[i], machine, value, error, error_size);
        }
        snprintf(error, error_size, "unknown key '%.40s'", key);
        return -EINVAL;
}

struct reading {
        struct machine *machine;
        bool seen[KEYS];
};

/* True where the key stands in the file already; arg alone may come again. */
static bool key_is_doubled(struct reading *reading, const char *name)
{
        for (size_t i = 0; i < KEYS; i++) {
                bool doubled = strcmp(keys[i].name, name) == 0 && keys[i].kind != KEY_ARGUMENT && reading->seen[i];

                if (doubled)
                        return true;
                reading->seen[i] |= strcmp(keys[i].name, name) == 0;
        }
        return false;
}

static int key_take(void *context, unsigned line, const char *section, const char *name, const char *value, char *why,
                    size_t why_size)
{
        struct reading *reading = context;

        (void)line;
        if (strcmp(section, "machine") != 0) {
                snprintf(why, why_size, "section [%.40s]: expected [machine]", section);
                return -EINVAL;
        }
        if (key_is_doubled(reading, name)) {
                snprintf(why, why_size, "%.40s: expected once", name);
                return -EINVAL;
        }
        return machine_set(reading->machine, name, value, why, why_size);
}

/* What every machine must say, and what cannot go together. */
static int machine_complete(const struct machine *machine, char *error, size_t error_size)
{
        static const char *const archs[] = {"aarch64", "arm", "x86_64"};
        static const char *const hypervisors[] = {"qemu", "xen"};
        const char *wrong = NULL;
        char unknown[CASE_GLOB], text[80];

        if (word_find(machine->arch, archs, 3) < 0)
                wrong = "arch: expected aarch64, arm or x86_64";
        else if (word_find(machine->hypervisor, hypervisors, 2) < 0)
                wrong = "hypervisor: expected qemu or xen";
        else if (machine_is_on_xen(machine) && strcmp(machine->arch, "arm") == 0)
                wrong = "arch: expected aarch64 or x86_64, as hypervisor = xen";
        else if (machine_is_on_xen(machine) && strcmp(machine->arch, "x86_64") == 0 &&
                 machine->firmware != FIRMWARE_PVH)
                wrong = "firmware: expected pvh, as hypervisor = xen has no device model on x86_64";
        else if (*machine->xl_config && !machine_is_on_xen(machine))
                wrong = "xl-config: expected hypervisor = xen";
        else if (!*machine->type)
                wrong = "machine: expected a machine type";
        else if (machine->processors == 0 || machine->processors > 64)
                wrong = "processors: expected 1 to 64";
        else if (machine->memory < MACHINE_MEMORY_LEAST)
                wrong = "memory: expected at least 128 MiB";
        else if (machine->firmware != FIRMWARE_DESCRIPTOR && !*machine->code)
                wrong = "firmware-code: expected a file, as firmware is not found by descriptor";
        else if (machine->firmware == FIRMWARE_FLASH && machine->store != STORE_NONE && !*machine->vars)
                wrong = "firmware-vars: expected a file, as firmware = flash";
        else if (machine->boot_timeout == 0)
                wrong = "boot-timeout: expected at least 1 second";
        else if (machine_cases_unknown(machine->cases, unknown)) {
                snprintf(text, sizeof(text), "cases: '%s' names no case or clause", unknown);
                wrong = text;
        }
        if (!wrong)
                return 0;
        snprintf(error, error_size, "%s: %s", machine->file, wrong);
        return -EINVAL;
}

static int machine_defaults(struct machine *machine, const char *path)
{
        static const char *const texts[][2] = {
                {"title", ""},
                {"arch", ""},
                {"hypervisor", "qemu"},
                {"machine", ""},
                {"machine-options", ""},
                {"cpu", ""},
                {"firmware-code", ""},
                {"firmware-vars", ""},
                {"firmware-features", ""},
                {"pvh-firmware", ""},
                {"broken-module", ""},
                {"recorded-tables", ""},
                {"hotplug-bus", ""},
                {"disk-device", "virtio-blk-pci"},
                {"boot-transports", ""},
                {"aarch32", ""},
                {"no-boot-text", ""},
                {"xl-config", ""},
                {"cases", ""},
                {"accelerator", "auto"},
        };
        const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
        int result = 0;

        *machine = (struct machine){.processors = 1, .memory = 512, .boot_timeout = 60};
        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]) && !result; i++)
                result = machine_set(machine, texts[i][0], texts[i][1], NULL, 0);
        machine->file = strdup(path);
        machine->id = strndup(name, strlen(name) > 4 ? strlen(name) - 4 : 0);
        return result || !machine->file || !machine->id ? -ENOMEM : 0;
}

int machine_read(const char *path, struct machine *ret, char *error, size_t error_size)
{
        struct machine machine = {0};
        struct reading reading = {.machine = &machine};
        int result = machine_defaults(&machine, path);

        if (result)
                snprintf(error, error_size, "%s: out of memory", path);
        else
                result = ini_file_read(path, key_take, &reading, error, error_size);
        if (!result)
                result = machine_complete(&machine, error, error_size);
        if (result) {
                machine_free(&machine);
                return result;
        }
        *ret = machine;
        return 0;
}

int machine_copy(const struct machine *from, struct machine *ret)
{
        struct machine copy = *from;
        bool whole;

        copy.id = strdup(from->id);
        copy.file = strdup(from->file);
        whole = copy.id && copy.file;
        for (size_t i = 0; i < KEYS; i++)
                if (keys[i].kind == KEY_TEXT) {
                        char **place = (char **)((char *)&copy + keys[i].offset);

                        *place = strdup(*place);
                        whole &= *place != NULL;
                }
        for (size_t i = 0; i < copy.arguments; i++) {
                copy.argument[i] = strdup(from->argument[i]);
                whole &= copy.argument[i] != NULL;
        }
        if (!whole) {
                machine_free(&copy);
                return -ENOMEM;
        }
        *ret = copy;
        return 0;
}

uint32_t machine_digest(const struct machine *machine)
{
        uint32_t crc = crc32_update(0, machine->id, strlen(machine->id) + 1);

        for (size_t i = 0; i < KEYS; i++) {
                const char *place = (const char *)machine + keys[i].offset;

                if (keys[i].kind == KEY_TEXT)
                        crc = crc32_update(crc, *(char *const *)place, strlen(*(char *const *)place) + 1);
                else if (keys[i].kind != KEY_ARGUMENT && keys[i].kind != KEY_NO_ARGUMENTS)
                        crc = crc32_update(crc, place, sizeof(unsigned));
        }
        for (size_t i = 0; i < machine->arguments; i++)
                crc = crc32_update(crc, machine->argument[i], strlen(machine->argument[i]) + 1);
        return crc;
}

struct machine_bus machine_hotplug_bus(const struct machine *machine, unsigned index)
{
        const char *at = machine->hotplug_bus + strspn(machine->hotplug_bus, " ");
        struct machine_bus bus;

        for (; index && *at; index--) {
                at += strcspn(at, " ");
                at += strspn(at, " ");
        }
        snprintf(bus.text, sizeof(bus.text), "%.*s", (int)strcspn(at, " "), at);
        return bus;
}

unsigned machine_hotplug_buses(const struct machine *machine)
{
        unsigned count = 0;

        while (*machine_hotplug_bus(machine, count).text)
                count++;
        return count;
}

unsigned machine_modules(const struct machine *machine, const char *option)
{
        unsigned count = 0;

        for (size_t i = 0; i + 1 < machine->arguments; i++)
                count +=
                        strcmp(machine->argument[i], option) == 0 && strncmp(machine->argument[i + 1], "file=", 5) == 0;
        return count;
}

bool machine_is_on_xen(const struct machine *machine)
{
        return strcmp(machine->hypervisor, "xen") == 0;
}

bool machine_has_flash(const struct machine *machine)
{
        return machine->firmware == FIRMWARE_DESCRIPTOR || machine->firmware == FIRMWARE_FLASH;
}

bool machine_has_store(const struct machine *machine)
{
        return machine_has_flash(machine) && machine->store != STORE_NONE;
}

bool machine_has_word(const struct machine *machine, const char *word)
{
        for (size_t i = 0; i < machine->arguments; i++)
                if (strcmp(machine->argument[i], word) == 0)
                        return true;
        return false;
}

bool machine_has_virtio_console(const struct machine *machine)
{
        for (size_t i = 0; i < machine->arguments; i++)
                if (strstr(machine->argument[i], "chardev=virtio-console"))
                        return true;
        return false;
}

void machine_free(struct machine *machine)
{
        free(machine->id);
        free(machine->file);
        for (size_t i = 0; i < KEYS; i++)
                if (keys[i].kind == KEY_TEXT)
                        free(*(char **)((char *)machine + keys[i].offset));
        for (size_t i = 0; i < machine->arguments; i++)
                free(machine->argument[i]);
        *machine = (struct machine){0};
}
