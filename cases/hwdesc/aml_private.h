/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of the AML reader share. */
#pragma once

#include "aml_op.h"
#include "aml_walk.h"

struct walk {
        struct aml *aml;
        const uint8_t *data;
        size_t at, end;         /* end: of the package around */
        struct aml_path scope;  /* where names are declared */
        struct aml_path opened; /* the name that the last operand C or D gave */
        unsigned depth;
        bool declaring; /* the first pass */
        char *why;
        size_t why_size;
};

/* Says what is wrong, where nothing said so before; false. */
bool walk_fail(struct walk *walk, size_t at, const char *found, const char *expected);

/* Steps over so many bytes; false where the package around ends before. */
bool walk_take(struct walk *walk, size_t size, const char *what);

/* A name begins with this byte; a segment does. */
bool walk_is_name(uint8_t c);
bool walk_is_lead(uint8_t c);

/* Steps over a segment, or a name; *ret_alone where it is one segment, to be looked for upwards. */
bool walk_segment(struct walk *walk, struct aml_path *path);
bool walk_name(struct walk *walk, struct aml_path *path, bool *ret_alone);

/* The method that a name calls, or NULL. */
const struct aml_method *walk_method(const struct walk *walk, struct aml_path path, bool alone);

/* What an opcode declares, once its name is known: at is where what follows the name begins. */
void walk_declare(struct walk *walk, const struct aml_op *op, size_t at);

/* A name that has a value is declared below a device. */
void walk_property(struct walk *walk, const struct aml_path *path, struct bytes value);
