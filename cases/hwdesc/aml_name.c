/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of AML: how they are spelt, where they lead, and what is declared under them. */
#include "aml_private.h"

#include <string.h>

#include "text.h"
#include "wire.h"

bool walk_fail(struct walk *walk, size_t at, const char *found, const char *expected)
{
        if (walk->why_size && !walk->why[0])
                text_format(walk->why, walk->why_size, "offset %u: found %s, expected %s", (unsigned)at, found,
                            expected);
        return false;
}

bool walk_take(struct walk *walk, size_t size, const char *what)
{
        if (size > walk->end - walk->at)
                return walk_fail(walk, walk->at, "the end of what is around it", what);
        walk->at += size;
        return true;
}

bool walk_is_lead(uint8_t c)
{
        return (c >= 'A' && c <= 'Z') || c == '_';
}

bool walk_is_name(uint8_t c)
{
        return walk_is_lead(c) || c == '\\' || c == '^' || c == 0x2e || c == 0x2f;
}

static uint64_t path_hash(const struct aml_path *path, unsigned length)
{
        uint64_t hash = 0xcbf29ce484222325ull;

        for (unsigned i = 0; i < length; i++)
                hash = (hash ^ path->segment[i]) * 0x100000001b3ull;
        return hash;
}

bool walk_segment(struct walk *walk, struct aml_path *path)
{
        size_t at = walk->at;

        if (!walk_take(walk, 4, "a name of four characters"))
                return false;
        for (size_t i = 0; i < 4; i++)
                if (!walk_is_lead(walk->data[at + i]) &&
                    (i == 0 || walk->data[at + i] < '0' || walk->data[at + i] > '9'))
                        return walk_fail(walk, at + i, "another character", "A to Z, _ or, not first, a digit");
        if (path->length == AML_SEGMENTS)
                return walk_fail(walk, at, "a name of too many parts", "at most 24");
        path->segment[path->length++] = wire_get32(walk->data + at);
        return true;
}

/* What a name is below: the root, or the scope less its carets; *ret_alone where one segment is searched upwards. */
static bool prefix_take(struct walk *walk, struct aml_path *path, bool *ret_alone)
{
        *path = walk->scope;
        *ret_alone = true;
        if (walk->at < walk->end && walk->data[walk->at] == '\\') {
                walk->at++;
                path->length = 0;
                *ret_alone = false;
        }
        for (; walk->at < walk->end && walk->data[walk->at] == '^'; walk->at++) {
                if (path->length == 0)
                        return walk_fail(walk, walk->at, "^ above the root", "a name");
                path->length--;
                *ret_alone = false;
        }
        return true;
}

bool walk_name(struct walk *walk, struct aml_path *path, bool *ret_alone)
{
        unsigned segments = 1;
        uint8_t c;

        if (!prefix_take(walk, path, ret_alone) || !walk_take(walk, 1, "a name"))
                return false;
        c = walk->data[walk->at - 1];
        if (c == 0)
                return true;
        if (c == 0x2e) {
                segments = 2;
        } else if (c == 0x2f) {
                if (!walk_take(walk, 1, "the number of a name's parts"))
                        return false;
                segments = walk->data[walk->at - 1];
                if (segments == 0)
                        return walk_fail(walk, walk->at - 1, "a name of 0 parts", "1 or more");
        } else {
                walk->at--;
        }
        *ret_alone &= segments == 1;
        for (unsigned i = 0; i < segments; i++)
                if (!walk_segment(walk, path))
                        return false;
        return true;
}

static const struct aml_method *method_at(const struct aml *aml, uint64_t hash)
{
        for (unsigned i = 0; i < aml->methods; i++)
                if (aml->method[i].path == hash)
                        return &aml->method[i];
        return NULL;
}

/* A single segment is looked for in the scope and in all that are around it. */
const struct aml_method *walk_method(const struct walk *walk, struct aml_path path, bool alone)
{
        const struct aml_method *found = method_at(walk->aml, path_hash(&path, path.length));

        while (!found && alone && path.length > 1) {
                path.segment[path.length - 2] = path.segment[path.length - 1];
                path.length--;
                found = method_at(walk->aml, path_hash(&path, path.length));
        }
        return found;
}

struct aml_device *aml_device(struct aml *aml, const struct aml_path *path)
{
        for (unsigned i = 0; i < aml->devices; i++)
                if (aml->device[i].path.length == path->length &&
                    memcmp(aml->device[i].path.segment, path->segment, 4 * path->length) == 0)
                        return &aml->device[i];
        return NULL;
}

static void method_add(struct walk *walk, const struct aml_path *path, uint8_t arguments)
{
        struct aml *aml = walk->aml;

        if (walk->declaring && aml->methods < AML_METHODS && !method_at(aml, path_hash(path, path->length)))
                aml->method[aml->methods++] = (struct aml_method){path_hash(path, path->length), arguments};
}

void walk_property(struct walk *walk, const struct aml_path *path, struct bytes value)
{
        static const char names[AML_PROPERTIES][5] = {"_HID", "_CID", "_CRS", "_CCA", "_ADR", "_STA"};
        struct aml_path parent = *path;
        struct aml_device *device;

        if (walk->declaring || path->length < 2)
                return;
        parent.length--;
        device = aml_device(walk->aml, &parent);
        for (unsigned i = 0; device && i < AML_PROPERTIES; i++)
                if (path->segment[path->length - 1] == wire_get32((const uint8_t *)names[i])) {
                        device->has[i] = true;
                        device->value[i] = value;
                }
}

/* What an opcode declares, once its name is known: at is where what follows the name begins. */
void walk_declare(struct walk *walk, const struct aml_op *op, size_t at)
{
        struct aml *aml = walk->aml;

        if (op->code == AML_METHOD && at < walk->end) {
                method_add(walk, &walk->opened, walk->data[at] & 7);
                walk_property(walk, &walk->opened, (struct bytes){0});
        } else if (op->code == AML_EXTERNAL && walk->end - at >= 2 && walk->data[at] == 8) {
                method_add(walk, &walk->opened, walk->data[at + 1] & 7);
        } else if (op->code == AML_DEVICE && !walk->declaring && aml->devices < AML_DEVICES &&
                   !aml_device(aml, &walk->opened)) {
                aml->device[aml->devices++] = (struct aml_device){.path = walk->opened};
        }
}
