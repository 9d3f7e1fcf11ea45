/* SPDX-License-Identifier: BSD-2-Clause */
/* A frame is taken whole and with the right checksum, or the channel is lost. */
#include "xen_frame.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include "crc32.h"

enum { TYPE = 4, SIZE = 8, CRC = 12 };

static const uint8_t magic[4] = {'V', 'X', 'F', '1'};

static void le32_put(uint8_t *to, uint32_t value)
{
        value = htole32(value);
        memcpy(to, &value, sizeof(value));
}

static uint32_t le32_get(const uint8_t *from)
{
        uint32_t value;

        memcpy(&value, from, sizeof(value));
        return le32toh(value);
}

void xen_frame_header(uint8_t to[XEN_FRAME_HEADER], enum xen_frame_type type, const uint8_t *payload, size_t size)
{
        memset(to, 0, XEN_FRAME_HEADER);
        memcpy(to, magic, sizeof(magic));
        to[TYPE] = (uint8_t)type;
        le32_put(to + SIZE, (uint32_t)size);
        le32_put(to + CRC, crc32_update(0, payload, size));
}

size_t xen_frame_feed(struct xen_frame_reader *reader, const uint8_t *bytes, size_t size)
{
        size_t room;

        memmove(reader->buffer, reader->buffer + reader->used, reader->have - reader->used);
        reader->have -= reader->used;
        reader->used = 0;
        room = sizeof(reader->buffer) - reader->have;
        if (size > room)
                size = room;
        memcpy(reader->buffer + reader->have, bytes, size);
        reader->have += size;
        return size;
}

int xen_frame_take(struct xen_frame_reader *reader, struct xen_frame *ret)
{
        const uint8_t *at = reader->buffer + reader->used;
        size_t have = reader->have - reader->used;
        uint32_t size;

        if (have < XEN_FRAME_HEADER)
                return 0;
        size = le32_get(at + SIZE);
        if (memcmp(at, magic, sizeof(magic)) != 0 || at[TYPE] == 0 || at[TYPE] >= XEN_FRAME_END || at[5] || at[6] ||
            at[7] || size > XEN_FRAME_MAX)
                return -EPROTO;
        if (have < XEN_FRAME_HEADER + size)
                return 0;
        if (crc32_update(0, at + XEN_FRAME_HEADER, size) != le32_get(at + CRC))
                return -EPROTO;
        *ret = (struct xen_frame){at[TYPE], at + XEN_FRAME_HEADER, size};
        reader->used += XEN_FRAME_HEADER + size;
        return 1;
}
