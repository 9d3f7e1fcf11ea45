/* SPDX-License-Identifier: BSD-2-Clause */
/* No read leaves the package that it is in, and nothing goes deeper than AML_DEPTH. */
#include "aml_private.h"

#include <string.h>

#include "text.h"

/* Operands --------------------------------------------------------------------------------------------------------- */

static bool term_take(struct walk *walk, bool operand);

/* A package's length counts from its own first byte. */
static bool length_take(struct walk *walk, size_t *ret)
{
        size_t start = walk->at, more;

        if (!walk_take(walk, 1, "a package length"))
                return false;
        more = walk->data[start] >> 6;
        *ret = walk->data[start] & (more ? 15 : 63);
        if (more && walk->data[start] & 0x30)
                return walk_fail(walk, start, "a package length with bits 4 or 5 set", "0 in both");
        if (!walk_take(walk, more, "a package length"))
                return false;
        for (size_t i = 0; i < more; i++)
                *ret |= (size_t)walk->data[start + 1 + i] << (4 + 8 * i);
        return true;
}

static bool package_begin(struct walk *walk, size_t *ret_end)
{
        size_t start = walk->at, length;

        if (!length_take(walk, &length))
                return false;
        if (length < walk->at - start || length > walk->end - start)
                return walk_fail(walk, start, "a package length that leads out of what is around it", "one within");
        *ret_end = start + length;
        return true;
}

static bool string_take(struct walk *walk)
{
        for (; walk->at < walk->end; walk->at++) {
                if (walk->data[walk->at] == 0) {
                        walk->at++;
                        return true;
                }
                if (walk->data[walk->at] > 0x7f)
                        return walk_fail(walk, walk->at, "a byte above 0x7f", "a string of ASCII");
        }
        return walk_fail(walk, walk->at, "the end of what is around it", "the end of a string");
}

static bool field_take(struct walk *walk)
{
        uint8_t c = walk->data[walk->at];
        struct aml_path path = {0};
        size_t bits;
        bool alone;

        if (walk_is_lead(c))
                return walk_segment(walk, &path) && length_take(walk, &bits);
        walk->at++;
        switch (c) {
        case 0:
                return length_take(walk, &bits);
        case 1:
                return walk_take(walk, 2, "an access type and attribute");
        case 2:
                if (walk->at < walk->end && walk->data[walk->at] == AML_BUFFER)
                        return term_take(walk, true);
                return walk_name(walk, &path, &alone);
        case 3:
                return walk_take(walk, 3, "an access type, attribute and length");
        default:
                return walk_fail(walk, walk->at - 1, "another byte", "a field's name, or 0 to 3");
        }
}

/* A place to store to: a name, a local, an argument, or what Index, RefOf and DerefOf give. */
static bool place_take(struct walk *walk, bool optional)
{
        struct aml_path path;
        const struct aml_op *op;
        size_t at = walk->at;
        uint16_t code;
        bool alone;

        if (at >= walk->end)
                return walk_fail(walk, at, "the end of what is around it", "something to store to");
        code = walk->data[at];
        if (walk_is_name((uint8_t)code))
                return walk_name(walk, &path, &alone);
        if (code == 0 && optional)
                return walk_take(walk, 1, "");
        if (code == 0x5b && at + 1 < walk->end)
                code = AML_EXTENDED | walk->data[at + 1];
        op = aml_op(code);
        if (op && op->class == AML_PLACE)
                return walk_take(walk, code >= AML_EXTENDED ? 2 : 1, "");
        if (code == 0x71 || code == 0x83 || code == 0x88)
                return term_take(walk, true);
        return walk_fail(walk, at, "another opcode", "something to store to");
}

/* A data object: a constant, a string, a buffer, a package, or a name. */
static bool data_take(struct walk *walk)
{
        struct aml_path path;
        uint8_t code = walk->at < walk->end ? walk->data[walk->at] : 0;
        const struct aml_op *op = aml_op(code == 0x5b ? AML_EXTENDED | 0x30 : code);
        bool alone;

        if (walk->at < walk->end && walk_is_name(code))
                return walk_name(walk, &path, &alone);
        if (op && op->class != AML_DATA && (code < AML_BUFFER || code > AML_VARIABLE_PACKAGE))
                return walk_fail(walk, walk->at, "an opcode that is to be run", "a constant, a buffer or a package");
        return term_take(walk, true);
}

static bool number_take(struct walk *walk, char kind)
{
        return walk_take(walk, kind == 'b' ? 1 : kind == 'w' ? 2 : kind == 'd' ? 4 : 8, "a number");
}

/* Access types from AnyAcc to BufferAcc; bit 7 is reserved. */
static bool access_take(struct walk *walk)
{
        uint8_t flags = walk->at < walk->end ? walk->data[walk->at] : 0;

        if ((flags & 15) > 5 || flags & 0x80)
                return walk_fail(walk, walk->at, "another access type", "0 to 5, and bit 7 clear");
        return walk_take(walk, 1, "an access type");
}

static bool list_take(struct walk *walk, char kind)
{
        while (walk->at < walk->end)
                if (!(kind == 'L' ? term_take(walk, false) : kind == 'F' ? field_take(walk) : data_take(walk)))
                        return false;
        return true;
}

/* Terms ------------------------------------------------------------------------------------------------------------ */

static bool operand_take(struct walk *walk, char kind)
{
        struct aml_path path;
        bool alone;

        switch (kind) {
        case 'f':
                return access_take(walk);
        case 's':
                return string_take(walk);
        case 'N':
                return walk_name(walk, &path, &alone);
        case 'D':
        case 'C':
                return walk_name(walk, &walk->opened, &alone);
        case 'O':
                return data_take(walk);
        case 'T':
                return term_take(walk, true);
        case 'S':
        case 't':
                return place_take(walk, kind == 't');
        case 'L':
        case 'F':
        case 'E':
                return list_take(walk, kind);
        case 'B':
                walk->at = walk->end;
                return true;
        default:
                return number_take(walk, kind);
        }
}

/* The operands of one opcode, in its package where it has one. */
static bool operands_take(struct walk *walk, const struct aml_op *op)
{
        struct aml_path scope = walk->scope;
        size_t outer = walk->end, inner = walk->end;
        bool whole = true, package = false;

        for (const char *kind = op->operands; whole && *kind; kind++) {
                size_t at = walk->at;

                if (*kind == 'P') {
                        whole = package = package_begin(walk, &inner);
                        walk->end = inner;
                        continue;
                }
                if (walk->declaring && op->code == AML_METHOD && *kind == 'L') {
                        walk->at = walk->end;
                        continue;
                }
                whole = operand_take(walk, *kind);
                if (whole && (*kind == 'D' || *kind == 'C'))
                        walk_declare(walk, op, walk->at);
                if (whole && *kind == 'C')
                        walk->scope = walk->opened;
                if (whole && op->code == AML_NAME && *kind == 'O')
                        walk_property(walk, &walk->opened, (struct bytes){walk->data + at, walk->at - at});
        }
        if (whole && package && walk->at != inner)
                whole = walk_fail(walk, walk->at, "more in the package", "its end");
        if (!whole && package && walk->declaring) {
                walk->at = inner; /* the second pass judges */
                whole = true;
        }
        walk->end = outer;
        walk->scope = scope;
        return whole;
}

/* A name where a term stands is its value, or calls a method with its operands. */
static bool call_take(struct walk *walk)
{
        const struct aml_method *method;
        struct aml_path path;
        bool alone, whole;

        if (!walk_name(walk, &path, &alone))
                return false;
        method = walk_method(walk, path, alone);
        whole = true;
        for (unsigned i = 0; method && whole && i < method->arguments; i++)
                whole = term_take(walk, true);
        return whole;
}

static bool term_take(struct walk *walk, bool operand)
{
        const struct aml_op *op;
        size_t start = walk->at;
        uint16_t code;
        bool whole;

        if (start >= walk->end)
                return walk_fail(walk, start, "the end of what is around it", "a term");
        if (walk->depth == AML_DEPTH)
                return walk_fail(walk, start, "terms within terms", "at most 64 deep");
        code = walk->data[start];
        if (code == 0x5b && walk->end - start >= 2)
                code = AML_EXTENDED | walk->data[start + 1];
        walk->depth++;
        if (walk_is_name((uint8_t)code) && code < AML_EXTENDED) {
                whole = call_take(walk);
        } else {
                char found[24];

                op = aml_op(code);
                text_format(found, sizeof(found), "0x%x", code);
                walk->at += code >= AML_EXTENDED ? 2 : 1;
                if (!op)
                        whole = walk_fail(walk, start, found, "an opcode");
                else if (operand && (op->class == AML_STATEMENT || op->class == AML_OBJECT))
                        whole = walk_fail(walk, start, found, "an opcode that has a value");
                else if (!operand && op->class == AML_PLACE)
                        whole = walk_fail(walk, start, found, "an opcode that does something");
                else
                        whole = operands_take(walk, op);
        }
        walk->depth--;
        return whole;
}

/* Tables ----------------------------------------------------------------------------------------------------------- */

static bool table_walk(struct aml *aml, struct bytes table, bool declaring, char *why, size_t why_size)
{
        struct walk walk = {.aml = aml,
                            .data = table.data,
                            .at = AML_HEADER,
                            .end = table.size,
                            .declaring = declaring,
                            .why = why,
                            .why_size = why_size};

        if (why_size)
                why[0] = 0;
        if (table.size < AML_HEADER)
                return walk_fail(&walk, 0, "fewer bytes", "a header of 36");
        return list_take(&walk, 'L');
}

void aml_declare(struct aml *aml, struct bytes table)
{
        (void)table_walk(aml, table, true, NULL, 0);
}

bool aml_walk(struct aml *aml, struct bytes table, char *why, size_t why_size)
{
        return table_walk(aml, table, false, why, why_size);
}
