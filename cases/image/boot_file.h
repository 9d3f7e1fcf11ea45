/* SPDX-License-Identifier: BSD-2-Clause */
/* The removable media paths of UEFI section 3.5.1.1, with the machine type that belongs to each. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct boot_file {
        const char *path;
        uint16_t machine;
        bool wide; /* PE32+ rather than PE32 */
        bool arm;  /* an execution state of Arm */
};

enum { BOOT_FILES = 5 };
extern const struct boot_file boot_files[BOOT_FILES];
