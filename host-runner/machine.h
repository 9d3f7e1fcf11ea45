/* SPDX-License-Identifier: BSD-2-Clause */
/* A machine: what can be started, as an INI file says it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "case.h"

enum { MACHINE_ARGUMENTS = 64, MACHINE_MEMORY_LEAST = 128 };

enum firmware_kind {
        FIRMWARE_DESCRIPTOR, /* found by QEMU's firmware descriptors: two flash chips */
        FIRMWARE_FLASH,      /* two flash chips from given files */
        FIRMWARE_BIOS,       /* one file as -bios; no variable store of the VMM's */
        FIRMWARE_PVH,        /* one file that the VMM's PVH loader starts; no variable store either */
        FIRMWARE_KERNEL, /* one file as -kernel, and nothing at the UART: the lab that Xen runs in, no machine of a file
                          */
};

/* What the second flash chip, the variable store, is. */
enum store_kind {
        STORE_FLASH,     /* a private writable copy of the template */
        STORE_SNAPSHOT,  /* writes are thrown away with the process */
        STORE_READ_ONLY, /* the chip refuses writes */
        STORE_NONE,      /* no chip */
        STORE_SHARED,    /* one writable copy for every instance: what no machine should have */
        STORE_TORN,      /* a private copy that loses half of what was written last when the VMM is killed */
        STORE_STAYS,     /* a private copy; a process that the guest is moved to throws its writes away */
        STORE_WRECKED,   /* a private copy that is no store any more when the VMM is killed */
};

struct machine {
        char *id;   /* the file's name without .ini */
        char *file; /* where it was read */
        char *title;
        char *arch;       /* aarch64, arm, x86_64 */
        char *hypervisor; /* qemu, xen */
        char *type;       /* of -machine, without options */
        char *options;    /* further -machine options, without the GIC's; may be "" */
        char *cpu;
        unsigned processors;
        unsigned memory;    /* MiB */
        unsigned gic;       /* version; 0: none */
        unsigned other_gic; /* a second version that the platform offers; 0: none */
        enum firmware_kind firmware;
        char *code;            /* flash code or BIOS file; "" for FIRMWARE_DESCRIPTOR until found */
        char *vars;            /* template of the store, "" where there is none */
        char *features;        /* features a descriptor must have, space-separated */
        char *pvh_firmware;    /* what its PVH loader is given: a file, or "probe" for the suite's own; "" where it has
                                  none */
        char *broken_module;   /* an SMBIOS file that is not whole, for what tries that; "" where nothing does */
        char *recorded_tables; /* "MACHINE SMBIOS ACPI": digests of the tables where nothing is passed through; or "" */
        enum store_kind store;
        char *hotplug_bus;     /* the QEMU buses that devices are added to, space-separated; "" where there is none */
        char *disk_device;     /* of -device, for the suite's disk */
        char *boot_transports; /* what a boot disk may be attached to, space-separated: see routes.def */
        char *aarch32;         /* id of the machine that is this one in AArch32 state; "" where there is none */
        char *xl_config;       /* an xl.cfg of the user's own, for a domain of Xen's; "" where there is none */
        char *cases;           /* what it is there for, see machine_cases(); "" where for all */
        char *no_boot_text; /* what the console shows where nothing was booted, alternatives separated by '|'; may be ""
                             */
        char *accelerator;  /* auto, tcg, kvm */
        unsigned boot_timeout; /* seconds from start to the application's first record */
        size_t arguments;
        char *argument[MACHINE_ARGUMENTS]; /* further words of the VMM's command line */
};

/* Reads a file. 0, or a negative errno with one sentence in error. */
int machine_read(const char *path, struct machine *ret, char *error, size_t error_size);
/* Sets one key as a line of the file would; used by the reader and by seeded defects. Same errors. */
int machine_set(struct machine *machine, const char *key, const char *value, char *error, size_t error_size);
int machine_copy(const struct machine *from, struct machine *ret);
/* A number that differs where a declaration does: CRC-32 of every key's value. */
uint32_t machine_digest(const struct machine *machine);
void machine_free(struct machine *machine);

/* The index-th bus that devices are added to; "" where there is none. How many there are. */
struct machine_bus {
        char text[64];
};
struct machine_bus machine_hotplug_bus(const struct machine *machine, unsigned index);
unsigned machine_hotplug_buses(const struct machine *machine);

/* How many files the machine passes through to its guest by an option of QEMU, "-smbios" or "-acpitable". */
unsigned machine_modules(const struct machine *machine, const char *option);

/* True where it is a guest of Xen's: in a lab, or of the Xen that this machine runs, see xen_is_here(). */
bool machine_is_on_xen(const struct machine *machine);

/* True where the firmware lies in flash chips; else it is one file, and what it keeps is on the disk, if anywhere. */
bool machine_has_flash(const struct machine *machine);

/* True where the VMM gives the firmware a place for variables, which machine->store is then. */
bool machine_has_store(const struct machine *machine);

/* True where that word is among the machine's arguments. */
bool machine_has_word(const struct machine *machine, const char *word);

/* True where a device of the machine writes to the character device "virtio-console", which the runner listens to. */
bool machine_has_virtio_console(const struct machine *machine);

struct machines {
        size_t count;
        struct machine *machine; /* by id; a more specific folder wins */
};

/* All machines of the built-in folder and of $XDG_CONFIG_HOME/vmspec/machines. A file that is wrong fails the whole. */
int machines_read(const char *built_in, struct machines *ret, char *error, size_t error_size);
/* The folder of the user's own machines and baselines, NULL where there is no home; to be freed. 0 or -ENOMEM. */
int machines_own_folder(char **ret);
void machines_free(struct machines *machines);
const struct machine *machines_find(const struct machines *machines, const char *id);

/*
 * machine_cases.c: the cases of a run on that machine. Where a run asks for all that there are, a machine that names
 * the cases it is there for makes those alone.
 */
void machine_cases(const struct machine *machine, const bool selected[CASE_COUNT], bool ret[CASE_COUNT]);
/* The first word of a machine's cases that names none, cut; false where there is no such word. */
enum { CASE_GLOB = 40 };
bool machine_cases_unknown(const char *named, char ret[CASE_GLOB]);
