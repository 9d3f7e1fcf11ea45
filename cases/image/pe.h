/* SPDX-License-Identifier: BSD-2-Clause */
/* The headers of a PE image as they stand in a file. UEFI section 2.1.1 and the PE/COFF specification. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "image.h"

enum {
        PE_SECTIONS_MAX = 96, /* the most that a loader takes */
        PE_RELOCS_STRIPPED = 0x0001,
        PE_EXECUTABLE = 0x0002,
        PE_MAGIC_32 = 0x010b,
        PE_MAGIC_64 = 0x020b,
        PE_EFI_APPLICATION = 10,
};

struct pe_section {
        uint32_t virtual_size, virtual_address, raw_size, raw_offset;
        uint32_t characteristics;
};

struct pe {
        uint32_t header_offset; /* of "PE\0\0" */
        uint16_t machine, section_count, optional_size, characteristics;
        uint16_t magic, subsystem;
        uint32_t entry, section_alignment, file_alignment, image_size, headers_size;
        uint32_t directories;
        uint32_t reloc_address, reloc_size; /* 0 where there is no such directory */
        unsigned sections;                  /* in section[] */
        struct pe_section section[PE_SECTIONS_MAX];
};

/* Reads the headers of a file given as an image; false, and why in words, where it is no PE file at all. */
bool pe_read(const struct image *file, struct pe *ret, const char **ret_why);

/* The section that the loaded address is in, where the file has bytes for size of them; NULL: none. */
const struct pe_section *pe_section_at(const struct pe *pe, uint32_t address, uint32_t size);
