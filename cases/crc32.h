/* SPDX-License-Identifier: BSD-2-Clause */
/* CRC-32 as GPT, the UEFI table headers and the wire records use it (polynomial 0x04C11DB7, reflected). */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* The CRC of size bytes going on from crc; 0 begins. */
uint32_t crc32_update(uint32_t crc, const void *data, size_t size);
