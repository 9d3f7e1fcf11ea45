/* SPDX-License-Identifier: BSD-2-Clause */
/* One row per architecture that an image may declare by its boot file. */
#include "boot_file.h"

const struct boot_file boot_files[BOOT_FILES] = {
        {"EFI\\BOOT\\BOOTAA64.EFI", 0xaa64, true, true},     {"EFI\\BOOT\\BOOTARM.EFI", 0x01c2, false, true},
        {"EFI\\BOOT\\BOOTX64.EFI", 0x8664, true, false},     {"EFI\\BOOT\\BOOTIA32.EFI", 0x014c, false, false},
        {"EFI\\BOOT\\BOOTRISCV64.EFI", 0x5064, true, false},
};
