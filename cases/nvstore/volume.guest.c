/* SPDX-License-Identifier: BSD-2-Clause */
/* The flash behind the variables as PI volume 3 section 3.4.2 offers it: read alone, for what is written there is kept.
 */
#include "guest.h"

#include "volume_block.h"

static EFI_GUID volume_block_guid = VOLUME_BLOCK_GUID;

/* fff12b8d-7696-4c8b-a985-2747075b4f50: a volume of non-volatile data */
static const uint8_t nv_data[16] = {0x8d, 0x2b, 0xf1, 0xff, 0x96, 0x76, 0x8b, 0x4c,
                                    0xa9, 0x85, 0x27, 0x47, 0x07, 0x5b, 0x4f, 0x50};

enum {
        READ_CAPABLE = 0x02, /* EFI_FVB2_READ_ENABLED_CAP is bit 1, ..._STATUS bit 2 */
        READ_ENABLED = 0x04,
        WRITE_CAPABLE = 0x10,
        WRITE_ENABLED = 0x20,
        HEAD = 128,
        VOLUMES_MAX = 32,
        STEPS_MAX = 64,
};

static bool head_read(struct volume_block *block, uint8_t head[HEAD])
{
        UINTN size = HEAD;

        memset(head, 0, HEAD);
        return block->read(block, 0, 0, &size, head) == EFI_SUCCESS && size == HEAD;
}

/* The blocks, run by run, add up to the volume that its header tells of. */
static void blocks_check(struct guest *g, struct volume_block *block, uint64_t length)
{
        uint64_t covered = 0;
        EFI_LBA lba = 0;

        for (unsigned i = 0; i < STEPS_MAX && covered < length; i++) {
                UINTN size = 0, blocks = 0;

                if (!CHECK_STATUS(g, block->block_size(block, lba, &size, &blocks), EFI_SUCCESS) ||
                    !CHECK_SAY(g, size && blocks, "blocks that have a size", "%llu of %llu bytes",
                               (unsigned long long)blocks, (unsigned long long)size))
                        return;
                covered += (uint64_t)size * blocks;
                lba += blocks;
        }
        CHECK_GE(g, covered, length);
}

static void volume_check(struct guest *g, struct volume_block *block, const uint8_t head[HEAD])
{
        UINT32 attributes = 0;

        NOTE(g, "volume", "%s", text_guid(head + 16).text);
        if (CHECK_STATUS(g, block->attributes(block, &attributes), EFI_SUCCESS)) {
                CHECK_SAY(g, !(attributes & READ_ENABLED) || attributes & READ_CAPABLE,
                          "reading is enabled only where it can be", "attributes 0x%x", attributes);
                CHECK_SAY(g, !(attributes & WRITE_ENABLED) || attributes & WRITE_CAPABLE,
                          "writing is enabled only where it can be", "attributes 0x%x", attributes);
                CHECK_SAY(g, attributes & READ_ENABLED, "the volume can be read", "attributes 0x%x", attributes);
        }
        blocks_check(g, block, wire_get64(head + 32));
}

void guest_flash_volume_is_offered(struct guest *g)
{
        EFI_HANDLE handles[VOLUMES_MAX];
        UINTN size = sizeof(handles);
        unsigned found = 0, others = 0;
        EFI_STATUS status = g->bs->LocateHandle(ByProtocol, &volume_block_guid, NULL, &size, handles);

        if (status != EFI_SUCCESS) {
                NOT_APPLICABLE(g, "no handle has the protocol: LocateHandle said %s", status_name(status).text);
                return;
        }
        for (UINTN i = 0; i < size / sizeof(handles[0]); i++) {
                struct volume_block *block = NULL;
                uint8_t head[HEAD];

                if (g->bs->HandleProtocol(handles[i], &volume_block_guid, (void **)&block) != EFI_SUCCESS || !block)
                        continue;
                if (head_read(block, head) && memcmp(head + 40, "_FVH", 4) == 0 &&
                    memcmp(head + 16, nv_data, sizeof(nv_data)) == 0) {
                        found++;
                        volume_check(g, block, head);
                } else {
                        others++;
                }
        }
        CHECK_SAY(g, found == 1, "one volume of variables that begins with _FVH", "%u, and %u others", found, others);
}
