/* SPDX-License-Identifier: BSD-2-Clause */
/* A volume is taken for whole only where its header says so by every field that it has: PI volume 3, section 3.2.1. */
#include "blob.h"

#include <stdarg.h>
#include <string.h>

#include "image.h"
#include "text.h"
#include "volume.h"

bool blob_fault(struct blob_fault *fault, uint64_t at, const char *expected, const char *found, ...)
{
        va_list args;

        va_start(args, found);
        fault->at = at;
        text_vformat(fault->found, sizeof(fault->found), found, args);
        text_copy(fault->expected, sizeof(fault->expected), expected);
        va_end(args);
        return false;
}

const uint8_t *blob_at(struct bytes blob, uint64_t at, uint64_t size, const char *what, struct blob_fault *fault)
{
        char expected[sizeof(fault->expected)];

        if (at <= blob.size && size <= blob.size - at)
                return blob.data + at;
        text_format(expected, sizeof(expected), "%s of 0x%llx bytes", what, (unsigned long long)size);
        (void)blob_fault(fault, at, expected, "0x%llx bytes to the end",
                         (unsigned long long)(at <= blob.size ? blob.size - at : 0));
        return NULL;
}

enum {
        LENGTH = 32,
        SIGNATURE = 40,
        ATTRIBUTES = 44,
        HEADER_LENGTH = 48,
        REVISION = 55,
        BLOCK_MAP = 56,
        HEADER_LEAST = BLOCK_MAP + 16, /* one entry, and the one of zeros that ends the map */
        HEADER_MOST = 4096,
};

/* The map's entries, each a count and a length of blocks, add up to the volume, and zeros end it. */
static bool block_map_check(const uint8_t *header, const struct blob_volume *volume, struct blob_fault *fault)
{
        uint64_t sum = 0;
        unsigned at = BLOCK_MAP;

        for (; at + 8 <= volume->header && (image_le32(header + at) || image_le32(header + at + 4)); at += 8)
                sum += (uint64_t)image_le32(header + at) * image_le32(header + at + 4);
        if (at + 8 != volume->header)
                return blob_fault(fault, volume->at + at, "a block map that ends with the volume's header",
                                  "%u bytes of header left", (unsigned)volume->header - at);
        if (sum < volume->size) /* ArmVirtQemu writes the blocks of the whole chip into it */
                return blob_fault(fault, volume->at + BLOCK_MAP, "a block map that covers the volume",
                                  "blocks of 0x%llx bytes, a volume of 0x%llx", (unsigned long long)sum,
                                  (unsigned long long)volume->size);
        return true;
}

static bool header_check(struct bytes blob, struct blob_volume *volume, struct blob_fault *fault)
{
        const uint8_t *header = blob_at(blob, volume->at, HEADER_LEAST, "a volume's header", fault);
        uint16_t sum = 0;

        if (!header)
                return false;
        volume->header = image_le16(header + HEADER_LENGTH);
        volume->size = image_le64(header + LENGTH);
        volume->attributes = image_le32(header + ATTRIBUTES);
        memcpy(volume->guid, header + 16, 16);
        if (volume->header < HEADER_LEAST || volume->header > HEADER_MOST || volume->header % 2)
                return blob_fault(fault, volume->at + HEADER_LENGTH, "a header of 72 to 4096 bytes, an even number",
                                  "%u", (unsigned)volume->header);
        if (volume->size <= volume->header)
                return blob_fault(fault, volume->at + LENGTH, "a volume that is longer than its header", "0x%llx bytes",
                                  (unsigned long long)volume->size);
        if (!blob_at(blob, volume->at, volume->size, "a volume", fault))
                return false;
        for (unsigned i = 0; i < volume->header; i += 2)
                sum = (uint16_t)(sum + image_le16(header + i));
        if (sum)
                return blob_fault(fault, volume->at, "a volume's header whose 16-bit words add up to 0",
                                  "a sum of 0x%04x", (unsigned)sum);
        if (header[REVISION] != 2)
                return blob_fault(fault, volume->at + REVISION, "revision 2 of a volume's header", "%u",
                                  (unsigned)header[REVISION]);
        return block_map_check(header, volume, fault);
}

static bool volume_add(struct bytes blob, uint64_t at, struct blob_volumes *volumes, struct blob_fault *fault)
{
        struct blob_volume volume = {.at = at};
        size_t seen;

        if (volumes->count == BLOB_VOLUMES_MAX)
                return blob_fault(fault, at, "at most 64 volumes", "one more");
        if (!header_check(blob, &volume, fault))
                return false;
        seen = volume.size < HEADER_MOST ? (size_t)volume.size : HEADER_MOST;
        volume.variables = volume_kind(blob.data + at, seen) == VOLUME_VARIABLES;
        volumes->volume[volumes->count++] = volume;
        return true;
}

bool blob_volumes_read(struct bytes blob, struct blob_volumes *ret, struct blob_fault *fault)
{
        uint64_t inside = 0; /* up to here all belongs to the volume found last */

        ret->count = 0;
        for (uint64_t at = 0; at + SIGNATURE + 4 <= blob.size; at += BLOB_VOLUME_ALIGNMENT) {
                uint64_t size;

                if (memcmp(blob.data + at + SIGNATURE, "_FVH", 4) != 0)
                        continue;
                size = image_le64(blob.data + at + LENGTH);
                if (at < inside && size <= inside - at)
                        continue;
                if (at < inside)
                        return blob_fault(fault, at, "a volume that ends with the one that it begins in",
                                          "0x%llx bytes, with 0x%llx left", (unsigned long long)size,
                                          (unsigned long long)(inside - at));
                if (!volume_add(blob, at, ret, fault))
                        return false;
                inside = at + size;
        }
        return true;
}

const struct blob_volume *blob_volumes_nv(const struct blob_volumes *volumes)
{
        for (unsigned i = 0; i < volumes->count; i++)
                if (volumes->volume[i].variables)
                        return &volumes->volume[i];
        return NULL;
}
