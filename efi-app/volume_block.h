/* SPDX-License-Identifier: BSD-2-Clause */
/* EFI_FIRMWARE_VOLUME_BLOCK2_PROTOCOL of PI volume 3 section 3.4.2, as far as it is read here: gnu-efi does not have
 * it. */
#pragma once

#include <stdint.h>

#include <efi.h>

#define VOLUME_BLOCK_GUID                                                                                              \
        {                                                                                                              \
                0x8f644fa9, 0xe850, 0x4db1,                                                                            \
                {                                                                                                      \
                        0x9c, 0xe2, 0x0b, 0x44, 0x69, 0x8e, 0x8d, 0xa4                                                 \
                }                                                                                                      \
        }

struct volume_block {
        EFI_STATUS(EFIAPI *attributes)(struct volume_block *block, UINT32 *ret);
        EFI_STATUS(EFIAPI *set_attributes)(struct volume_block *block, UINT32 *attributes);
        EFI_STATUS(EFIAPI *address)(struct volume_block *block, EFI_PHYSICAL_ADDRESS *ret);
        EFI_STATUS(EFIAPI *block_size)(struct volume_block *block, EFI_LBA lba, UINTN *ret_size, UINTN *ret_blocks);
        EFI_STATUS(EFIAPI *read)(struct volume_block *block, EFI_LBA lba, UINTN offset, UINTN *size, uint8_t *to);
};
