/* SPDX-License-Identifier: BSD-2-Clause */
/* A copy of recorded bytes in which field after field is changed. */
#pragma once

#include "mutate.h"

/* What stands before each blob of a kind of evidence that is several blobs: address and length. */
enum { CONTAINER_HEAD = 12 };

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

/* A copy of one kind of the evidence, to be freed: bytes. False where there is none. */
bool subject_open(struct subject *subject, struct mutation *mutation, enum evidence_kind kind);
/* Asks the judges: did any notice? */
bool subject_try(struct subject *subject);
/* Every mutation of the bytes at an offset of the copy. Fields longer than a number: all zero, and first byte changed.
 */
void subject_mutate_place(struct subject *subject, struct mutated_field *field, size_t at, unsigned size,
                          bool is_checksum);
/* Each of the fields, which lie from an offset of the copy on. */
void subject_mutate(struct subject *subject, const char *group, const char *table, const struct layout_field *fields,
                    size_t count, size_t from);
uint8_t subject_sum(const uint8_t *bytes, size_t size);
