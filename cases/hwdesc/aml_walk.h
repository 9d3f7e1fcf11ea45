/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AML as ACPI 6.3 section 20.2 has it: every opcode with its operands, every package inside the one around it.
 *
 * Nothing is run. A name that stands for a method takes as many operands as the method was declared with, so methods
 * of all tables are declared first, and the tables are walked then.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence.h"

enum { AML_SEGMENTS = 24, AML_DEVICES = 512, AML_METHODS = 1024, AML_DEPTH = 64, AML_HEADER = 36 };

/* A full name: its segments from the root on, four characters each as they stand. */
struct aml_path {
        unsigned length;
        uint32_t segment[AML_SEGMENTS];
};

/* What is declared right below a device, and what it is where that is a constant. */
enum aml_property { AML_HID, AML_CID, AML_CRS, AML_CCA, AML_ADR, AML_STA, AML_PROPERTIES };

struct aml_device {
        struct aml_path path;
        bool has[AML_PROPERTIES];
        struct bytes value[AML_PROPERTIES]; /* the data object; no bytes where it is a method */
};

struct aml_method {
        uint64_t path; /* its hash */
        uint8_t arguments;
};

struct aml {
        unsigned devices, methods;
        struct aml_device device[AML_DEVICES];
        struct aml_method method[AML_METHODS];
};

/* Adds the methods that a table declares, as far as it can be read. */
void aml_declare(struct aml *aml, struct bytes table);

/*
 * Walks a table, from behind its header to its end, and adds its devices. False where it is not AML; why then says
 * where, what was found, and what was expected.
 */
bool aml_walk(struct aml *aml, struct bytes table, char *why, size_t why_size);

/* "\_SB_.PCI0" */
struct aml_path_text {
        char text[AML_SEGMENTS * 5 + 2];
};
struct aml_path_text aml_path_text(const struct aml_path *path);

/* The device that a full name is of, or NULL. */
struct aml_device *aml_device(struct aml *aml, const struct aml_path *path);

/* A constant's value: an integer of any width; text, where it is a string, else "". */
bool aml_integer(struct bytes object, uint64_t *ret);
const char *aml_string(struct bytes object);
/* What a buffer holds; no bytes where the object is none. */
struct bytes aml_buffer(struct bytes object);

/* Resource descriptors, ACPI 6.3 section 6.4: all are whole, and the end tag is the last of them. */
bool aml_resources_whole(struct bytes resources);
/* One of them is memory that begins there. */
bool aml_resources_hold(struct bytes resources, uint64_t base);
/* One of them is memory, and part of it lies there. */
bool aml_resources_meet(struct bytes resources, uint64_t base, uint64_t length);

/* The id as text: of a string, or of a number that packs it as EISA does; "" where it is neither. */
struct aml_id {
        char text[12];
};
struct aml_id aml_id(struct bytes object);
