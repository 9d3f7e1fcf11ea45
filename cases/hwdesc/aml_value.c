/* SPDX-License-Identifier: BSD-2-Clause */
/* Constants of AML, out of bytes that a walk has found to be whole. */
#include "aml_walk.h"

#include "text.h"
#include "wire.h"

struct aml_path_text aml_path_text(const struct aml_path *path)
{
        struct aml_path_text ret = {"\\"};
        size_t at = 1;

        for (unsigned i = 0; i < path->length; i++) {
                uint8_t segment[4];

                wire_put32(segment, path->segment[i]);
                at += text_format(ret.text + at, sizeof(ret.text) - at, "%s%.4s", i ? "." : "", (const char *)segment);
        }
        return ret;
}

bool aml_integer(struct bytes object, uint64_t *ret)
{
        if (object.size == 1 && (object.data[0] <= 1 || object.data[0] == 0xff))
                *ret = object.data[0] == 0xff ? UINT64_MAX : object.data[0];
        else if (object.size == 2 && object.data[0] == 0x0a)
                *ret = object.data[1];
        else if (object.size == 3 && object.data[0] == 0x0b)
                *ret = wire_get16(object.data + 1);
        else if (object.size == 5 && object.data[0] == 0x0c)
                *ret = wire_get32(object.data + 1);
        else if (object.size == 9 && object.data[0] == 0x0e)
                *ret = wire_get64(object.data + 1);
        else
                return false;
        return true;
}

const char *aml_string(struct bytes object)
{
        bool string = object.size >= 2 && object.data[0] == 0x0d && object.data[object.size - 1] == 0;

        return string ? (const char *)object.data + 1 : "";
}

/* Behind the opcode: the package's length, the buffer's size as a constant, then its bytes. */
struct bytes aml_buffer(struct bytes object)
{
        static const uint8_t widths[] = {[0x0a] = 1, [0x0b] = 2, [0x0c] = 4, [0x0e] = 8};
        size_t at;

        if (object.size < 3 || object.data[0] != 0x11)
                return (struct bytes){0};
        at = 2 + (object.data[1] >> 6);
        if (at >= object.size)
                return (struct bytes){0};
        at += 1 + (object.data[at] < sizeof(widths) ? widths[object.data[at]] : 0);
        return at < object.size ? (struct bytes){object.data + at, object.size - at} : (struct bytes){0};
}

struct aml_id aml_id(struct bytes object)
{
        static const char digits[] = "0123456789ABCDEF";
        struct aml_id id = {""};
        uint64_t packed;

        if (!aml_integer(object, &packed)) {
                text_copy(id.text, sizeof(id.text), aml_string(object));
                return id;
        }
        packed = (packed & 0xff) << 24 | (packed & 0xff00) << 8 | (packed >> 8 & 0xff00) | (packed >> 24 & 0xff);
        for (unsigned i = 0; i < 3; i++)
                id.text[i] = (char)(0x40 + (packed >> (26 - 5 * i) & 31));
        for (unsigned i = 0; i < 4; i++)
                id.text[3 + i] = digits[packed >> (12 - 4 * i) & 15];
        return id;
}

enum { SMALL_END = 0x0f, LARGE_MEMORY32 = 0x85, LARGE_FIXED32 = 0x86, LARGE_DWORD = 0x87, LARGE_QWORD = 0x8a };

/* Steps to the next descriptor; false behind the last, and where one is cut. */
static bool resource_next(struct bytes resources, size_t *at, struct bytes *ret)
{
        size_t left = resources.size - *at, size;

        if (*at >= resources.size)
                return false;
        size = resources.data[*at] & 0x80 ? left < 3 ? left + 1 : 3u + wire_get16(resources.data + *at + 1)
                                          : 1u + (resources.data[*at] & 7);
        if (size > left)
                return false;
        *ret = (struct bytes){resources.data + *at, size};
        *at += size;
        return true;
}

static bool is_end(struct bytes one)
{
        return !(one.data[0] & 0x80) && one.data[0] >> 3 == SMALL_END;
}

bool aml_resources_whole(struct bytes resources)
{
        struct bytes one;
        size_t at = 0;

        while (resource_next(resources, &at, &one))
                if (is_end(one))
                        return at == resources.size;
        return false;
}

/* The memory of a descriptor; false where it is of another kind. */
static bool resource_memory(struct bytes one, uint64_t *ret_base, uint64_t *ret_size)
{
        if (one.data[0] == LARGE_FIXED32 && one.size >= 12) {
                *ret_base = wire_get32(one.data + 4);
                *ret_size = wire_get32(one.data + 8);
        } else if (one.data[0] == LARGE_MEMORY32 && one.size >= 20) {
                *ret_base = wire_get32(one.data + 4);
                *ret_size = wire_get32(one.data + 16);
        } else if (one.data[0] == LARGE_DWORD && one.size >= 26 && one.data[3] == 0) {
                *ret_base = wire_get32(one.data + 10);
                *ret_size = wire_get32(one.data + 22);
        } else if (one.data[0] == LARGE_QWORD && one.size >= 46 && one.data[3] == 0) {
                *ret_base = wire_get64(one.data + 14);
                *ret_size = wire_get64(one.data + 38);
        } else {
                return false;
        }
        return true;
}

bool aml_resources_hold(struct bytes resources, uint64_t base)
{
        uint64_t first, size;
        struct bytes one;
        size_t at = 0;

        while (resource_next(resources, &at, &one) && !is_end(one))
                if (resource_memory(one, &first, &size) && first == base)
                        return true;
        return false;
}

bool aml_resources_meet(struct bytes resources, uint64_t base, uint64_t length)
{
        uint64_t first, size;
        struct bytes one;
        size_t at = 0;

        while (resource_next(resources, &at, &one) && !is_end(one))
                if (resource_memory(one, &first, &size) && (first < base ? base - first < size : first - base < length))
                        return true;
        return false;
}
