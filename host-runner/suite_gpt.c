/* SPDX-License-Identifier: BSD-2-Clause */
/* The suite's own disk made into another one: the same partitions under other names, or counted in other blocks. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "crc32.h"
#include "suite_disk.h"

enum {
        ENTRIES = 128,
        ENTRY = 128,
        ARRAY = ENTRIES * ENTRY,
        HEADER = 92,
        SMALL_BLOCK = 512,
        LARGE_BLOCK = 4096,
        MBR_SIZE_FIELD = 446 + 12,
        HEADER_CRC = 16,
        DISK_GUID = 56,
};

struct gpt {
        uint8_t header[HEADER]; /* the primary one */
        uint8_t array[ARRAY];
};

static int bytes_put(const struct suite_disk *disk, const void *bytes, size_t size, uint64_t at)
{
        return pwrite(disk->fd, bytes, size, (off_t)at) == (ssize_t)size ? 0 : -EIO;
}

static int gpt_read(const struct suite_disk *disk, struct gpt *gpt)
{
        return pread(disk->fd, gpt->header, HEADER, SMALL_BLOCK) == HEADER &&
                               pread(disk->fd, gpt->array, ARRAY, 2 * SMALL_BLOCK) == ARRAY
                       ? 0
                       : -EIO;
}

/* One of the two headers, with its CRCs, in front of or behind its array. */
static int header_write(const struct suite_disk *disk, struct gpt *gpt, uint32_t block, bool primary)
{
        uint64_t last = disk->size / block - 1;
        uint64_t array = primary ? 2 : last - ARRAY / block;

        wire_put64(gpt->header + 24, primary ? 1 : last);
        wire_put64(gpt->header + 32, primary ? last : 1);
        wire_put64(gpt->header + 40, 2 + ARRAY / block);
        wire_put64(gpt->header + 48, last - ARRAY / block - 1);
        wire_put64(gpt->header + 72, array);
        wire_put32(gpt->header + 88, crc32_update(0, gpt->array, ARRAY));
        wire_put32(gpt->header + HEADER_CRC, 0);
        wire_put32(gpt->header + HEADER_CRC, crc32_update(0, gpt->header, HEADER));
        return bytes_put(disk, gpt->header, HEADER, (primary ? 1 : last) * block) ||
                               bytes_put(disk, gpt->array, ARRAY, array * block)
                       ? -EIO
                       : 0;
}

static int gpt_write(const struct suite_disk *disk, struct gpt *gpt, uint32_t block)
{
        return header_write(disk, gpt, block, true) || header_write(disk, gpt, block, false) ? -EIO : 0;
}

int suite_disk_rename(const struct suite_disk *disk)
{
        static struct gpt gpt;

        if (gpt_read(disk, &gpt))
                return -EIO;
        gpt.header[DISK_GUID] ^= 0xff;
        for (unsigned i = 0; i < ENTRIES; i++)
                if (wire_get64(gpt.array + i * ENTRY))
                        gpt.array[i * ENTRY + 16] ^= 0xff;
        return gpt_write(disk, &gpt, SMALL_BLOCK);
}

bool suite_disk_gpt_is_whole(const struct suite_disk *disk)
{
        uint8_t header[HEADER];
        uint32_t crc;

        if (pread(disk->fd, header, HEADER, SMALL_BLOCK) != HEADER)
                return false;
        crc = wire_get32(header + HEADER_CRC);
        wire_put32(header + HEADER_CRC, 0);
        return crc == crc32_update(0, header, HEADER);
}

int suite_disk_corrupt_gpt(const struct suite_disk *disk)
{
        uint8_t byte;

        if (!suite_disk_gpt_is_whole(disk))
                return 0;
        if (pread(disk->fd, &byte, 1, SMALL_BLOCK + HEADER_CRC) != 1)
                return -EIO;
        byte ^= 0xff;
        return bytes_put(disk, &byte, 1, SMALL_BLOCK + HEADER_CRC);
}

int suite_disk_large_blocks(const struct suite_disk *disk)
{
        static const uint8_t zero[SMALL_BLOCK + ARRAY];
        static struct gpt gpt;
        uint8_t blocks[4];
        const unsigned times = LARGE_BLOCK / SMALL_BLOCK;

        if (gpt_read(disk, &gpt))
                return -EIO;
        for (unsigned i = 0; i < ENTRIES; i++) {
                uint8_t *entry = gpt.array + i * ENTRY;

                if (!wire_get64(entry))
                        continue;
                wire_put64(entry + 32, wire_get64(entry + 32) / times);
                wire_put64(entry + 40, (wire_get64(entry + 40) + 1) / times - 1);
        }
        wire_put32(blocks, (uint32_t)(disk->size / LARGE_BLOCK - 1));
        if (bytes_put(disk, zero, SMALL_BLOCK + ARRAY, SMALL_BLOCK) ||
            bytes_put(disk, zero, SMALL_BLOCK + ARRAY, disk->size - SMALL_BLOCK - ARRAY) ||
            bytes_put(disk, blocks, sizeof(blocks), MBR_SIZE_FIELD))
                return -EIO;
        return gpt_write(disk, &gpt, LARGE_BLOCK);
}
