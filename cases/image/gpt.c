/* SPDX-License-Identifier: BSD-2-Clause */
/* Every offset and count of a table is checked before use, so that a hostile one costs nothing but its failure. */
#include "gpt.h"

#include <stdlib.h>
#include <string.h>

#include "crc32.h"
#include "text.h"

const uint8_t gpt_type_esp[16] = {0x28, 0x73, 0x2a, 0xc1, 0x1f, 0xf8, 0xd2, 0x11,
                                  0xba, 0x4b, 0x00, 0xa0, 0xc9, 0x3e, 0xc9, 0x3b};

static const uint8_t zero_guid[16];

static bool block_is_blank(const uint8_t *block, size_t size)
{
        return block[0] == 0 && memcmp(block, block + 1, size - 1) == 0;
}

/* The CRC is computed over HeaderSize bytes with its own field taken as zero. */
static uint32_t header_crc(const uint8_t *block, uint32_t size)
{
        static const uint8_t zero[4];
        uint32_t crc = crc32_update(0, block, 16);

        crc = crc32_update(crc, zero, 4);
        return crc32_update(crc, block + 20, size - 20);
}

bool gpt_header_read(const struct image *image, uint64_t lba, struct gpt_header *ret)
{
        uint8_t block[4096];
        struct gpt_header h = {.lba = lba};

        if (lba >= image_blocks(image) || image->block_size > sizeof(block) || image->block_size < 512 ||
            !image_read(image, lba * image->block_size, block, image->block_size))
                return false;
        h.blank = block_is_blank(block, image->block_size);
        h.has_signature = memcmp(block, "EFI PART", 8) == 0;
        text_escape(h.signature, sizeof(h.signature), block, 8);
        h.revision = image_le32(block + 8);
        h.header_size = image_le32(block + 12);
        h.crc = image_le32(block + 16);
        h.reserved = image_le32(block + 20);
        h.my_lba = image_le64(block + 24);
        h.alternate_lba = image_le64(block + 32);
        h.first_usable = image_le64(block + 40);
        h.last_usable = image_le64(block + 48);
        memcpy(h.disk_guid, block + 56, sizeof(h.disk_guid));
        h.entry_lba = image_le64(block + 72);
        h.entry_count = image_le32(block + 80);
        h.entry_size = image_le32(block + 84);
        h.array_crc = image_le32(block + 88);
        if (h.header_size >= GPT_HEADER_MIN && h.header_size <= image->block_size) {
                h.crc_computed = header_crc(block, h.header_size);
                h.crc_right = h.crc_computed == h.crc;
        } else {
                h.crc_computed = header_crc(block, GPT_HEADER_MIN);
        }
        *ret = h;
        return true;
}

enum gpt_array_state gpt_array_read(const struct image *image, const struct gpt_header *header, struct gpt_array *ret)
{
        uint64_t size = (uint64_t)header->entry_count * header->entry_size;
        uint64_t start;
        struct gpt_array array = {.count = header->entry_count, .entry_size = header->entry_size};

        if (header->entry_size < GPT_ENTRY_MIN || size == 0)
                return GPT_ARRAY_SHAPE;
        if (header->entry_lba >= image_blocks(image))
                return GPT_ARRAY_OUTSIDE;
        start = header->entry_lba * image->block_size;
        if (size > image->size - start)
                return GPT_ARRAY_OUTSIDE;
        if (size > GPT_ARRAY_MAX)
                return GPT_ARRAY_TOO_BIG;
        array.size = (size_t)size;
        array.data = malloc(array.size);
        if (!array.data || !image_read(image, start, array.data, array.size)) {
                free(array.data);
                return GPT_ARRAY_FAILED;
        }
        array.crc = crc32_update(0, array.data, array.size);
        *ret = array;
        return GPT_ARRAY_READ;
}

void gpt_array_free(struct gpt_array *array)
{
        free(array->data);
        array->data = NULL;
}

const char *gpt_array_state_text(enum gpt_array_state state)
{
        switch (state) {
        case GPT_ARRAY_READ:
                return "read";
        case GPT_ARRAY_SHAPE:
                return "its entry size is below 128 or it has no entries";
        case GPT_ARRAY_OUTSIDE:
                return "it is not wholly on the disk";
        case GPT_ARRAY_TOO_BIG:
                return "it is larger than the 4 MiB that are examined";
        case GPT_ARRAY_FAILED:
                break;
        }
        return "it could not be read";
}

bool gpt_entry_read(const struct gpt_array *array, uint32_t index, struct gpt_entry *ret)
{
        const uint8_t *at;

        if (!array->data || index >= array->count)
                return false;
        at = array->data + (size_t)index * array->entry_size;
        if (memcmp(at, zero_guid, sizeof(zero_guid)) == 0)
                return false;
        memcpy(ret->type, at, sizeof(ret->type));
        memcpy(ret->unique, at + 16, sizeof(ret->unique));
        ret->first = image_le64(at + 32);
        ret->last = image_le64(at + 40);
        ret->attributes = image_le64(at + 48);
        return true;
}

static bool gpt_try(const struct image *image, uint64_t lba, struct gpt *ret)
{
        struct gpt gpt = {0};

        if (!gpt_header_read(image, lba, &gpt.header) || !gpt.header.has_signature || !gpt.header.crc_right ||
            gpt.header.my_lba != lba || gpt_array_read(image, &gpt.header, &gpt.array) != GPT_ARRAY_READ)
                return false;
        if (gpt.array.crc != gpt.header.array_crc) {
                gpt_array_free(&gpt.array);
                return false;
        }
        *ret = gpt;
        return true;
}

bool gpt_open(const struct image *image, struct gpt *ret, const char **ret_why)
{
        struct gpt_header primary;
        uint64_t blocks = image_blocks(image);
        bool found = gpt_try(image, 1, ret) || (blocks > 2 && gpt_try(image, blocks - 1, ret));

        if (!found && gpt_header_read(image, 1, &primary) && primary.has_signature)
                found = gpt_try(image, primary.alternate_lba, ret);
        if (!found)
                *ret_why = "there is no valid GPT: neither header with its entry array is intact";
        return found;
}

void gpt_close(struct gpt *gpt)
{
        gpt_array_free(&gpt->array);
}
