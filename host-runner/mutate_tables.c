/* SPDX-License-Identifier: BSD-2-Clause */
/* SMBIOS structures, the memory map and text lines, field by field. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mutate_subject.h"
#include "wire.h"

/* SMBIOS ----------------------------------------------------------------------------------------------------------- */

static const struct layout_field smbios3_fields[] = {
        {"anchor", 0, 5}, {"checksum", 5, 1},  {"length", 6, 1},    {"major", 7, 1},         {"minor", 8, 1},
        {"docrev", 9, 1}, {"revision", 10, 1}, {"reserved", 11, 1}, {"maximum-size", 12, 4}, {"address", 16, 8},
};

static void smbios_repair(struct subject *subject)
{
        uint8_t *entry = subject->bytes + subject->table;

        entry[5] = (uint8_t)(entry[5] - subject_sum(entry, 24));
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
                subject_mutate(subject, "smbios", name, FIELDS(fields), at);
                for (size_t i = 4; i < length && at + i < end; i++)
                        subject_mutate_place(subject, mutation_place(subject->mutation, "smbios/%s/byte%zu", name, i),
                                             at + i, 1, false);
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
                        subject_mutate(&subject, "smbios", "entry", FIELDS(smbios3_fields), subject.table);
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
                subject_mutate(&subject, "memory-map", "head", FIELDS(head), 0);
        for (size_t at = 16; step >= 40 && at + step <= subject.size; at += step)
                subject_mutate(&subject, "memory-map", memory_type_name(wire_get32(subject.bytes + at)), FIELDS(fields),
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
