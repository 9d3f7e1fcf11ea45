/* SPDX-License-Identifier: BSD-2-Clause */
/* No header is read beyond the file or beyond what its own sizes allow. */
#include "pe.h"

#include <string.h>

static void optional_read(struct pe *pe, const uint8_t *b)
{
        bool wide = pe->magic == PE_MAGIC_64;
        const uint8_t *directory = b + (wide ? 112 : 96);
        unsigned head = wide ? 112 : 96;

        pe->entry = image_le32(b + 16);
        pe->section_alignment = image_le32(b + 32);
        pe->file_alignment = image_le32(b + 36);
        pe->image_size = image_le32(b + 56);
        pe->headers_size = image_le32(b + 60);
        pe->subsystem = image_le16(b + 68);
        pe->directories = image_le32(directory - 4);
        if (pe->directories > 5 && pe->optional_size >= head + 6 * 8) {
                pe->reloc_address = image_le32(directory + 5 * 8);
                pe->reloc_size = image_le32(directory + 5 * 8 + 4);
        }
}

static bool sections_read(const struct image *file, struct pe *pe)
{
        uint64_t at = (uint64_t)pe->header_offset + 24 + pe->optional_size;

        for (unsigned i = 0; i < pe->section_count && i < PE_SECTIONS_MAX; i++, at += 40) {
                uint8_t b[40];

                if (!image_read(file, at, b, sizeof(b)))
                        return false;
                pe->section[pe->sections++] = (struct pe_section){
                        .virtual_size = image_le32(b + 8),
                        .virtual_address = image_le32(b + 12),
                        .raw_size = image_le32(b + 16),
                        .raw_offset = image_le32(b + 20),
                        .characteristics = image_le32(b + 36),
                };
        }
        return true;
}

bool pe_read(const struct image *file, struct pe *ret, const char **ret_why)
{
        uint8_t dos[64], b[24 + 240] = {0};
        struct pe pe = {0};
        unsigned least;

        if (!image_read(file, 0, dos, sizeof(dos)) || memcmp(dos, "MZ", 2) != 0) {
                *ret_why = "it does not begin with MZ";
                return false;
        }
        pe.header_offset = image_le32(dos + 60);
        if (!image_read(file, pe.header_offset, b, 24) || memcmp(b, "PE\0\0", 4) != 0) {
                *ret_why = "offset 60 does not lead to PE\\0\\0";
                return false;
        }
        pe.machine = image_le16(b + 4);
        pe.section_count = image_le16(b + 6);
        pe.optional_size = image_le16(b + 20);
        pe.characteristics = image_le16(b + 22);
        least = pe.optional_size < 240 ? pe.optional_size : 240;
        if (least < 96 || !image_read(file, (uint64_t)pe.header_offset + 24, b + 24, least)) {
                *ret_why = "its optional header is too short, or beyond the end of the file";
                return false;
        }
        pe.magic = image_le16(b + 24);
        if (pe.magic == PE_MAGIC_64 && least < 112) {
                *ret_why = "its optional header is too short for PE32+";
                return false;
        }
        optional_read(&pe, b + 24);
        if (!sections_read(file, &pe)) {
                *ret_why = "its section headers are beyond the end of the file";
                return false;
        }
        *ret = pe;
        return true;
}

const struct pe_section *pe_section_at(const struct pe *pe, uint32_t address, uint32_t size)
{
        for (unsigned i = 0; i < pe->sections; i++) {
                const struct pe_section *s = &pe->section[i];
                uint32_t within = address - s->virtual_address;

                if (address >= s->virtual_address && within < s->raw_size && size <= s->raw_size - within)
                        return s;
        }
        return NULL;
}
