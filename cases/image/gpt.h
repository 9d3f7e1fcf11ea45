/* SPDX-License-Identifier: BSD-2-Clause */
/* A GUID Partition Table as it stands on the disk: nothing repaired, nothing believed. UEFI section 5.3. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "image.h"

enum {
        GPT_HEADER_MIN = 92,            /* the smallest HeaderSize */
        GPT_ENTRY_MIN = 128,            /* the smallest SizeOfPartitionEntry; all are this times a power of two */
        GPT_ARRAY_RESERVED = 16384,     /* bytes that must be set aside for each entry array */
        GPT_ARRAY_MAX = 4 * 1024 * 1024 /* the largest entry array that this reader holds */
};

struct gpt_header {
        uint64_t lba;       /* where it was read */
        bool blank;         /* the block is all zero */
        bool has_signature; /* it begins with "EFI PART" */
        bool crc_right;     /* HeaderSize is possible and the CRC over it is HeaderCRC32 */
        uint32_t revision, header_size, crc, crc_computed, reserved;
        uint64_t my_lba, alternate_lba, first_usable, last_usable;
        uint8_t disk_guid[16];
        uint64_t entry_lba;
        uint32_t entry_count, entry_size, array_crc;
        char signature[33]; /* the first eight bytes, escaped */
};

/* Reads what stands at lba as a header; false where the block is outside the image or cannot be read. */
bool gpt_header_read(const struct image *image, uint64_t lba, struct gpt_header *ret);

struct gpt_array {
        uint8_t *data; /* NULL: not read */
        size_t size;
        uint32_t count, entry_size;
        uint32_t crc; /* computed over the size bytes */
};

enum gpt_array_state {
        GPT_ARRAY_READ,
        GPT_ARRAY_SHAPE,   /* the entry size or count cannot be worked with */
        GPT_ARRAY_OUTSIDE, /* not wholly on the disk */
        GPT_ARRAY_TOO_BIG, /* possible, but more than GPT_ARRAY_MAX */
        GPT_ARRAY_FAILED,  /* no memory, or an I/O error */
};

/* Reads the array that a header points to; gpt_array_free() it where the state is GPT_ARRAY_READ. */
enum gpt_array_state gpt_array_read(const struct image *image, const struct gpt_header *header, struct gpt_array *ret);
void gpt_array_free(struct gpt_array *array);
const char *gpt_array_state_text(enum gpt_array_state state);

struct gpt_entry {
        uint8_t type[16], unique[16];
        uint64_t first, last, attributes;
};

/* The entry of that index from 0; false where it is unused (type GUID zero) or not in the array. */
bool gpt_entry_read(const struct gpt_array *array, uint32_t index, struct gpt_entry *ret);

/* The first valid copy: the primary, else the backup at the last block, else where a signed primary says it is. */
struct gpt {
        struct gpt_header header;
        struct gpt_array array;
};

/* False, and why in words, where no copy is valid (UEFI section 5.3.2: signature, both CRCs, MyLBA). */
bool gpt_open(const struct image *image, struct gpt *ret, const char **ret_why);
void gpt_close(struct gpt *gpt);

extern const uint8_t gpt_type_esp[16];
