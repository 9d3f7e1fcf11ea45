/* SPDX-License-Identifier: BSD-2-Clause */
/* The journal partition of the disk that the application was started from, and the firmware's view of that disk. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <efi.h>

#include "text.h"
#include "wire.h"

struct disk {
        EFI_BOOT_SERVICES *bs;
        EFI_BLOCK_IO *journal; /* the journal partition */
        uint8_t *bounce;       /* page-aligned, DISK_BOUNCE bytes: some firmware rejects other buffers */
};

enum { DISK_BOUNCE = 64 * 1024 };

/* Finds the journal partition on the disk of device; EFI_NOT_FOUND where that disk has none with a plan on it. */
EFI_STATUS disk_open(struct disk *disk, EFI_BOOT_SERVICES *bs, EFI_HANDLE device);

/* Offsets and sizes are multiples of 4096; any buffer will do. */
EFI_STATUS disk_read(struct disk *disk, uint64_t offset, void *to, size_t size);
EFI_STATUS disk_write(struct disk *disk, uint64_t offset, const void *from, size_t size);

/* How the firmware shows the boot device, as lines for EVIDENCE_DISK; returns the length. */
size_t disk_describe(EFI_BOOT_SERVICES *bs, EFI_HANDLE image, EFI_HANDLE device, char *to, size_t size);
