/* SPDX-License-Identifier: BSD-2-Clause */
/* The GPT becomes that of a disk with larger blocks, and its partitions stay where they are. */
#include "edit_disk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "crc32.h"

enum { SMALL = 512, LARGE = 4096, FACTOR = LARGE / SMALL, ENTRIES = 128, ARRAY = ENTRIES * GPT_ENTRY_MIN };

static void put(uint8_t *at, uint64_t value, unsigned width)
{
        for (unsigned i = 0; i < width; i++)
                at[i] = (uint8_t)(value >> 8 * i);
}

static int header_place(struct edit *edit, uint8_t header[LARGE], uint64_t lba, uint64_t other, uint64_t array)
{
        put(header + 12, GPT_HEADER_MIN, 4);
        put(header + 16, 0, 4);
        put(header + 24, lba, 8);
        put(header + 32, other, 8);
        put(header + 72, array, 8);
        put(header + 16, crc32_update(0, header, GPT_HEADER_MIN), 4);
        return edit_write(edit, lba * LARGE, header, LARGE);
}

static int table_place(struct edit *edit, uint8_t header[LARGE], const uint8_t array[ARRAY])
{
        uint64_t last = edit->file.image.size / LARGE - 1, room = ARRAY / LARGE;
        int status = edit_write(edit, 2 * LARGE, array, ARRAY);

        put(header + 40, 2 + room, 8);
        put(header + 48, last - room - 1, 8);
        put(header + 88, crc32_update(0, array, ARRAY), 4);
        if (status == 0)
                status = edit_write(edit, (last - room) * LARGE, array, ARRAY);
        if (status == 0)
                status = edit_write_number(edit, 446 + 12, last, 4); /* SizeInLBA of the protective record */
        if (status == 0)
                status = header_place(edit, header, 1, last, 2);
        return status < 0 ? status : header_place(edit, header, last, 1, last - room);
}

/* What stood there in small blocks goes first: the two headers, and both arrays. */
static int small_clear(struct edit *edit)
{
        static const uint8_t zero[ARRAY + SMALL];
        int status = edit_write(edit, SMALL, zero, sizeof(zero));

        return status < 0 ? status : edit_write(edit, edit->file.image.size - sizeof(zero), zero, sizeof(zero));
}

int edit_gpt_blocks(struct edit *edit)
{
        uint8_t header[LARGE] = {0}, array[ARRAY];
        uint64_t size = 0;
        struct gpt gpt;
        const char *why;
        int status = edit_number(edit, edit->word[1], &size);

        if (status == 0 && (size != LARGE || edit->file.image.size % LARGE))
                return edit_fail(edit, -EINVAL, "gpt-blocks: 4096 on a disk of whole such blocks, not %s",
                                 edit->word[1]);
        if (status == 0 && !gpt_open(&edit->file.image, &gpt, &why))
                return edit_fail(edit, -EINVAL, "gpt-blocks: %s", why);
        if (status < 0)
                return status;
        if (gpt.array.size == ARRAY)
                memcpy(array, gpt.array.data, ARRAY);
        else
                status = edit_fail(edit, -EINVAL, "gpt-blocks: the entry array is not of the common size");
        gpt_close(&gpt);
        for (uint8_t *e = array; status == 0 && e < array + ARRAY; e += GPT_ENTRY_MIN) {
                uint64_t first = image_le64(e + 32), last = image_le64(e + 40);

                if (last == 0)
                        continue;
                put(e + 32, first / FACTOR, 8);
                put(e + 40, (last + 1) / FACTOR - 1, 8);
        }
        if (status == 0)
                status = edit_read(edit, SMALL, header, GPT_HEADER_MIN);
        if (status == 0)
                status = small_clear(edit);
        return status < 0 ? status : table_place(edit, header, array);
}
