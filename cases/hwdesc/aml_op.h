/* SPDX-License-Identifier: BSD-2-Clause */
/* The opcodes of AML and what follows each. */
#pragma once

#include <stdint.h>

enum aml_class {
        AML_STATEMENT,  /* stands in a list of terms alone */
        AML_OBJECT,     /* as that, and declares or opens something */
        AML_EXPRESSION, /* stands there, or as an operand */
        AML_DATA,       /* an operand, or a part of a package */
        AML_PLACE,      /* something to store to: locals, arguments, Debug */
};

enum {
        AML_EXTENDED = 0x5b00,
        AML_NAME = 0x08,
        AML_SCOPE = 0x10,
        AML_BUFFER = 0x11,
        AML_VARIABLE_PACKAGE = 0x13,
        AML_METHOD = 0x14,
        AML_EXTERNAL = 0x15,
        AML_DEVICE = AML_EXTENDED | 0x82
};

/*
 * Operands, in order: b w d q (numbers of 1 to 8 bytes), f (how fields are accessed), s (a string), N (a name), D (the
 * name that is declared), C (the name that is opened), O (a data object), T (a term), S (a place), t (a place or none),
 * P (a package begins); to the package's end: L (terms), F (fields), E (elements), B (bytes).
 */
struct aml_op {
        uint16_t code; /* AML_EXTENDED | n for those behind 0x5b */
        uint8_t class;
        const char *operands;
};

/* NULL where there is no such opcode. */
const struct aml_op *aml_op(uint16_t code);
