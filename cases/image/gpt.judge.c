/* SPDX-License-Identifier: BSD-2-Clause */
/* IMG-01 to IMG-04: both headers, both entry arrays and the protective MBR are what UEFI sections 5.2 and 5.3 say. */
#include "judge.h"

#include <stdlib.h>

#include "gpt.h"

typedef unsigned long long ull;

/* What both headers must have, wherever they stand. */
static void header_judge(struct judge *j, const struct gpt_header *h, const char *which)
{
        CHECK_SAY(j, h->has_signature, "\"EFI PART\"", "%s header, LBA %llu offset 0: %s", which, (ull)h->lba,
                  h->blank ? "the block is all zero" : h->signature);
        CHECK_SAY(j, h->revision == 0x00010000, "Revision 0x10000", "%s header, LBA %llu offset 8: 0x%x", which,
                  (ull)h->lba, h->revision);
        CHECK_SAY(j, h->header_size >= GPT_HEADER_MIN && h->header_size <= j->image->block_size,
                  "HeaderSize from 92 to the block size", "%s header, LBA %llu offset 12: %u", which, (ull)h->lba,
                  h->header_size);
        CHECK_SAY(j, h->crc_right, "HeaderCRC32 as computed over HeaderSize bytes",
                  "%s header, LBA %llu offset 16: 0x%08x, computed 0x%08x", which, (ull)h->lba, h->crc,
                  h->crc_computed);
        CHECK_SAY(j, h->reserved == 0, "Reserved 0", "%s header, LBA %llu offset 20: 0x%x", which, (ull)h->lba,
                  h->reserved);
        CHECK_SAY(j, h->my_lba == h->lba, "MyLBA as where the header stands", "%s header, LBA %llu offset 24: %llu",
                  which, (ull)h->lba, (ull)h->my_lba);
}

void judge_gpt_primary_header(struct judge *j)
{
        struct gpt_header primary;
        bool there = gpt_header_read(j->image, 1, &primary);

        NOTE_NUMBER(j, "block size", j->image->block_size);
        if (CHECK_SAY(j, there, "a readable block at LBA 1", "image of %llu bytes: %s", (ull)j->image->size,
                      there ? "read" : "no such block"))
                header_judge(j, &primary, "primary");
}

static void headers_compare(struct judge *j, const struct gpt_header *p, const struct gpt_header *b)
{
        CHECK_SAY(j, memcmp(p->disk_guid, b->disk_guid, 16) == 0, "the same DiskGUID in both headers",
                  "offset 56: primary %s, backup %s", text_guid(p->disk_guid).text, text_guid(b->disk_guid).text);
        CHECK_SAY(j, p->first_usable == b->first_usable, "the same FirstUsableLBA in both headers",
                  "offset 40: primary %llu, backup %llu", (ull)p->first_usable, (ull)b->first_usable);
        CHECK_SAY(j, p->last_usable == b->last_usable, "the same LastUsableLBA in both headers",
                  "offset 48: primary %llu, backup %llu", (ull)p->last_usable, (ull)b->last_usable);
        CHECK_SAY(j, p->entry_count == b->entry_count && p->entry_size == b->entry_size,
                  "the same number and size of entries in both headers", "offset 80: primary %u of %u, backup %u of %u",
                  p->entry_count, p->entry_size, b->entry_count, b->entry_size);
}

void judge_gpt_backup_header(struct judge *j)
{
        uint64_t blocks = image_blocks(j->image);
        struct gpt_header primary, backup;
        bool has_primary = gpt_header_read(j->image, 1, &primary) && primary.has_signature;
        bool there = blocks > 2 && gpt_header_read(j->image, blocks - 1, &backup);

        if (!CHECK_SAY(j, there, "a readable last block apart from LBA 0 and 1", "image of %llu blocks", (ull)blocks))
                return;
        header_judge(j, &backup, "backup");
        CHECK_SAY(j, backup.alternate_lba == 1, "AlternateLBA 1", "backup header, LBA %llu offset 32: %llu",
                  (ull)backup.lba, (ull)backup.alternate_lba);
        if (!CHECK_SAY(j, has_primary, "a primary header that the backup can agree with", "LBA 1 is %s",
                       has_primary ? "signed" : "not signed \"EFI PART\""))
                return;
        CHECK_SAY(j, primary.alternate_lba == backup.lba, "AlternateLBA of the primary header is the last LBA",
                  "LBA 1 offset 32: %llu, last LBA %llu", (ull)primary.alternate_lba, (ull)backup.lba);
        if (backup.has_signature)
                headers_compare(j, &primary, &backup);
}

static bool is_power_of_two(uint64_t n)
{
        return n != 0 && (n & (n - 1)) == 0;
}

/* The space set aside between the array's begin and what follows it: usable blocks, or the backup header. */
static void array_space_judge(struct judge *j, const struct gpt_header *h, bool backup)
{
        const char *which = backup ? "backup" : "primary";
        uint64_t block = j->image->block_size, limit = backup ? h->lba : h->first_usable;
        uint64_t reserved = limit > h->entry_lba ? limit - h->entry_lba : 0;
        uint64_t need = (uint64_t)h->entry_count * h->entry_size, least = GPT_ARRAY_RESERVED / block;

        CHECK_SAY(j, h->entry_size >= GPT_ENTRY_MIN && is_power_of_two(h->entry_size),
                  "SizeOfPartitionEntry 128 times a power of two", "%s header, LBA %llu offset 84: %u", which,
                  (ull)h->lba, h->entry_size);
        CHECK_SAY(j, reserved >= least && reserved >= need / block + (need % block != 0),
                  "at least 16384 bytes and the whole array set aside",
                  "%s header: array at LBA %llu of %llu bytes, then LBA %llu", which, (ull)h->entry_lba, (ull)need,
                  (ull)limit);
        CHECK_SAY(j, backup ? h->entry_lba > h->last_usable : h->entry_lba >= 2,
                  "an array outside the usable range and behind LBA 1", "%s header, LBA %llu offset 72: %llu", which,
                  (ull)h->lba, (ull)h->entry_lba);
        CHECK_SAY(j, h->first_usable >= 2 + least, "FirstUsableLBA at least 34 (512-byte blocks) or 6 (4096)",
                  "%s header, LBA %llu offset 40: %llu", which, (ull)h->lba, (ull)h->first_usable);
        CHECK_SAY(j, h->last_usable >= h->first_usable && h->last_usable < image_blocks(j->image),
                  "LastUsableLBA behind FirstUsableLBA and on the disk", "%s header, LBA %llu offset 48: %llu", which,
                  (ull)h->lba, (ull)h->last_usable);
}

struct numbered_entry {
        struct gpt_entry entry;
        unsigned number;
};

static int by_first(const void *a, const void *b)
{
        const struct numbered_entry *x = a, *y = b;

        return (x->entry.first > y->entry.first) - (x->entry.first < y->entry.first);
}

static int by_unique(const void *a, const void *b)
{
        return memcmp(((const struct numbered_entry *)a)->entry.unique,
                      ((const struct numbered_entry *)b)->entry.unique, 16);
}

static void entries_disjoint(struct judge *j, struct numbered_entry *list, size_t count)
{
        size_t widest = 0;

        qsort(list, count, sizeof(*list), by_first);
        for (size_t i = 1; i < count; i++) {
                const struct numbered_entry *before = &list[widest], *e = &list[i];

                CHECK_SAY(j, e->entry.first > before->entry.last, "partitions that do not overlap",
                          "entry %u is LBA %llu to %llu, entry %u is LBA %llu to %llu", before->number,
                          (ull)before->entry.first, (ull)before->entry.last, e->number, (ull)e->entry.first,
                          (ull)e->entry.last);
                if (e->entry.last > before->entry.last)
                        widest = i;
        }
}

static void entries_unique(struct judge *j, struct numbered_entry *list, size_t count)
{
        static const uint8_t zero[16];

        qsort(list, count, sizeof(*list), by_unique);
        for (size_t i = 0; i < count; i++) {
                const uint8_t *guid = list[i].entry.unique;

                CHECK_SAY(j, memcmp(guid, zero, 16) != 0, "a UniquePartitionGUID that is not zero", "entry %u: %s",
                          list[i].number, text_guid(guid).text);
                if (i > 0)
                        CHECK_SAY(j, memcmp(guid, list[i - 1].entry.unique, 16) != 0,
                                  "a UniquePartitionGUID of its own", "entries %u and %u: %s", list[i - 1].number,
                                  list[i].number, text_guid(guid).text);
        }
}

static void entries_judge(struct judge *j, const struct gpt_header *h, const struct gpt_array *array)
{
        struct numbered_entry *list = calloc(array->count, sizeof(*list));
        size_t count = 0;

        if (!list) {
                SUITE_ERROR(j, "no memory for %u partition entries", array->count);
                return;
        }
        for (uint32_t i = 0; i < array->count; i++) {
                struct gpt_entry *e = &list[count].entry;

                if (!gpt_entry_read(array, i, e))
                        continue;
                list[count++].number = i + 1;
                CHECK_SAY(j, e->first <= e->last && e->first >= h->first_usable && e->last <= h->last_usable,
                          "a partition inside the usable range", "entry %u is LBA %llu to %llu, usable %llu to %llu",
                          i + 1, (ull)e->first, (ull)e->last, (ull)h->first_usable, (ull)h->last_usable);
        }
        entries_disjoint(j, list, count);
        entries_unique(j, list, count);
        NOTE_NUMBER(j, "used entries", count);
        free(list);
}

/* Judges one copy, and leaves its array, where it could be read, to the caller. */
static bool copy_judge(struct judge *j, uint64_t lba, bool backup, struct gpt_header *ret, struct gpt_array *ret_array)
{
        const char *which = backup ? "backup" : "primary";
        bool there = gpt_header_read(j->image, lba, ret) && ret->has_signature;
        enum gpt_array_state state;

        if (!CHECK_SAY(j, there, "a header that leads to the entry array", "%s header at LBA %llu: %s", which, (ull)lba,
                       there ? "signed" : "none"))
                return false;
        array_space_judge(j, ret, backup);
        state = gpt_array_read(j->image, ret, ret_array);
        if (state == GPT_ARRAY_TOO_BIG) {
                SKIP(j, "%s entry array of %u entries of %u bytes: %s", which, ret->entry_count, ret->entry_size,
                     gpt_array_state_text(state));
                return false;
        }
        if (!CHECK_SAY(j, state == GPT_ARRAY_READ, "an entry array that can be read",
                       "%s array at LBA %llu, %u entries of %u bytes: %s", which, (ull)ret->entry_lba, ret->entry_count,
                       ret->entry_size, gpt_array_state_text(state)))
                return false;
        CHECK_SAY(j, ret_array->crc == ret->array_crc, "PartitionEntryArrayCRC32 as computed",
                  "%s header, LBA %llu offset 88: 0x%08x, computed 0x%08x", which, (ull)lba, ret->array_crc,
                  ret_array->crc);
        return true;
}

void judge_gpt_entry_array(struct judge *j)
{
        uint64_t blocks = image_blocks(j->image);
        struct gpt_header primary, backup;
        struct gpt_array first = {0}, second = {0};
        bool has_first = copy_judge(j, 1, false, &primary, &first);
        bool has_second = blocks > 2 && copy_judge(j, blocks - 1, true, &backup, &second);
        bool same = has_first && has_second && first.size == second.size &&
                    memcmp(first.data, second.data, first.size) == 0;

        if (has_first && has_second)
                CHECK_SAY(j, same, "the same bytes in both entry arrays", "%s", same ? "the same" : "they differ");
        if (has_first)
                entries_judge(j, &primary, &first);
        if (has_second && !same)
                entries_judge(j, &backup, &second);
        gpt_array_free(&first);
        gpt_array_free(&second);
}

static void protective_judge(struct judge *j, const uint8_t *record, unsigned number)
{
        uint64_t blocks = image_blocks(j->image);
        uint64_t want = blocks > UINT32_MAX ? UINT32_MAX : blocks - 1;

        CHECK_SAY(j, image_le32(record + 8) == 1, "StartingLBA 1", "record %u: %u", number, image_le32(record + 8));
        CHECK_SAY(j, image_le32(record + 12) == want, "SizeInLBA of the disk minus one, at most 0xFFFFFFFF",
                  "record %u: %u, wanted %llu", number, image_le32(record + 12), (ull)want);
        if (record[0] != 0)
                NOTE(j, "boot indicator", "record %u has 0x%02x, which UEFI ignores", number, record[0]);
}

/* The first record of type 0xEE is the protective one; what else the MBR holds is the next case's. */
void judge_protective_mbr(struct judge *j)
{
        uint8_t block[512];
        unsigned protective = 0;
        bool there = image_read(j->image, 0, block, sizeof(block));

        if (!CHECK_SAY(j, there, "a readable LBA 0", "image of %llu bytes", (ull)j->image->size))
                return;
        CHECK_SAY(j, image_le16(block + 510) == 0xaa55, "signature 55 aa", "LBA 0 offset 510: %02x %02x", block[510],
                  block[511]);
        for (unsigned i = 0; i < 4; i++) {
                const uint8_t *record = block + 446 + 16 * i;

                if (record[4] == 0xee && ++protective == 1)
                        protective_judge(j, record, i + 1);
        }
        CHECK_SAY(j, protective == 1, "exactly one record of type 0xEE", "%u", protective);
}

/* A further record makes the MBR a hybrid one, which section 5.2.3 leaves no room for: the others "shall be zero". */
void judge_mbr_is_not_hybrid(struct judge *j)
{
        static const uint8_t zero[16];
        uint8_t block[512];
        bool protective = false;

        if (!image_read(j->image, 0, block, sizeof(block))) {
                SKIP(j, "LBA 0 cannot be read");
                return;
        }
        for (unsigned i = 0; i < 4; i++)
                protective |= block[446 + 16 * i + 4] == 0xee;
        if (!protective) {
                SKIP(j, "no record of type 0xEE found, beside which there could be others");
                return;
        }
        for (unsigned i = 0; i < 4; i++) {
                const uint8_t *record = block + 446 + 16 * i;

                CHECK_SAY(j, record[4] == 0xee || memcmp(record, zero, 16) == 0, "all other records zero",
                          "record %u at offset %u: type 0x%02x, LBA %u, %u blocks", i + 1, 446 + 16 * i, record[4],
                          image_le32(record + 8), image_le32(record + 12));
        }
}
