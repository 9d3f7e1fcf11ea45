/* SPDX-License-Identifier: BSD-2-Clause */
/* The bytes of a firmware or of its variables, from anywhere: bounded reads, and where they are not what they should
 * be. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence.h"

/* The first thing that is wrong: where, what was found, and what was expected. */
struct blob_fault {
        uint64_t at;
        char found[96];
        char expected[120];
};

/* Writes it down; always false, so that a reader can end with it. */
bool blob_fault(struct blob_fault *fault, uint64_t at, const char *expected, const char *found, ...)
        __attribute__((format(printf, 4, 5)));

/* size bytes at an offset; NULL, with the fault, where they are not inside. what is their name: "a volume's header". */
const uint8_t *blob_at(struct bytes blob, uint64_t at, uint64_t size, const char *what, struct blob_fault *fault);

/* Firmware volumes --------------------------------------------------------------------------------------------------
 */

enum { BLOB_VOLUMES_MAX = 64, BLOB_VOLUME_ALIGNMENT = 4096, BLOB_NAME = 64 };

struct blob_volume {
        uint64_t at;
        uint64_t size;
        uint16_t header; /* bytes */
        uint8_t guid[16];
        uint32_t attributes;
        bool variables; /* of non-volatile data */
};

struct blob_volumes {
        unsigned count;
        struct blob_volume volume[BLOB_VOLUMES_MAX];
};

/*
 * The firmware volumes that begin at a multiple of 4 KiB, but those inside another one. False where one of them is not
 * whole: its header's length, checksum, revision or block map is wrong, or it ends outside the blob or in the midst of
 * another one.
 */
bool blob_volumes_read(struct bytes blob, struct blob_volumes *ret, struct blob_fault *fault);
/* The first of them that keeps variables; NULL: none does. */
const struct blob_volume *blob_volumes_nv(const struct blob_volumes *volumes);

/* Variables ---------------------------------------------------------------------------------------------------------
 */

/* A variable as a store or a file has it; its name in printable ASCII, cut where it does not fit. */
struct blob_variable {
        uint64_t at;
        char name[BLOB_NAME];
        uint8_t guid[16];
        uint32_t attributes;
        uint8_t state; /* of a store: BLOB_STATE_... and less */
        struct bytes data;
};

enum { BLOB_STATE_ADDED = 0x3f, BLOB_STATE_REPLACED = 0x3e };

/* True where the variable is one that the firmware finds: whole, and not deleted. */
bool blob_variable_is_live(const struct blob_variable *variable);

typedef void blob_variable_function(void *context, const struct blob_variable *variable);

struct blob_store {
        bool authenticated;
        uint64_t at;
        uint32_t size;
        uint64_t used; /* bytes up to the last variable's end */
        unsigned variables;
        unsigned live;
};

/* The variable store in a volume of non-volatile data; each variable is told, the deleted ones as well. */
bool blob_store_read(struct bytes blob, const struct blob_volume *volume, struct blob_store *ret,
                     blob_variable_function *tell, void *context, struct blob_fault *fault);

/* A file \NvVars: one variable behind the other, and nothing else. Returns how many through ret. */
bool blob_nvvars_read(struct bytes blob, unsigned *ret, blob_variable_function *tell, void *context,
                      struct blob_fault *fault);

/* PVH ---------------------------------------------------------------------------------------------------------------
 */

enum { BLOB_SEGMENTS_MAX = 16 };

struct blob_segment {
        uint64_t offset, address, in_file, in_memory;
};

struct blob_pvh {
        bool wide;        /* ELFCLASS64 */
        uint16_t machine; /* EM_386 3, EM_X86_64 62 */
        bool noted;       /* there is a note XEN_ELFNOTE_PHYS32_ENTRY */
        uint64_t entry;   /* that it names */
        unsigned segments;
        struct blob_segment segment[BLOB_SEGMENTS_MAX];
};

bool blob_is_elf(struct bytes blob);
/*
 * An x86 ELF executable as a PVH loader takes it. False where a header, segment or note is not whole, where segments
 * overlap or lie above 4 GiB, or where the note's entry lies in none of them.
 */
bool blob_pvh_read(struct bytes blob, struct blob_pvh *ret, struct blob_fault *fault);
