/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Systematic mutation: every field of recorded bytes is changed, one at a time, checksums repaired, and every judge
 * half is asked again. A mutation is noticed where a check fails that did not fail before.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "case.h"
#include "evidence.h"
#include "image.h"

enum { FIELD_NAME = 96 };

/* One field: where it came up, and how many of its places were noticed by at least one of their mutations. */
struct mutated_field {
        char name[FIELD_NAME]; /* "acpi/GTDT/virtual-gsiv" */
        unsigned places, noticed;
        unsigned mutations, noticed_mutations;
        const char *reason; /* why the specification allows it, or who else looks; NULL: nobody said */
};

/* How often each check of a case failed, by a hash of its place. */
enum { FAILURES = 48 };
struct failures {
        uint32_t facts; /* of all that was told, failures or not */
        unsigned count;
        uint32_t place[FAILURES];
};

struct mutation {
        struct evidence good; /* what is mutated; a generator changes one kind at a time */
        const struct image *image;
        unsigned machine;                       /* the enum need bit of what was started; 0 while a disk is mutated */
        struct failures before[CASE_COUNT];     /* any mutation */
        bool reads[CASE_COUNT][EVIDENCE_COUNT]; /* without that kind, the judge tells something else */
        size_t fields;
        struct mutated_field *field;
        bool lost; /* out of memory */
};

/* Asks every judge half over the unchanged bytes. */
void mutation_begin(struct mutation *mutation);

/* A place of a field begins; the mutations told next are of it. */
struct mutated_field *mutation_place(struct mutation *mutation, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
/* Asks the judge halves over the evidence with one kind replaced, or over the image as it is now. */
bool mutation_try(struct mutation *mutation, enum evidence_kind kind, struct bytes bytes);
bool mutation_try_image(struct mutation *mutation);
/* Counts the place: so many of its mutations were noticed. */
void mutation_count(struct mutated_field *field, unsigned mutations, unsigned noticed);

/* The values that a number of so many bytes is changed to, without its own; at most MUTANTS. */
enum { MUTANTS = 6 };
unsigned mutants_of(uint64_t value, unsigned size, uint64_t to[MUTANTS]);

/* A field of a layout: little-endian where it is a number, bytes where it is longer than eight. */
struct layout_field {
        const char *name;
        unsigned offset, size;
};

/* A layout and its length, as two arguments. */
#define FIELDS(name) name, sizeof(name) / sizeof(name[0])

/* mutate_acpi.c, mutate_tables.c, mutate_fdt.c, mutate_disk.c: each goes over all fields of what it knows. */
void mutate_acpi(struct mutation *mutation);
void mutate_smbios(struct mutation *mutation);
void mutate_memory_map(struct mutation *mutation);
void mutate_text(struct mutation *mutation, enum evidence_kind kind, const char *group);
void mutate_fdt(struct mutation *mutation);
void mutate_disk(struct mutation *mutation, int fd);
