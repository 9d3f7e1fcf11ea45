/* SPDX-License-Identifier: BSD-2-Clause */
/* Only what the PE specification says "must" of, and what a loader computes with. */
#include "pe_fields.h"

#include "judge.h"

static bool is_power_of_two(uint32_t n)
{
        return n && !(n & (n - 1));
}

/* PE specification, optional header: reserved fields "must be zero", ImageBase "must be a multiple of 64 K". */
static void optional_judge(struct judge *j, const uint8_t *b, const struct pe *pe, const char *name)
{
        bool wide = pe->magic == PE_MAGIC_64;
        uint32_t directories = image_le32(b + (wide ? 108 : 92)), loader = image_le32(b + (wide ? 104 : 88));

        CHECK_SAY(j,
                  is_power_of_two(pe->section_alignment) && is_power_of_two(pe->file_alignment) &&
                          pe->section_alignment >= pe->file_alignment,
                  "alignments that are powers of two, the file's no larger", "%s: 0x%x and 0x%x", name,
                  pe->section_alignment, pe->file_alignment);
        CHECK_SAY(j, (image_le32(b + (wide ? 24 : 28)) & 0xffff) == 0, "an ImageBase that is a multiple of 64 KiB",
                  "%s: 0x%x", name, image_le32(b + (wide ? 24 : 28)));
        CHECK_SAY(j, image_le32(b + 52) == 0 && loader == 0, "Win32VersionValue and LoaderFlags 0", "%s: 0x%x and 0x%x",
                  name, image_le32(b + 52), loader);
        CHECK_SAY(j, (image_le16(b + 70) & 15) == 0, "reserved DllCharacteristics 0", "%s: 0x%x", name,
                  image_le16(b + 70));
        CHECK_SAY(j, directories <= (pe->optional_size - (wide ? 112u : 96u)) / 8,
                  "as many data directories as the optional header has room for", "%s: %u in %u bytes", name,
                  directories, pe->optional_size);
}

/* An image has no relocations or line numbers of objects; flags 1, 2, 4, 0x10 and 0x400 are reserved. */
static void section_judge(struct judge *j, const uint8_t *b, const char *name, unsigned number)
{
        uint32_t flags = image_le32(b + 36);

        CHECK_SAY(j, image_le32(b + 24) == 0 && image_le32(b + 28) == 0 && image_le32(b + 32) == 0,
                  "no relocations or line numbers of an object file", "%s section %u: 0x%x and 0x%x", name, number,
                  image_le32(b + 24), image_le32(b + 28));
        CHECK_SAY(j, (flags & 0x417) == 0, "reserved section flags 0", "%s section %u: 0x%x", name, number, flags);
}

void pe_fields_judge(struct judge *j, const struct image *file, const struct pe *pe, const char *name)
{
        uint8_t b[112];
        uint64_t at = (uint64_t)pe->header_offset + 24;
        unsigned least = pe->magic == PE_MAGIC_64 ? 112 : 96;

        if (!CHECK_SAY(j, pe->optional_size >= least && image_read(file, at, b, least), "an optional header",
                       "%s: %u bytes", name, pe->optional_size))
                return;
        optional_judge(j, b, pe, name);
        for (unsigned i = 0; i < pe->sections; i++)
                if (image_read(file, at + pe->optional_size + 40 * (uint64_t)i, b, 40))
                        section_judge(j, b, name, i + 1);
}
