/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes may be a disk. The first one says which judge looks at it; the second one the block size, and whether the
 * CRCs of the GPT headers are made right; the next three the size in blocks of 512 bytes. Then come its pieces.
 */
#include "fuzz.h"

#include "crc32.h"
#include "fuzz_disk.h"

enum { BEFORE = 5, DISK_MAX = 64 * PIECE, HEADER = 92, ARRAY_MAX = 32 * 1024, LARGE_BLOCKS = 1, REPAIR = 2 };

/* So that mutations come past the checksums: of a header that a piece has. */
static void header_repair(const struct memory_disk *disk, uint8_t *header)
{
        static uint8_t array[ARRAY_MAX];
        uint64_t at = wire_get64(header + 72) * disk->image.block_size;
        uint64_t length = (uint64_t)wire_get32(header + 80) * wire_get32(header + 84);
        uint32_t size = wire_get32(header + 12);

        if (memcmp(header, "EFI PART", 8) != 0)
                return;
        if (length <= ARRAY_MAX && image_read(&disk->image, at, array, length))
                wire_put32(header + 88, crc32_update(0, array, length));
        if (size < HEADER || size > PIECE_BLOCK)
                return;
        wire_put32(header + 16, 0);
        wire_put32(header + 16, crc32_update(0, header, size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static uint8_t bytes[DISK_MAX];
        struct memory_disk disk = {.image = {.read = memory_disk_read, .extent = memory_disk_extent}, .pieces = bytes};

        if (size < BEFORE || size - BEFORE > DISK_MAX)
                return 0;
        memcpy(bytes, data + BEFORE, size - BEFORE);
        disk.count = (size - BEFORE) / PIECE;
        disk.image.context = &disk;
        disk.image.size = PIECE_BLOCK * (uint64_t)(data[2] | data[3] << 8 | data[4] << 16);
        disk.image.block_size = data[1] & LARGE_BLOCKS ? 4096 : 512;
        for (size_t i = 0; i < disk.count && data[1] & REPAIR; i++)
                header_repair(&disk, bytes + i * PIECE + 3);
        fuzz_judge_image(&disk.image, data[0]);
        return 0;
}
