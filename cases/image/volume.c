/* SPDX-License-Identifier: BSD-2-Clause */
/* Nothing but the signature makes a volume, and nothing but a GUID of variables makes it one for variables. */
#include "volume.h"

#include <string.h>

#include "image.h"

/* fff12b8d-7696-4c8b-a985-2747075b4f50: a volume of non-volatile data */
static const uint8_t nv_data[16] = {0x8d, 0x2b, 0xf1, 0xff, 0x96, 0x76, 0x8b, 0x4c,
                                    0xa9, 0x85, 0x27, 0x47, 0x07, 0x5b, 0x4f, 0x50};
/* aaf32c78-947b-439a-a180-2e144ec37792: a store of authenticated variables */
static const uint8_t store_authenticated[16] = {0x78, 0x2c, 0xf3, 0xaa, 0x7b, 0x94, 0x9a, 0x43,
                                                0xa1, 0x80, 0x2e, 0x14, 0x4e, 0xc3, 0x77, 0x92};
/* ddcf3616-3275-4164-98b6-fe85707ffe7d: a store of variables */
static const uint8_t store_plain[16] = {0x16, 0x36, 0xcf, 0xdd, 0x75, 0x32, 0x64, 0x41,
                                        0x98, 0xb6, 0xfe, 0x85, 0x70, 0x7f, 0xfe, 0x7d};

enum volume_kind volume_kind(const uint8_t *at, size_t size)
{
        size_t header;

        if (size < VOLUME_HEAD || memcmp(at + 40, "_FVH", 4) != 0)
                return VOLUME_NONE;
        if (memcmp(at + 16, nv_data, 16) == 0)
                return VOLUME_VARIABLES;
        header = image_le16(at + 48);
        if (header <= size && size - header >= 16 &&
            (memcmp(at + header, store_authenticated, 16) == 0 || memcmp(at + header, store_plain, 16) == 0))
                return VOLUME_VARIABLES;
        return VOLUME_OTHER;
}
