/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes may be the file system of an ESP, on a disk whose GPT is right. The first two say how large it is. */
#include "fuzz.h"

#include "crc32.h"
#include "fuzz_disk.h"
#include "wire.h"

enum { BLOCK = 512, HEAD = 64 * BLOCK, ARRAY = 128 * 128, HEADER = 92 };

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
        wire_put32(header + 80, 128);
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

        if (size < 3)
                return 0;
        blocks = 8 * (1 + (uint64_t)wire_get16(data)) + (size - 2) / BLOCK + 1;
        memcpy(head + 2 * BLOCK, esp_type, sizeof(esp_type));
        head[2 * BLOCK + 16] = 2;
        wire_put64(head + 2 * BLOCK + 32, HEAD / BLOCK);
        wire_put64(head + 2 * BLOCK + 40, HEAD / BLOCK + blocks - 1);
        header_make(head + BLOCK, head + 2 * BLOCK, HEAD / BLOCK + blocks + 33);
        disk.body = data + 2;
        disk.body_size = size - 2;
        disk.image.context = &disk;
        disk.image.size = (HEAD / BLOCK + blocks + 34) * BLOCK;
        fuzz_judge_image(&disk.image);
        return 0;
}
