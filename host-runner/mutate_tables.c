/* SPDX-License-Identifier: BSD-2-Clause */
/* ACPI tables, SMBIOS structures, the memory map and text lines, field by field. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mutate.h"
#include "wire.h"

enum { CONTAINER_HEAD = 12, SIGNATURE = 4, ACPI_HEADER = 36, CHECKSUM = 9 };

/* What is being mutated: one kind of evidence in a copy, and which of its checksums are to be repaired. */
struct subject {
        struct mutation *mutation;
        enum evidence_kind kind;
        uint8_t *bytes; /* the copy */
        size_t size;
        void (*repair)(struct subject *subject);
        size_t table, length;      /* of the blob in the copy */
        size_t repair_from, count; /* of the checksum's span; see the repairs */
};

static void number_put(uint8_t *to, unsigned size, uint64_t value)
{
        for (unsigned i = 0; i < size; i++)
                to[i] = (uint8_t)(value >> 8 * i);
}

static uint64_t number_get(const uint8_t *from, unsigned size)
{
        uint64_t value = 0;

        for (unsigned i = size; i-- > 0;)
                value = value << 8 | from[i];
        return value;
}

static bool subject_try(struct subject *subject)
{
        return mutation_try(subject->mutation, subject->kind, (struct bytes){subject->bytes, subject->size});
}

/* Every mutation of the bytes at an offset of the copy. Fields longer than a number: all zero, and first byte changed.
 */
static void place_mutate(struct subject *subject, struct mutated_field *field, size_t at, unsigned size,
                         bool is_checksum)
{
        size_t end = subject->table + subject->length;
        uint8_t *saved = malloc(subject->length);
        uint64_t values[MUTANTS];
        unsigned count, noticed = 0;

        if (!saved || at + size > end) {
                free(saved);
                return;
        }
        memcpy(saved, subject->bytes + subject->table, subject->length);
        count = size <= 8 ? mutants_of(number_get(subject->bytes + at, size), size, values) : 2;
        for (unsigned i = 0; i < count; i++) {
                if (size <= 8)
                        number_put(subject->bytes + at, size, values[i]);
                else if (i == 0)
                        subject->bytes[at] ^= 0x20;
                else
                        memset(subject->bytes + at, 0, size);
                if (!is_checksum && subject->repair)
                        subject->repair(subject);
                noticed += subject_try(subject);
                memcpy(subject->bytes + subject->table, saved, subject->length);
        }
        mutation_count(field, count, noticed);
        free(saved);
}

/* ACPI ------------------------------------------------------------------------------------------------------------- */

#define FIELDS(name) name, sizeof(name) / sizeof(name[0])

static const struct layout_field header_fields[] = {
        {"signature", 0, 4},     {"length", 4, 4},      {"revision", 8, 1},
        {"checksum", 9, 1},      {"oem-id", 10, 6},     {"oem-table-id", 16, 8},
        {"oem-revision", 24, 4}, {"creator-id", 28, 4}, {"creator-revision", 32, 4},
};
static const struct layout_field rsdp_fields[] = {
        {"signature", 0, 8}, {"checksum", 8, 1}, {"oem-id", 9, 6}, {"revision", 15, 1},
        {"rsdt", 16, 4},     {"length", 20, 4},  {"xsdt", 24, 8},  {"extended-checksum", 32, 1},
        {"reserved", 33, 3},
};
static const struct layout_field fadt_fields[] = {
        {"firmware-ctrl", 36, 4},
        {"dsdt", 40, 4},
        {"preferred-pm-profile", 45, 1},
        {"sci-int", 46, 2},
        {"smi-cmd", 48, 4},
        {"pm1a-evt", 56, 4},
        {"pm-tmr", 76, 4},
        {"iapc-boot-arch", 109, 2},
        {"flags", 112, 4},
        {"reset-reg", 116, 12},
        {"reset-value", 128, 1},
        {"arm-boot-arch", 129, 2},
        {"minor-revision", 131, 1},
        {"x-firmware-ctrl", 132, 8},
        {"x-dsdt", 140, 8},
        {"x-pm1a-evt", 148, 12},
        {"sleep-control", 244, 12},
        {"sleep-status", 256, 12},
        {"hypervisor-vendor", 268, 8},
};
static const struct layout_field madt_fields[] = {{"local-address", 36, 4}, {"flags", 40, 4}};
static const struct layout_field gicc_fields[] = {
        {"type", 0, 1},
        {"length", 1, 1},
        {"reserved", 2, 2},
        {"interface-number", 4, 4},
        {"uid", 8, 4},
        {"flags", 12, 4},
        {"parking-version", 16, 4},
        {"performance-gsiv", 20, 4},
        {"parked-address", 24, 8},
        {"base", 32, 8},
        {"gicv", 40, 8},
        {"gich", 48, 8},
        {"maintenance-gsiv", 56, 4},
        {"gicr-base", 60, 8},
        {"mpidr", 68, 8},
        {"efficiency-class", 76, 1},
};
static const struct layout_field gicd_fields[] = {
        {"type", 0, 1}, {"length", 1, 1},       {"reserved", 2, 2}, {"id", 4, 4},
        {"base", 8, 8}, {"vector-base", 16, 4}, {"version", 20, 1}, {"reserved2", 21, 3},
};
static const struct layout_field msi_fields[] = {
        {"type", 0, 1}, {"length", 1, 1}, {"reserved", 2, 2},   {"id", 4, 4},
        {"base", 8, 8}, {"flags", 16, 4}, {"spi-count", 20, 2}, {"spi-base", 22, 2},
};
static const struct layout_field gicr_fields[] = {
        {"type", 0, 1}, {"length", 1, 1}, {"reserved", 2, 2}, {"base", 4, 8}, {"size", 12, 4},
};
static const struct layout_field its_fields[] = {
        {"type", 0, 1}, {"length", 1, 1}, {"reserved", 2, 2}, {"id", 4, 4}, {"base", 8, 8}, {"reserved2", 16, 4},
};
static const struct layout_field gtdt_fields[] = {
        {"cnt-control-base", 36, 8}, {"reserved", 44, 4},         {"secure-gsiv", 48, 4},
        {"secure-flags", 52, 4},     {"nonsecure-gsiv", 56, 4},   {"nonsecure-flags", 60, 4},
        {"virtual-gsiv", 64, 4},     {"virtual-flags", 68, 4},    {"el2-gsiv", 72, 4},
        {"el2-flags", 76, 4},        {"cnt-read-base", 80, 8},    {"platform-timers", 88, 4},
        {"platform-offset", 92, 4},  {"virtual-el2-gsiv", 96, 4}, {"virtual-el2-flags", 100, 4},
};
static const struct layout_field mcfg_fields[] = {
        {"reserved", 36, 8},  {"base", 44, 8},    {"segment", 52, 2},
        {"start-bus", 54, 1}, {"end-bus", 55, 1}, {"reserved2", 56, 4},
};
static const struct layout_field spcr_fields[] = {
        {"interface-type", 36, 1}, {"reserved", 37, 3},        {"address-space", 40, 1},
        {"register-width", 41, 1}, {"register-offset", 42, 1}, {"access-size", 43, 1},
        {"base", 44, 8},           {"interrupt-type", 52, 1},  {"irq", 53, 1},
        {"gsiv", 54, 4},           {"baud-rate", 58, 1},       {"parity", 59, 1},
        {"stop-bits", 60, 1},      {"flow-control", 61, 1},    {"terminal-type", 62, 1},
        {"pci-device-id", 64, 2},  {"pci-vendor-id", 66, 2},   {"pci-bus", 68, 1},
        {"pci-flags", 71, 4},      {"pci-segment", 75, 1},
};
static const struct layout_field dbg2_fields[] = {
        {"devices-offset", 36, 4}, {"devices", 40, 4},         {"revision-of-device", 44, 1},
        {"device-length", 45, 2},  {"addresses", 47, 1},       {"name-length", 48, 2},
        {"name-offset", 50, 2},    {"oem-length", 52, 2},      {"oem-offset", 54, 2},
        {"port-type", 56, 2},      {"port-subtype", 58, 2},    {"reserved", 60, 2},
        {"base-offset", 62, 2},    {"size-offset", 64, 2},     {"address-space", 66, 1},
        {"register-width", 67, 1}, {"register-offset", 68, 1}, {"access-size", 69, 1},
        {"base", 70, 8},           {"base-size", 78, 4},
};
static const struct layout_field iort_fields[] = {{"nodes", 36, 4}, {"nodes-offset", 40, 4}, {"reserved", 44, 4}};
static const struct layout_field iort_node_fields[] = {
        {"type", 0, 1}, {"length", 1, 2},   {"revision", 3, 1},
        {"id", 4, 4},   {"mappings", 8, 4}, {"mappings-offset", 12, 4},
};

static const struct {
        const char *signature;
        const struct layout_field *fields;
        size_t count;
} tables[] = {
        {"FACP", FIELDS(fadt_fields)}, {"APIC", FIELDS(madt_fields)}, {"GTDT", FIELDS(gtdt_fields)},
        {"MCFG", FIELDS(mcfg_fields)}, {"SPCR", FIELDS(spcr_fields)}, {"DBG2", FIELDS(dbg2_fields)},
        {"IORT", FIELDS(iort_fields)},
};

static uint8_t sum_of(const uint8_t *bytes, size_t size)
{
        uint8_t sum = 0;

        for (size_t i = 0; i < size; i++)
                sum = (uint8_t)(sum + bytes[i]);
        return sum;
}

static void acpi_repair(struct subject *subject)
{
        uint8_t *table = subject->bytes + subject->table;

        table[CHECKSUM] = (uint8_t)(table[CHECKSUM] - sum_of(table, subject->length));
}

static void rsdp_repair(struct subject *subject)
{
        uint8_t *rsdp = subject->bytes + subject->table;

        rsdp[8] = (uint8_t)(rsdp[8] - sum_of(rsdp, 20));
        if (subject->length >= 36)
                rsdp[32] = (uint8_t)(rsdp[32] - sum_of(rsdp, 36));
}

static void fields_mutate(struct subject *subject, const char *group, const char *table,
                          const struct layout_field *fields, size_t count, size_t from)
{
        for (size_t i = 0; i < count; i++)
                place_mutate(subject, mutation_place(subject->mutation, "%s/%s/%s", group, table, fields[i].name),
                             from + fields[i].offset, fields[i].size, strstr(fields[i].name, "checksum") != NULL);
}

/* The structures of a MADT, of an IORT: type and length, then fields of their own. */
static void madt_mutate(struct subject *subject)
{
        static const struct {
                uint8_t type;
                const char *name;
                const struct layout_field *fields;
                size_t count;
        } kinds[] = {{0x0b, "APIC.GICC", FIELDS(gicc_fields)},
                     {0x0c, "APIC.GICD", FIELDS(gicd_fields)},
                     {0x0d, "APIC.MSI", FIELDS(msi_fields)},
                     {0x0e, "APIC.GICR", FIELDS(gicr_fields)},
                     {0x0f, "APIC.ITS", FIELDS(its_fields)}};
        size_t end = subject->table + subject->length;

        for (size_t at = subject->table + 44; at + 2 <= end && subject->bytes[at + 1] >= 2;
             at += subject->bytes[at + 1])
                for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
                        if (subject->bytes[at] == kinds[k].type)
                                fields_mutate(subject, "acpi", kinds[k].name, kinds[k].fields, kinds[k].count, at);
}

static void iort_mutate(struct subject *subject)
{
        size_t end = subject->table + subject->length;
        size_t at = subject->table + wire_get32(subject->bytes + subject->table + 40);

        while (at + 16 <= end && wire_get16(subject->bytes + at + 1) >= 16) {
                fields_mutate(subject, "acpi", "IORT.node", FIELDS(iort_node_fields), at);
                at += wire_get16(subject->bytes + at + 1);
        }
}

/* AML has no fields at fixed places: bytes are, one in AML_STEP, or they would take most of the time. */
static void aml_mutate(struct subject *subject, const char *signature)
{
        enum { AML_STEP = 16 };

        for (size_t at = subject->table + ACPI_HEADER; at < subject->table + subject->length; at += AML_STEP) {
                uint8_t saved = subject->bytes[at], sum = subject->bytes[subject->table + CHECKSUM];

                subject->bytes[at] ^= 1;
                acpi_repair(subject);
                mutation_count(mutation_place(subject->mutation, "aml/%s/byte", signature), 1, subject_try(subject));
                subject->bytes[at] = saved;
                subject->bytes[subject->table + CHECKSUM] = sum;
        }
}

static void acpi_table_mutate(struct subject *subject)
{
        char signature[SIGNATURE + 1] = "";

        memcpy(signature, subject->bytes + subject->table, SIGNATURE);
        subject->repair = acpi_repair;
        fields_mutate(subject, "acpi", signature, FIELDS(header_fields), subject->table);
        for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++)
                if (strcmp(tables[t].signature, signature) == 0)
                        fields_mutate(subject, "acpi", signature, tables[t].fields, tables[t].count, subject->table);
        if (strcmp(signature, "APIC") == 0)
                madt_mutate(subject);
        else if (strcmp(signature, "IORT") == 0)
                iort_mutate(subject);
        else if (strcmp(signature, "DSDT") == 0 || strcmp(signature, "SSDT") == 0)
                aml_mutate(subject, signature);
        else if (strcmp(signature, "XSDT") == 0)
                for (size_t at = ACPI_HEADER; at + 8 <= subject->length; at += 8)
                        place_mutate(subject, mutation_place(subject->mutation, "acpi/XSDT/entry"), subject->table + at,
                                     8, false);
}

static bool subject_open(struct subject *subject, struct mutation *mutation, enum evidence_kind kind)
{
        struct bytes good = mutation->good.of[kind];

        *subject = (struct subject){.mutation = mutation, .kind = kind, .size = good.size};
        subject->bytes = good.size ? malloc(good.size) : NULL;
        mutation->lost |= good.size && !subject->bytes;
        if (!subject->bytes)
                return false;
        memcpy(subject->bytes, good.data, good.size);
        return true;
}

void mutate_acpi(struct mutation *mutation)
{
        struct subject subject;
        bool first = true;

        if (!subject_open(&subject, mutation, EVIDENCE_ACPI))
                return;
        for (size_t at = 0; at + CONTAINER_HEAD <= subject.size; at = subject.table + subject.length, first = false) {
                subject.table = at + CONTAINER_HEAD;
                subject.length = wire_get32(subject.bytes + at + 8);
                if (first) {
                        subject.repair = rsdp_repair;
                        fields_mutate(&subject, "acpi", "RSDP", FIELDS(rsdp_fields), subject.table);
                } else if (subject.length >= ACPI_HEADER) {
                        acpi_table_mutate(&subject);
                }
        }
        free(subject.bytes);
}

/* SMBIOS ----------------------------------------------------------------------------------------------------------- */

static const struct layout_field smbios3_fields[] = {
        {"anchor", 0, 5}, {"checksum", 5, 1},  {"length", 6, 1},    {"major", 7, 1},         {"minor", 8, 1},
        {"docrev", 9, 1}, {"revision", 10, 1}, {"reserved", 11, 1}, {"maximum-size", 12, 4}, {"address", 16, 8},
};

static void smbios_repair(struct subject *subject)
{
        uint8_t *entry = subject->bytes + subject->table;

        entry[5] = (uint8_t)(entry[5] - sum_of(entry, 24));
}

/* SMBIOS 3 alone: no clause speaks of what another entry point leads to. The header of each structure, and its
 * formatted bytes behind that. */
static void structures_mutate(struct subject *subject)
{
        static const struct layout_field fields[] = {{"type", 0, 1}, {"length", 1, 1}, {"handle", 2, 2}};
        size_t end = subject->table + subject->length;
        char name[24];

        for (size_t at = subject->table; at + 4 <= end && subject->bytes[at + 1] >= 4;) {
                unsigned type = subject->bytes[at], length = subject->bytes[at + 1];

                snprintf(name, sizeof(name), "type%u", type);
                fields_mutate(subject, "smbios", name, FIELDS(fields), at);
                for (size_t i = 4; i < length && at + i < end; i++)
                        place_mutate(subject, mutation_place(subject->mutation, "smbios/%s/byte%zu", name, i), at + i,
                                     1, false);
                at += length;
                while (at + 2 <= end && (subject->bytes[at] || subject->bytes[at + 1]))
                        at++;
                at += 2;
        }
}

void mutate_smbios(struct mutation *mutation)
{
        struct subject subject;
        bool first = true;

        if (!subject_open(&subject, mutation, EVIDENCE_SMBIOS))
                return;
        for (size_t at = 0; at + CONTAINER_HEAD <= subject.size; at = subject.table + subject.length, first = false) {
                subject.table = at + CONTAINER_HEAD;
                subject.length = wire_get32(subject.bytes + at + 8);
                if (first && (subject.length < 24 || memcmp(subject.bytes + subject.table, "_SM3_", 5) != 0))
                        break;
                if (first) {
                        subject.repair = smbios_repair;
                        fields_mutate(&subject, "smbios", "entry", FIELDS(smbios3_fields), subject.table);
                } else {
                        subject.repair = NULL;
                        structures_mutate(&subject);
                }
        }
        free(subject.bytes);
}

/* The memory map --------------------------------------------------------------------------------------------------- */

static const char *memory_type_name(uint32_t type)
{
        static const char *const names[] = {"reserved", "loader-code", "loader-data", "bs-code",  "bs-data",
                                            "rt-code",  "rt-data",     "free",        "unusable", "acpi-reclaim",
                                            "acpi-nvs", "mmio",        "mmio-port",   "pal",      "persistent"};

        return type < sizeof(names) / sizeof(names[0]) ? names[type] : "other";
}

void mutate_memory_map(struct mutation *mutation)
{
        static const struct layout_field head[] = {{"descriptor-size", 0, 4}, {"descriptor-version", 4, 4}};
        static const struct layout_field fields[] = {
                {"type", 0, 4}, {"start", 8, 8}, {"virtual-start", 16, 8}, {"pages", 24, 8}, {"attributes", 32, 8}};
        struct subject subject;
        size_t step;

        if (!subject_open(&subject, mutation, EVIDENCE_MEMORY_MAP))
                return;
        subject.length = subject.size;
        step = subject.size >= 16 ? wire_get32(subject.bytes) : 0;
        if (step >= 40)
                fields_mutate(&subject, "memory-map", "head", FIELDS(head), 0);
        for (size_t at = 16; step >= 40 && at + step <= subject.size; at += step)
                fields_mutate(&subject, "memory-map", memory_type_name(wire_get32(subject.bytes + at)), FIELDS(fields),
                              at);
        free(subject.bytes);
}

/* Lines "name=value" ----------------------------------------------------------------------------------------------- */

/* A line's number as another one of the same length, or its text with another first letter. */
static void line_mutate(struct subject *subject, struct mutated_field *field, size_t value, size_t size)
{
        static const char digits[] = "013f";
        bool number = size > 2 && memcmp(subject->bytes + value, "0x", 2) == 0;
        unsigned count = 0, noticed = 0;

        for (size_t at = number ? 2 : 0; at < size && (number || at < 1); at++) {
                uint8_t saved = subject->bytes[value + at];

                for (unsigned d = 0; d < (number ? sizeof(digits) - 1 : 1); d++) {
                        subject->bytes[value + at] = (uint8_t)(number ? digits[d] : saved ^ 1);
                        if (subject->bytes[value + at] == saved)
                                continue;
                        count++;
                        noticed += subject_try(subject);
                }
                subject->bytes[value + at] = saved;
        }
        mutation_count(field, count, noticed);
}

void mutate_text(struct mutation *mutation, enum evidence_kind kind, const char *group)
{
        struct subject subject;

        if (!subject_open(&subject, mutation, kind))
                return;
        for (size_t at = 0; at < subject.size;) {
                uint8_t *end = memchr(subject.bytes + at, '\n', subject.size - at);
                size_t length = end ? (size_t)(end - subject.bytes) - at : subject.size - at;
                uint8_t *equals = memchr(subject.bytes + at, '=', length);
                size_t name = equals ? (size_t)(equals - subject.bytes) - at : length;

                if (equals && length > name + 1)
                        line_mutate(&subject,
                                    mutation_place(mutation, "%s/%.*s", group, (int)name, (char *)subject.bytes + at),
                                    at + name + 1, length - name - 1);
                at += length + 1;
        }
        free(subject.bytes);
}
