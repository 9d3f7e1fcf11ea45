/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes may be a disk: the first one says the block size, and whether the CRCs of the GPT headers are made right.
 */
#include "fuzz.h"

#include <string.h>

#include "crc32.h"
#include "fuzz_disk.h"
#include "wire.h"

enum { DISK_MAX = 1024 * 1024, HEADER = 92 };

/* So that mutations come past the checksums. */
static void header_repair(uint8_t *disk, size_t size, size_t block, size_t at)
{
        uint64_t array;
        uint32_t length;

        if (size < block || at > size - block || memcmp(disk + at, "EFI PART", 8) != 0)
                return;
        array = wire_get64(disk + at + 72);
        length = wire_get32(disk + at + 80) * wire_get32(disk + at + 84);
        if (array < size / block && length <= size - array * block)
                wire_put32(disk + at + 88, crc32_update(0, disk + array * block, length));
        length = wire_get32(disk + at + 12);
        if (length < HEADER || length > block)
                return;
        wire_put32(disk + at + 16, 0);
        wire_put32(disk + at + 16, crc32_update(0, disk + at, length));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static uint8_t bytes[DISK_MAX];
        struct memory_disk disk = {.image = {.read = memory_disk_read, .extent = memory_disk_extent}, .head = bytes};
        size_t block;

        if (size < 2 || size - 1 > DISK_MAX)
                return 0;
        block = data[0] & 1 ? 4096 : 512;
        disk.head_size = size - 1;
        memcpy(bytes, data + 1, disk.head_size);
        if (data[0] & 2) {
                header_repair(bytes, disk.head_size, block, block);
                header_repair(bytes, disk.head_size, block,
                              disk.head_size / block * block - (disk.head_size >= block) * block);
        }
        disk.image.context = &disk;
        disk.image.size = disk.head_size;
        disk.image.block_size = (uint32_t)block;
        fuzz_judge_image(&disk.image);
        return 0;
}
