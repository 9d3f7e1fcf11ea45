/* SPDX-License-Identifier: BSD-2-Clause */
#include "mutate_subject.h"

#include <stdlib.h>
#include <string.h>

bool subject_open(struct subject *subject, struct mutation *mutation, enum evidence_kind kind)
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

bool subject_try(struct subject *subject)
{
        return mutation_try(subject->mutation, subject->kind, (struct bytes){subject->bytes, subject->size});
}

void subject_mutate_place(struct subject *subject, struct mutated_field *field, size_t at, unsigned size,
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

void subject_mutate(struct subject *subject, const char *group, const char *table, const struct layout_field *fields,
                    size_t count, size_t from)
{
        for (size_t i = 0; i < count; i++)
                subject_mutate_place(
                        subject, mutation_place(subject->mutation, "%s/%s/%s", group, table, fields[i].name),
                        from + fields[i].offset, fields[i].size, strstr(fields[i].name, "checksum") != NULL);
}

uint8_t subject_sum(const uint8_t *bytes, size_t size)
{
        uint8_t sum = 0;

        for (size_t i = 0; i < size; i++)
                sum = (uint8_t)(sum + bytes[i]);
        return sum;
}
