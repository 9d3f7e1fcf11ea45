/* SPDX-License-Identifier: BSD-2-Clause */
/* ACPI tables, field by field. */
#include <stdlib.h>
#include <string.h>

#include "mutate_subject.h"
#include "wire.h"

enum { SIGNATURE = 4, ACPI_HEADER = 36, CHECKSUM = 9 };

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

static void acpi_repair(struct subject *subject)
{
        uint8_t *table = subject->bytes + subject->table;

        table[CHECKSUM] = (uint8_t)(table[CHECKSUM] - subject_sum(table, subject->length));
}

static void rsdp_repair(struct subject *subject)
{
        uint8_t *rsdp = subject->bytes + subject->table;

        rsdp[8] = (uint8_t)(rsdp[8] - subject_sum(rsdp, 20));
        if (subject->length >= 36)
                rsdp[32] = (uint8_t)(rsdp[32] - subject_sum(rsdp, 36));
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
                                subject_mutate(subject, "acpi", kinds[k].name, kinds[k].fields, kinds[k].count, at);
}

static void iort_mutate(struct subject *subject)
{
        size_t end = subject->table + subject->length;
        size_t at = subject->table + wire_get32(subject->bytes + subject->table + 40);

        while (at + 16 <= end && wire_get16(subject->bytes + at + 1) >= 16) {
                subject_mutate(subject, "acpi", "IORT.node", FIELDS(iort_node_fields), at);
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
        subject_mutate(subject, "acpi", signature, FIELDS(header_fields), subject->table);
        for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++)
                if (strcmp(tables[t].signature, signature) == 0)
                        subject_mutate(subject, "acpi", signature, tables[t].fields, tables[t].count, subject->table);
        if (strcmp(signature, "APIC") == 0)
                madt_mutate(subject);
        else if (strcmp(signature, "IORT") == 0)
                iort_mutate(subject);
        else if (strcmp(signature, "DSDT") == 0 || strcmp(signature, "SSDT") == 0)
                aml_mutate(subject, signature);
        else if (strcmp(signature, "XSDT") == 0)
                for (size_t at = ACPI_HEADER; at + 8 <= subject->length; at += 8)
                        subject_mutate_place(subject, mutation_place(subject->mutation, "acpi/XSDT/entry"),
                                             subject->table + at, 8, false);
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
                        subject_mutate(&subject, "acpi", "RSDP", FIELDS(rsdp_fields), subject.table);
                } else if (subject.length >= ACPI_HEADER) {
                        acpi_table_mutate(&subject);
                }
        }
        free(subject.bytes);
}
