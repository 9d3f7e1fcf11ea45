/* SPDX-License-Identifier: BSD-2-Clause */
/* The suite's own disk made into another one, by the edits that defects of images are seeded with. */
#include "edit.h"
#include "gpt.h"
#include "image_file.h"
#include "suite_disk.h"

/* All lines, or the first failure. */
static int edits_apply(const struct suite_disk *disk, const char *const lines[], size_t count)
{
        char error[300];
        int result = 0;

        for (size_t i = 0; i < count && !result; i++)
                result = edit_apply(disk->fd, lines[i], error, sizeof(error));
        return result;
}

int suite_disk_rename(const struct suite_disk *disk)
{
        static const char *const lines[] = {"gpt both disk-guid a29f8c60-3b1f-4b0e-a7c1-764d53504543",
                                            "gpt-entry 1 unique f56c2c9e-52f1-4d0e-9f2a-764d53504543",
                                            "gpt-entry 2 unique 64e1f7a4-6f55-4f7c-8f0b-764d53504543"};

        return edits_apply(disk, lines, sizeof(lines) / sizeof(lines[0]));
}

bool suite_disk_gpt_is_whole(const struct suite_disk *disk)
{
        struct image_file file;
        struct gpt_header header;
        char error[300];

        return image_file_wrap(&file, disk->fd, "the suite's disk", IMAGE_BLOCK_SIZE, error, sizeof(error)) == 0 &&
               gpt_header_read(&file.image, 1, &header) && header.crc_right;
}

int suite_disk_corrupt_gpt(const struct suite_disk *disk)
{
        static const char *const line[] = {"flip 528"}; /* in the CRC of the primary header */

        return suite_disk_gpt_is_whole(disk) ? edits_apply(disk, line, 1) : 0;
}

int suite_disk_large_blocks(const struct suite_disk *disk)
{
        static const char *const line[] = {"gpt-blocks 4096"};

        return edits_apply(disk, line, 1);
}
