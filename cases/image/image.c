/* SPDX-License-Identifier: BSD-2-Clause */
/* No read leaves the image, whatever offset and size it was asked for. */
#include "image.h"

bool image_read(const struct image *image, uint64_t offset, void *to, size_t size)
{
        if (offset > image->size || size > image->size - offset)
                return false;
        return size == 0 || image->read(image, offset, to, size);
}

bool image_extent(const struct image *image, uint64_t offset, uint64_t *ret_start, uint64_t *ret_end)
{
        uint64_t start = offset, end = image->size;

        if (offset >= image->size)
                return false;
        if (image->extent && !image->extent(image, offset, &start, &end))
                return false;
        if (end > image->size)
                end = image->size;
        if (start < offset)
                start = offset;
        if (start >= end)
                return false;
        *ret_start = start;
        *ret_end = end;
        return true;
}

uint64_t image_blocks(const struct image *image)
{
        return image->block_size ? image->size / image->block_size : 0;
}

uint16_t image_le16(const void *at)
{
        const uint8_t *b = at;

        return (uint16_t)(b[0] | b[1] << 8);
}

uint32_t image_le32(const void *at)
{
        return image_le16(at) | (uint32_t)image_le16((const uint8_t *)at + 2) << 16;
}

uint64_t image_le64(const void *at)
{
        return image_le32(at) | (uint64_t)image_le32((const uint8_t *)at + 4) << 32;
}
