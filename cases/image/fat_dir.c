/* SPDX-License-Identifier: BSD-2-Clause */
/* A directory ends at its mark, at the end of its chain, or after 2 MiB, whatever its chain says. */
#include "fat_dir.h"

#include <string.h>

static char plain(unsigned unit)
{
        return unit >= 0x20 && unit < 0x7f ? (char)unit : '?';
}

static char lower(char c)
{
        return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

struct fat_dir fat_dir_root(struct fat *fat)
{
        return (struct fat_dir){.fat = fat, .cluster = fat->type == FAT_32 ? fat->bpb.root_cluster : 0};
}

struct fat_dir fat_dir_at(struct fat *fat, uint32_t cluster)
{
        return cluster ? (struct fat_dir){.fat = fat, .cluster = cluster} : fat_dir_root(fat);
}

uint8_t fat_short_checksum(const uint8_t raw[11])
{
        uint8_t sum = 0;

        for (int i = 0; i < 11; i++)
                sum = (uint8_t)((sum & 1 ? 0x80 : 0) + (sum >> 1) + raw[i]);
        return sum;
}

static enum fat_dir_step broken(struct fat_dir *dir, const char *why)
{
        dir->why = why;
        return FAT_DIR_BROKEN;
}

/* Where the next 32 bytes are. */
static enum fat_dir_step dir_step(struct fat_dir *dir, uint64_t *ret_at)
{
        struct fat *fat = dir->fat;
        bool fixed = dir->cluster == 0;

        if (dir->consumed >= FAT_DIR_MAX)
                return broken(dir, "it is longer than 2 MiB, or its chain loops");
        if (fixed && dir->offset >= fat->root_bytes)
                return FAT_DIR_END;
        if (!fixed && dir->offset >= fat->cluster_bytes) {
                uint32_t next;

                if (!fat_get(fat, fat->active, dir->cluster, &next))
                        return broken(dir, "its chain cannot be read");
                if (fat_is_end(fat, next))
                        return FAT_DIR_END;
                if (!fat_has(fat, next))
                        return broken(dir, "its chain leads out of the file system");
                dir->cluster = next;
                dir->offset = 0;
        }
        if (!fixed && !fat_has(fat, dir->cluster))
                return broken(dir, "it begins in no cluster");
        *ret_at = (fixed ? fat->root_start : fat_cluster_offset(fat, dir->cluster)) + dir->offset;
        dir->offset += 32;
        dir->consumed += 32;
        return FAT_DIR_ENTRY;
}

static size_t field_length(const uint8_t *field, size_t size)
{
        while (size > 0 && field[size - 1] == ' ')
                size--;
        return size;
}

static void short_name_read(struct fat_entry *entry)
{
        size_t base = field_length(entry->raw, 8), extension = field_length(entry->raw + 8, 3), length = 0;

        for (size_t i = 0; i < base; i++)
                entry->short_name[length++] = plain(entry->raw[i]);
        if (extension)
                entry->short_name[length++] = '.';
        for (size_t i = 0; i < extension; i++)
                entry->short_name[length++] = plain(entry->raw[8 + i]);
        entry->short_name[length] = 0;
}

/* The parts of a long name as they come: the last one first, counted down to 1. */
struct long_name {
        unsigned parts, expected; /* expected: the next number; 0 when whole */
        uint8_t checksum;
        bool stray;
        uint64_t at[FAT_LONG_PARTS];
        char text[FAT_LONG_PARTS * 13 + 1];
};

static void long_part_read(struct long_name *name, const uint8_t raw[32], uint64_t at)
{
        static const uint8_t units[13] = {1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30};
        unsigned number = raw[0] & 0x3f;

        if (raw[0] & 0x40 && number >= 1 && number <= FAT_LONG_PARTS) {
                bool stray = name->stray || name->parts > 0;

                *name = (struct long_name){.parts = number, .expected = number, .checksum = raw[13], .stray = stray};
        } else if (name->expected == 0 || number != name->expected || raw[13] != name->checksum) {
                *name = (struct long_name){.stray = true};
                return;
        }
        name->at[name->parts - number] = at;
        name->expected--;
        for (int i = 0; i < 13; i++) {
                unsigned unit = image_le16(raw + units[i]);

                if (unit == 0 || unit == 0xffff)
                        break;
                name->text[(number - 1) * 13 + (unsigned)i] = plain(unit);
        }
}

static void entry_fill(struct fat_entry *entry, const struct long_name *name, const struct fat *fat)
{
        short_name_read(entry);
        entry->attributes = entry->raw[11];
        entry->first = image_le16(entry->raw + 26);
        if (fat->type == FAT_32)
                entry->first |= (uint32_t)image_le16(entry->raw + 20) << 16;
        entry->size = image_le32(entry->raw + 28);
        entry->long_name[0] = 0;
        entry->parts = 0;
        entry->stray_long = name->stray;
        if (name->parts == 0)
                return;
        if (name->expected != 0 || name->checksum != fat_short_checksum(entry->raw)) {
                entry->stray_long = true;
                return;
        }
        memcpy(entry->long_name, name->text, sizeof(entry->long_name));
        memcpy(entry->part_at, name->at, sizeof(entry->part_at));
        entry->parts = name->parts;
}

/* Clusters and the fixed root begin at whole sectors of the partition, so that no entry crosses a buffered sector. */
static bool entry_read(struct fat_dir *dir, uint64_t at, uint8_t raw[32])
{
        uint64_t sector = at - (at - dir->fat->start) % sizeof(dir->sector);

        if (sector != dir->sector_at) {
                dir->sector_at = 0;
                if (!image_read(dir->fat->image, sector, dir->sector, sizeof(dir->sector)))
                        return false;
                dir->sector_at = sector;
        }
        memcpy(raw, dir->sector + (at - sector), 32);
        return true;
}

enum fat_dir_step fat_dir_next(struct fat_dir *dir, struct fat_entry *ret)
{
        struct long_name name = {0};

        for (;;) {
                enum fat_dir_step step = dir_step(dir, &ret->at);

                if (step != FAT_DIR_ENTRY)
                        return step;
                if (!entry_read(dir, ret->at, ret->raw))
                        return broken(dir, "it cannot be read, or is beyond the end of the disk");
                if (ret->raw[0] == 0)
                        return FAT_DIR_END;
                if (ret->raw[0] == 0xe5) {
                        name.stray |= name.parts > 0;
                        name.parts = name.expected = 0;
                        continue;
                }
                if ((ret->raw[11] & 0x3f) == 0x0f) {
                        long_part_read(&name, ret->raw, ret->at);
                        continue;
                }
                entry_fill(ret, &name, dir->fat);
                return FAT_DIR_ENTRY;
        }
}

unsigned fat_dir_beyond(struct fat_dir *dir)
{
        uint8_t raw[32];
        uint64_t at;
        unsigned count = 0;

        while (dir_step(dir, &at) == FAT_DIR_ENTRY && entry_read(dir, at, raw))
                count += raw[0] != 0 && raw[0] != 0xe5;
        return count;
}

static bool name_is(const char *a, const char *b, size_t length)
{
        for (size_t i = 0; i < length; i++)
                if (a[i] == 0 || lower(a[i]) != lower(b[i]))
                        return false;
        return a[length] == 0;
}

static bool entry_is(const struct fat_entry *entry, const char *name, size_t length)
{
        return !(entry->attributes & FAT_VOLUME) &&
               (name_is(entry->short_name, name, length) || name_is(entry->long_name, name, length));
}

bool fat_entry_is(const struct fat_entry *entry, const char *name)
{
        return entry_is(entry, name, strlen(name));
}

enum fat_found fat_find(struct fat *fat, const char *path, struct fat_entry *ret, const char **ret_why)
{
        struct fat_dir dir = fat_dir_root(fat);

        for (;;) {
                size_t length;
                enum fat_dir_step step;

                path += strspn(path, "\\");
                length = strcspn(path, "\\");
                do
                        step = fat_dir_next(&dir, ret);
                while (step == FAT_DIR_ENTRY && !entry_is(ret, path, length));
                if (step == FAT_DIR_END)
                        return FAT_ABSENT;
                if (step == FAT_DIR_BROKEN) {
                        *ret_why = dir.why;
                        return FAT_UNKNOWN;
                }
                path += length;
                if (*path == 0)
                        return FAT_FOUND;
                if (!(ret->attributes & FAT_DIRECTORY))
                        return FAT_ABSENT;
                if (ret->first == 0) {
                        *ret_why = "a directory on the way has no cluster";
                        return FAT_UNKNOWN;
                }
                dir = fat_dir_at(fat, ret->first);
        }
}
