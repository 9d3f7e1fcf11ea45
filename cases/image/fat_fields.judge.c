/* SPDX-License-Identifier: BSD-2-Clause */
/* What the FAT specification fixes in a boot sector and in directory entries, beyond what makes a file system whole. */
#include "judge.h"

#include "esp.h"
#include "fat_dir.h"

enum { DIRS_MAX = 64, ENTRIES_MAX = 4096, LOWER_CASE = 0x18 };

static bool all_zero(const uint8_t *bytes, size_t size)
{
        for (size_t i = 0; i < size; i++)
                if (bytes[i])
                        return false;
        return true;
}

/* FAT specification 3.1 and 3.3. The type's text is informational, but "always set to the string". */
static void boot_judge(struct judge *j, const struct fat *fat, unsigned number)
{
        uint8_t b[512];

        if (!image_read(fat->image, fat->start, b, sizeof(b)))
                return;
        CHECK_SAY(j, (b[0] == 0xeb && b[2] == 0x90) || b[0] == 0xe9, "a jump: eb xx 90 or e9 xx xx",
                  "partition %u: %02x %02x %02x", number, b[0], b[1], b[2]);
        if (fat->type != FAT_32)
                return;
        CHECK_SAY(j, all_zero(b + 52, 12), "BPB_Reserved 0", "partition %u offset 52: 0x%x", number,
                  image_le32(b + 52));
        CHECK_SAY(j, b[66] == 0x29 || b[66] == 0x28 || b[66] == 0, "BS_BootSig 0x29, 0x28 or none",
                  "partition %u offset 66: 0x%02x", number, b[66]);
        if (b[66] == 0x29)
                CHECK_SAY(j, memcmp(b + 82, "FAT32   ", 8) == 0, "BS_FilSysType \"FAT32\"",
                          "partition %u offset 82: 0x%x", number, image_le32(b + 82));
}

/* FAT specification 5: "FSI_Reserved1 ... should be always initialized to zero". */
static void info_judge(struct judge *j, const struct fat *fat, unsigned number)
{
        uint64_t at = fat->start + (uint64_t)fat->bpb.info_sector * fat->bpb.sector_size;
        uint8_t b[512];

        if (fat->type == FAT_32 && fat->bpb.info_sector && fat->bpb.info_sector < fat->bpb.reserved &&
            image_read(fat->image, at, b, sizeof(b)))
                CHECK_SAY(j, all_zero(b + 4, 480), "FSI_Reserved1 0", "partition %u offset 4 of FSInfo", number);
}

/* FAT specification 6.3: month 1 to 12, day 1 to 31; a date that is not kept is 0. */
static bool date_legal(unsigned date)
{
        return date == 0 || ((date >> 5 & 15) >= 1 && (date >> 5 & 15) <= 12 && (date & 31) >= 1);
}

static bool time_legal(unsigned time)
{
        return (time & 31) < 30 && (time >> 5 & 63) < 60 && time >> 11 < 24;
}

static void entry_judge(struct judge *j, const struct fat_entry *e)
{
        const uint8_t *raw = e->raw;
        bool dot = memcmp(raw, ".          ", 11) == 0 || memcmp(raw, "..         ", 11) == 0;
        bool label = (e->attributes & (FAT_VOLUME | FAT_DIRECTORY)) == FAT_VOLUME;
        bool legal;

        /* DIR_NTRes is reserved; two bits of it tell of a name in lower case. */
        legal = !(raw[12] & ~LOWER_CASE);
        if (!legal)
                CHECK_SAY(j, legal, "DIR_NTRes 0 but for the case bits", "%s: 0x%02x", e->short_name, raw[12]);
        legal = date_legal(image_le16(raw + 16)) && date_legal(image_le16(raw + 18)) &&
                date_legal(image_le16(raw + 24)) && time_legal(image_le16(raw + 14)) &&
                time_legal(image_le16(raw + 22)) && raw[13] < 200;
        if (!legal)
                CHECK_SAY(j, legal, "dates and times that there are",
                          "%s: written 0x%04x 0x%04x, created 0x%04x 0x%04x", e->short_name, image_le16(raw + 24),
                          image_le16(raw + 22), image_le16(raw + 16), image_le16(raw + 14));
        legal = !(dot || label) || e->size == 0;
        if (!legal)
                CHECK_SAY(j, legal, "size 0 of a directory or label", "%s: %u", e->short_name, e->size);
        legal = !label || e->first == 0;
        if (!legal)
                CHECK_SAY(j, legal, "a label without a cluster", "%s: %u", e->short_name, e->first);
}

/* Directories from the root on, as many as there is room to remember: what is deeper is of no boot file. */
static unsigned entries_judge(struct judge *j, struct fat *fat)
{
        uint32_t dirs[DIRS_MAX] = {0};
        unsigned count = 1, entries = 0;

        for (unsigned next = 0; next < count; next++) {
                struct fat_dir dir = dirs[next] ? fat_dir_at(fat, dirs[next]) : fat_dir_root(fat);
                struct fat_entry e;

                while (entries < ENTRIES_MAX && fat_dir_next(&dir, &e) == FAT_DIR_ENTRY) {
                        entries++;
                        entry_judge(j, &e);
                        if (e.attributes & FAT_DIRECTORY && e.raw[0] != '.' && fat_has(fat, e.first) &&
                            count < DIRS_MAX)
                                dirs[count++] = e.first;
                }
        }
        return entries;
}

void judge_fat_fields_are_legal(struct judge *j)
{
        struct esp_list list;
        struct fat fat;
        const char *why = "";

        esp_find(j->image, &list);
        if (list.total == 0)
                SKIP(j, "no ESP found: %s", list.why);
        for (unsigned i = 0; i < list.count; i++) {
                unsigned number = list.esp[i].number;

                if (!fat_open(j->image, list.esp[i].start, list.esp[i].size, &fat, &why)) {
                        SKIP(j, "partition %u holds no FAT file system: %s", number, why);
                        continue;
                }
                boot_judge(j, &fat, number);
                info_judge(j, &fat, number);
                NOTE_NUMBER(j, "directory entries", entries_judge(j, &fat));
        }
}
