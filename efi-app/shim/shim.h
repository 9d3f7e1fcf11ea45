/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The shim as one object: it seeds the defects that the plan names, and starts the application in its own place.
 *
 * Where WIRE_HOLD is all that the plan says, it waits for another plan: host-runner/frozen.h.
 *
 * A defect is a line "mechanism=words"; numbers are 0x... or decimal, HEX is bytes as pairs of digits.
 *
 *   config=remove fdt|acpi|smbios          the configuration table is no longer listed
 *   fdt=install ADDRESS | install-empty    a device tree is listed: that one, or a bare root node
 *   fdt=setprop PATH NAME HEX              delprop PATH NAME, delnode PATH, disable PATH, addnode PATH NAME
 *   fdt=setstr PATH NAME TEXT              as setprop, with a NUL behind
 *   fdt=poke OFFSET HEX                    bytes of the blob itself
 *   fdt=late OFFSET                        that byte goes on changing
 *   fdt=move TYPE | shift BYTES            to memory of another type; to another alignment
 *   acpi=SIG OFFSET HEX [keep-sum]         bytes of a table, its checksums repaired unless told otherwise
 *   acpi=SIG remove | append HEX | move TYPE | copy-as SIG | late OFFSET
 *   acpi=SIG repeat OFFSET LENGTH COUNT    bytes of the table once more, so many times
 *   acpi=SIG replace TEXT TEXT             wherever it stands in the table, by as many characters
 *   smbios=break-sum | append HEX | retype TYPE    SMBIOS 3: a structure more; inactive, so one less
 *   memory=or ADDRESS VALUE                bits of a 32-bit register of a device are set
 *   memory=at-write ADDRESS CLEAR SET      bits of a 16-bit one, each time that the application writes to its disk
 *   memory=at-exit ADDRESS CLEAR SET       the same, when ExitBootServices has succeeded
 *   variable=WORD                          see variables.c
 *   service=WORD                           see services.c
 *   firmware=WORD ...                      see firmware.c: tables, memory map and protocols
 *   clock=WORD                             see clock.c
 *   end=WORD                               see ends.c: images, ExitBootServices and shutdown
 *   map=WORD ...                           see map.c: what GetMemoryMap tells
 *   runtime=WORD                           see runtime.c: clock, map, count and time
 *   image=WORD                             see image.c: what the application sees of itself and its disk
 *   boot=WORD                              see boot.c: what becomes of the boot variables
 *   nvstore=WORD                           see nvstore.c: what keeps variables
 *   efi=WORD                               see minimal.c: an environment of its own around the application
 *   processor=WORD ...                     see <architecture>/processor.c
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <efi.h>

#include "disk.h"

struct shim {
        EFI_HANDLE image;
        EFI_SYSTEM_TABLE *st;
        EFI_BOOT_SERVICES *bs;
        EFI_RUNTIME_SERVICES *rt;
        EFI_LOADED_IMAGE *loaded; /* the shim's own */
        EFI_HANDLE child;
        EFI_LOADED_IMAGE *child_loaded;
        EFI_DEVICE_PATH *child_path; /* where the application really was */
        struct disk disk;
        struct plan plan;
};

/* The words of a defect that are still to be read. */
struct words {
        const char *at;
        const char *end;
};

enum { WORD_MAX = 64, HEX_MAX = 256 };

/* The next word, cut to WORD_MAX; "" where there is none. */
struct word {
        char text[WORD_MAX];
};
struct word word_next(struct words *words);
/* Which of the list the next word is; count, or NULL, where it is none of them. */
size_t word_which(struct words *words, const char *const list[], size_t count);
const char *word_among(struct words *words, const char *const list[], size_t count);
/* The next word as a number; false where it is none. */
bool word_number(struct words *words, uint64_t *ret);
/* The next word as bytes; 0 where it is none. */
size_t word_bytes(struct words *words, uint8_t to[HEX_MAX]);
/* The next word as a memory type: loader, boot-data, reclaim, nvs, reserved, runtime, conventional. */
bool word_memory_type(struct words *words, EFI_MEMORY_TYPE *ret);

/* Each seeds one defect. EFI_INVALID_PARAMETER where it does not know the words. */
EFI_STATUS config_defect(struct shim *shim, struct words *words);
EFI_STATUS fdt_defect(struct shim *shim, struct words *words);
EFI_STATUS acpi_defect(struct shim *shim, struct words *words);
EFI_STATUS smbios_defect(struct shim *shim, struct words *words);
EFI_STATUS memory_defect(struct shim *shim, struct words *words);
EFI_STATUS hold_defect(struct shim *shim, const char *when, struct words *words);
EFI_STATUS variable_defect(struct shim *shim, struct words *words);
EFI_STATUS service_defect(struct shim *shim, struct words *words);
EFI_STATUS clock_defect(struct shim *shim, struct words *words);
EFI_STATUS end_defect(struct shim *shim, struct words *words);
EFI_STATUS runtime_defect(struct shim *shim, struct words *words);
EFI_STATUS firmware_defect(struct shim *shim, struct words *words);
EFI_STATUS map_defect(struct shim *shim, struct words *words);
EFI_STATUS image_defect(struct shim *shim, struct words *words);
EFI_STATUS boot_defect(struct shim *shim, struct words *words);
EFI_STATUS nvstore_defect(struct shim *shim, struct words *words);
EFI_STATUS processor_defect(struct shim *shim, struct words *words);

/* The CRC of a table whose functions were exchanged is right again. */
void table_sign(EFI_TABLE_HEADER *header);

/* A byte that changes every 10 ms from now on; sum, where given, changes against it. Once per run. */
EFI_STATUS late_change(struct shim *shim, uint8_t *at, uint8_t *sum);

/* A configuration table by its GUID; NULL where it is not listed. */
void *config_find(const struct shim *shim, EFI_GUID *guid);
extern EFI_GUID shim_fdt_guid, shim_acpi_guid, shim_smbios3_guid;

/* size bytes in pages of a type, zeroed; NULL where there are none. */
void *shim_pages(struct shim *shim, EFI_MEMORY_TYPE type, size_t size);
/* The type of the memory at an address, EfiMaxMemoryType where the map does not say. */
EFI_MEMORY_TYPE shim_memory_type(struct shim *shim, const void *at);
