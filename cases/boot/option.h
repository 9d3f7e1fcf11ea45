/* SPDX-License-Identifier: BSD-2-Clause */
/* Boot options: what an EFI_LOAD_OPTION holds, and the ones that the suite writes. For guest halves only. */
#pragma once

#include "guest.h"

/* The numbers of the suite's own options; NONE: options that there never are. */
enum {
        OPTION_FIRST = 0x0f00,
        OPTION_NONE = 0x0f02,
        OPTION_OTHER_NONE = 0x0f03,
        /* Stands in a BootOrder that is overwritten at once: where it is seen later, that was lost. */
        OPTION_BEFORE = 0x0f04,
        OPTION_ORDERED = 0x0f05,
        OPTION_NEXT = 0x0f06,
        OPTION_NO_FILE = 0x0f07,
        OPTION_INSTALLED = 0x0f0e,
        OPTION_LAST = 0x0f0e,
};

enum { OPTION_MAX = 4096, ORDER_MAX = 64 };

/* Reading ---------------------------------------------------------------------------------------------------------- */

/* True for Boot####. */
bool option_is_boot(const struct var_name *name);
/* The file path list of an EFI_LOAD_OPTION, and its length as far as the bytes go; NULL where it has none. */
const uint8_t *option_path(const uint8_t *option, size_t size, size_t *ret_size);
/* The length of a path without its end, looked at no further than size bytes. */
size_t path_length(const uint8_t *path, size_t size);
/* The first hard drive node of a path of at most size bytes; NULL where it has none. */
enum { HARD_DRIVE_SIGNATURE = 24, HARD_DRIVE_FORMAT = 40, HARD_DRIVE_SIZE = 42 };
const uint8_t *path_hard_drive(const uint8_t *path, size_t size);

/* BootOrder; there is false, and count 0, where it is not there. */
struct order {
        uint64_t nonce;
        uint32_t there;
        uint32_t count;
        uint16_t number[ORDER_MAX];
};
/* EFI_SUCCESS, also where there is none. */
EFI_STATUS order_read(struct guest *g, struct order *ret);
bool order_has(const struct order *order, uint16_t number);
/* EFI_NOT_FOUND where the variable is not there. */
EFI_STATUS boot_number_read(struct guest *g, CHAR16 *name, uint16_t *ret);

/* Writing ---------------------------------------------------------------------------------------------------------- */

/* The numbers in that order; a count of 0 deletes BootOrder. */
EFI_STATUS order_write(struct guest *g, const uint16_t *number, size_t count);
/* The number before those that are there. */
EFI_STATUS order_put_first(struct guest *g, uint16_t number);
EFI_STATUS boot_next_write(struct guest *g, uint16_t number);
/*
 * An option that leads to a file of the partition that was booted, by the partition's whole path or by its hard drive
 * node alone, and that hands over what option_check_taken() looks for.
 */
enum option_form { OPTION_WHOLE_PATH, OPTION_SHORT_PATH };
EFI_STATUS option_write(struct guest *g, uint16_t number, enum option_form form, const char *file);
/* Where applications for this processor lie on a removable medium. */
const char *option_own_file(void);

/* BootCurrent names the option, and the application was handed the option's data. */
void option_check_taken(struct guest *g, uint16_t number);

/* A case's two boots ----------------------------------------------------------------------------------------------- */

/* Part 1: keeps BootOrder in a variable of the suite's. False, and the case is skipped, where that cannot be. */
bool options_save(struct guest *g);
/* Part 2: what was kept, which is deleted. False, and the case is skipped, where the store did not keep it: what
 * is there all the same is swept away. */
bool options_kept(struct guest *g, struct order *ret);
/* BootOrder is what it was, and what the suite wrote is gone. */
void options_restore(struct guest *g, const struct order *saved);
