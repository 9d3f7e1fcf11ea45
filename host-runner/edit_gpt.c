/* SPDX-License-Identifier: BSD-2-Clause */
/* A change to the GPT leaves every checksum right, but for the one that the line asks to be kept. */
#include "edit_disk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "crc32.h"
#include "gpt.h"

static const struct edit_field header_fields[] = {
        {"signature", 0, 8},    {"revision", 8, 4},    {"header-size", 12, 4},   {"crc", 16, 4},
        {"reserved", 20, 4},    {"my-lba", 24, 8},     {"alternate-lba", 32, 8}, {"first-usable", 40, 8},
        {"last-usable", 48, 8}, {"disk-guid", 56, 16}, {"entry-lba", 72, 8},     {"entry-count", 80, 4},
        {"entry-size", 84, 4},  {"array-crc", 88, 4},
};

static const struct edit_field entry_fields[] = {
        {"type", 0, 16}, {"unique", 16, 16}, {"first", 32, 8}, {"last", 40, 8}, {"attributes", 48, 8},
};

static int header_crc_repair(struct edit *edit, uint64_t at)
{
        uint8_t block[4096];
        uint32_t size;
        int status = edit_read(edit, at, block, edit->file.image.block_size);

        if (status < 0)
                return status;
        size = image_le32(block + 12);
        if (size < GPT_HEADER_MIN || size > edit->file.image.block_size)
                size = GPT_HEADER_MIN;
        memset(block + 16, 0, 4);
        return edit_write_number(edit, at + 16, crc32_update(0, block, size), 4);
}

static uint64_t header_at(const struct edit *edit, bool backup)
{
        const struct image *image = &edit->file.image;

        return (backup ? image_blocks(image) - 1 : 1) * image->block_size;
}

int edit_gpt(struct edit *edit)
{
        const struct edit_field *field;
        uint8_t value[16];
        bool both = strcmp(edit->word[1], "both") == 0, keep = edit_has_option(edit, "keep-crc");
        bool which[2] = {both || strcmp(edit->word[1], "primary") == 0, both || strcmp(edit->word[1], "backup") == 0};
        int status =
                edit_field(edit, header_fields, sizeof(header_fields) / sizeof(header_fields[0]), 2, &field, value);

        if (status == 0 && !which[0] && !which[1])
                status = edit_fail(edit, -EINVAL, "gpt: \"%s\" is not primary, backup or both", edit->word[1]);
        for (unsigned i = 0; i < 2 && status == 0; i++) {
                uint64_t at = header_at(edit, i == 1);

                if (!which[i])
                        continue;
                status = edit_write(edit, at + field->offset, value, field->width);
                if (status == 0 && !keep && strcmp(field->name, "crc") != 0)
                        status = header_crc_repair(edit, at);
        }
        return status;
}

static int array_crc_repair(struct edit *edit, const struct gpt_header *header)
{
        uint64_t at = header->lba * edit->file.image.block_size;
        struct gpt_array array;
        int status;

        if (gpt_array_read(&edit->file.image, header, &array) != GPT_ARRAY_READ)
                return edit_fail(edit, -EIO, "%s: the entry array cannot be read", edit->word[0]);
        status = edit_write_number(edit, at + 88, array.crc, 4);
        gpt_array_free(&array);
        return status < 0 ? status : header_crc_repair(edit, at);
}

/* Writes bytes at an offset in entry number (from 1) of both arrays. */
static int entry_write(struct edit *edit, uint64_t number, uint32_t offset, const void *bytes, size_t size, bool keep)
{
        const struct image *image = &edit->file.image;
        int status = 0;

        for (unsigned i = 0; i < 2 && status == 0; i++) {
                struct gpt_header header;

                if (!gpt_header_read(image, i ? image_blocks(image) - 1 : 1, &header) || !header.has_signature ||
                    number < 1 || number > header.entry_count)
                        return edit_fail(edit, -EINVAL, "%s: there is no entry %llu", edit->word[0],
                                         (unsigned long long)number);
                status = edit_write(edit,
                                    header.entry_lba * image->block_size + (number - 1) * header.entry_size + offset,
                                    bytes, size);
                if (status == 0 && !keep)
                        status = array_crc_repair(edit, &header);
        }
        return status;
}

int edit_gpt_entry(struct edit *edit)
{
        const struct edit_field *field;
        uint8_t value[16];
        uint64_t number = 0;
        int status = edit_number(edit, edit->word[1], &number);

        if (status == 0)
                status = edit_field(edit, entry_fields, sizeof(entry_fields) / sizeof(entry_fields[0]), 2, &field,
                                    value);
        if (status < 0)
                return status;
        return entry_write(edit, number, field->offset, value, field->width, edit_has_option(edit, "keep-crc"));
}

int edit_gpt_add(struct edit *edit)
{
        uint8_t entry[128] = {0};
        uint64_t number, extent[2];
        int status = edit_number(edit, edit->word[1], &number);

        if (status == 0)
                status = edit_guid(edit, edit->word[2], entry);
        for (unsigned i = 0; i < 2 && status == 0; i++)
                status = edit_number(edit, edit->word[3 + i], &extent[i]);
        if (status < 0)
                return status;
        memcpy(entry + 16, "a vmspec entry ", 15);
        entry[31] = (uint8_t)number;
        for (unsigned i = 0; i < 16; i++)
                entry[32 + i] = (uint8_t)(extent[i / 8] >> 8 * (i % 8));
        return entry_write(edit, number, 0, entry, sizeof(entry), false);
}
