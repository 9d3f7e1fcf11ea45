/* SPDX-License-Identifier: BSD-2-Clause */
/* Evidence: the raw bytes that the guest found, once per boot, and that judges read on both sides. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A span of bytes somebody else owns. */
struct bytes {
        const uint8_t *data; /* NULL: there is none */
        size_t size;
};

/*
 * Text kinds are lines "name=value" ending in \n, numbers as 0x and hexadecimal digits:
 *   TOLD       what the runner says that it started: arch=aarch64, processors=0x4, memory=0x20000000 (bytes), gic=0x3,
 *              hotplug_buses=0x1, smbios_modules=0x0 and acpi_modules=0x0 (files passed through); and on what:
 * host_arch=x86_64, host_gic=GICv3 (nothing where it has none) REGISTERS  system registers and table headers at entry:
 * CurrentEL=0x1, CNTFRQ_EL0=0x3b9aca0, ... CONFIG     configuration tables: GUID=physical address DISK       how the
 * firmware shows the boot disk and its partitions VARIABLES  GUID:name=attributes Binary kinds: FDT        the blob as
 * installed, totalsize bytes ACPI       for each table: u64 physical address, u32 length, then the bytes; RSDP first
 * (little-endian) SMBIOS     as ACPI: the entry point, then the structure table MEMORY_MAP u32 descriptor size, u32
 * descriptor version, u64 map key, then the descriptors
 */
enum evidence_kind {
        EVIDENCE_TOLD,
        EVIDENCE_REGISTERS,
        EVIDENCE_CONFIG,
        EVIDENCE_DISK,
        EVIDENCE_VARIABLES,
        EVIDENCE_FDT,
        EVIDENCE_ACPI,
        EVIDENCE_SMBIOS,
        EVIDENCE_MEMORY_MAP,
        EVIDENCE_COUNT
};

/* The most bytes of one kind that are recorded or accepted. */
enum { EVIDENCE_MAX = 2 * 1024 * 1024 + 64 * 1024 };

struct evidence {
        struct bytes of[EVIDENCE_COUNT];
};

/* "registers.txt", "fdt.dtb": the kind's name as a file of a run's folder. */
const char *evidence_file_name(enum evidence_kind kind);

/* The number of a line of a text kind; false where the line is absent or no number, and *ret is untouched. */
bool evidence_number(const struct evidence *evidence, enum evidence_kind kind, const char *name, uint64_t *ret);

/*
 * The value of a line of a text kind as text that a fact may have: cut to size, and a question mark for each byte that
 * is no printable ASCII. False where the line is absent, and to is untouched.
 */
bool evidence_text(const struct evidence *evidence, enum evidence_kind kind, const char *name, char *to, size_t size);

/* The physical address of a configuration table, by its GUID as text; false where it is not installed. */
bool evidence_config_table(const struct evidence *evidence, const char *guid, uint64_t *ret_address);

extern const char *const guid_fdt;    /* EFI_DTB_TABLE_GUID */
extern const char *const guid_acpi10; /* ACPI_TABLE_GUID, the ACPI 1.0 one */
extern const char *const guid_acpi20; /* EFI_ACPI_20_TABLE_GUID */
extern const char *const guid_smbios;
extern const char *const guid_smbios3;

/* One blob of an ACPI or SMBIOS container. */
struct evidence_table {
        uint64_t address;
        struct bytes bytes;
};

/*
 * Steps through a container: *at starts at 0. False at its end and where the container is cut, with *ret_cut telling
 * which of the two it was.
 */
bool evidence_next_table(struct bytes container, size_t *at, struct evidence_table *ret, bool *ret_cut);
