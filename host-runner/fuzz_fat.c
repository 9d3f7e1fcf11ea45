/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes may be the file system of an ESP, on a disk whose GPT is right. The first one says which judge looks at it,
 * the next three its size in blocks. Then come its pieces.
 */
#include "fuzz.h"

#include "crc32.h"
#include "fuzz_disk.h"

enum {
        BEFORE = 4,
        BLOCK = PIECE_BLOCK,
        HEAD = 64 * BLOCK,
        ENTRIES = 4,
        ARRAY = ENTRIES * 128,
        HEADER = 92,
        PIECES = 128
};

static void header_make(uint8_t *header, const uint8_t *array, uint64_t last)
{
        memset(header, 0, BLOCK);
        memcpy(header, "EFI PART", 8);
        wire_put32(header + 8, 0x10000);
        wire_put32(header + 12, HEADER);
        wire_put64(header + 24, 1);
        wire_put64(header + 32, last);
        wire_put64(header + 40, 34);
        wire_put64(header + 48, last - 33);
        header[56] = 1;
        wire_put64(header + 72, 2);
        wire_put32(header + 80, ENTRIES);
        wire_put32(header + 84, 128);
        wire_put32(header + 88, crc32_update(0, array, ARRAY));
        wire_put32(header + 16, crc32_update(0, header, HEADER));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const uint8_t esp_type[16] = {0x28, 0x73, 0x2a, 0xc1, 0x1f, 0xf8, 0xd2, 0x11,
                                             0xba, 0x4b, 0x00, 0xa0, 0xc9, 0x3e, 0xc9, 0x3b};
        static uint8_t head[HEAD];
        struct memory_disk disk = {
                .image = {.block_size = BLOCK, .read = memory_disk_read, .extent = memory_disk_extent},
                .head = head,
                .head_size = HEAD};
        uint64_t blocks;

        if (size < BEFORE || size > BEFORE + PIECES * PIECE)
                return 0;
        blocks = 1 + (uint64_t)(data[1] | data[2] << 8 | data[3] << 16);
        memcpy(head + 2 * BLOCK, esp_type, sizeof(esp_type));
        head[2 * BLOCK + 16] = 2;
        wire_put64(head + 2 * BLOCK + 32, HEAD / BLOCK);
        wire_put64(head + 2 * BLOCK + 40, HEAD / BLOCK + blocks - 1);
        header_make(head + BLOCK, head + 2 * BLOCK, HEAD / BLOCK + blocks + 33);
        disk.pieces = data + BEFORE;
        disk.count = (size - BEFORE) / PIECE;
        disk.image.context = &disk;
        disk.image.size = (HEAD / BLOCK + blocks + 34) * BLOCK;
        fuzz_judge_image(&disk.image, data[0]);
        return 0;
}
