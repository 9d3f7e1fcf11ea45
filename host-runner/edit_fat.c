/* SPDX-License-Identifier: BSD-2-Clause */
/* A change to the ESP's file system leaves the rest of it consistent: both FATs, the free count, the backup. */
#include "edit_disk.h"

#include <errno.h>
#include <string.h>

#include "text.h"

static const struct edit_field boot_fields[] = {
        {"sector-size", 11, 2},  {"cluster-sectors", 13, 1},
        {"reserved", 14, 2},     {"fats", 16, 1},
        {"root-entries", 17, 2}, {"total16", 19, 2},
        {"media", 21, 1},        {"fat-size16", 22, 2},
        {"total32", 32, 4},      {"fat-size32", 36, 4},
        {"flags", 40, 2},        {"version", 42, 2},
        {"root-cluster", 44, 4}, {"info", 48, 2},
        {"backup", 50, 2},       {"state", 65, 1},
        {"signature", 510, 2},
};

static const struct edit_field info_fields[] = {{"lead", 0, 4}, {"struct", 484, 4}, {"free", 488, 4}, {"next", 492, 4}};

static const struct edit_field file_fields[] = {
        {"name-byte", 0, 1}, {"attributes", 11, 1}, {"start", 26, 2}, {"size", 28, 4}};

int edit_fat_open(struct edit *edit, struct fat *ret)
{
        struct esp esp;
        const char *why;
        int status = edit_esp(edit, &esp);

        if (status == 0 && !fat_open(&edit->file.image, esp.start, esp.size, ret, &why))
                status = edit_fail(edit, -EINVAL, "%s: the ESP holds no FAT file system: %s", edit->word[0], why);
        return status;
}

static uint64_t sector_at(const struct fat *fat, uint32_t sector)
{
        return fat->start + (uint64_t)sector * fat->bpb.sector_size;
}

int edit_fat(struct edit *edit)
{
        const struct edit_field *field;
        uint8_t value[16];
        struct fat fat;
        int status = edit_fat_open(edit, &fat);

        if (status == 0)
                status = edit_field(edit, boot_fields, sizeof(boot_fields) / sizeof(boot_fields[0]), 1, &field, value);
        if (status == 0)
                status = edit_write(edit, fat.start + field->offset, value, field->width);
        if (status == 0 && fat.type == FAT_32 && fat.bpb.backup_sector && !edit_has_option(edit, "primary"))
                status = edit_write(edit, sector_at(&fat, fat.bpb.backup_sector) + field->offset, value, field->width);
        return status;
}

int edit_fsinfo(struct edit *edit)
{
        const struct edit_field *field;
        uint8_t value[16];
        struct fat fat;
        int status = edit_fat_open(edit, &fat);

        if (status == 0)
                status = edit_field(edit, info_fields, sizeof(info_fields) / sizeof(info_fields[0]), 1, &field, value);
        if (status == 0)
                status = edit_write(edit, sector_at(&fat, fat.bpb.info_sector) + field->offset, value, field->width);
        return status;
}

int edit_file_find(struct edit *edit, struct fat *fat, const char *path, struct fat_entry *ret)
{
        const char *why;

        if (fat_find(fat, path, ret, &why) == FAT_FOUND)
                return 0;
        return edit_fail(edit, -ENOENT, "%s: the ESP has no %s", edit->word[0], path);
}

int edit_fat_set(struct edit *edit, struct fat *fat, int copy, uint32_t cluster, uint32_t value)
{
        unsigned width = fat->type == FAT_32 ? 4 : 2;
        int status = 0;

        if (fat->type == FAT_12)
                return edit_fail(edit, -EINVAL, "%s: FAT12 is not edited", edit->word[0]);
        for (int i = 0; i < fat->bpb.fats && status == 0; i++)
                if (copy < 0 || copy == i)
                        status = edit_write_number(
                                edit, fat->fat_start + (unsigned)i * fat->fat_bytes + (uint64_t)cluster * width, value,
                                width);
        fat->window_at = UINT64_MAX;
        return status;
}

/* A cluster or a mark: a number, the first cluster of a path, or a word. */
static int cluster_number(struct edit *edit, struct fat *fat, const char *word, uint64_t *ret)
{
        struct fat_entry entry;
        int status = 0;

        if (word[0] == '\\') {
                status = edit_file_find(edit, fat, word, &entry);
                *ret = entry.first;
        } else if (strcmp(word, "free") == 0) {
                *ret = 0;
        } else if (strcmp(word, "bad") == 0) {
                *ret = fat_bad_mark(fat);
        } else if (strcmp(word, "end") == 0) {
                *ret = 0x0fffffff;
        } else {
                status = edit_number(edit, word, ret);
        }
        return status;
}

int edit_fat_entry(struct edit *edit)
{
        uint64_t cluster = 0, value = 0;
        const char *which = edit->word[1];
        int copy = strcmp(which, "both") == 0 ? -1 : which[0] - '1';
        struct fat fat;
        int status = edit_fat_open(edit, &fat);

        if (status == 0 && (copy < -1 || copy > 1))
                status = edit_fail(edit, -EINVAL, "fat-entry: \"%s\" is not 1, 2 or both", which);
        if (status == 0)
                status = cluster_number(edit, &fat, edit->word[2], &cluster);
        if (status == 0)
                status = cluster_number(edit, &fat, edit->word[3], &value);
        if (status == 0 && cluster > fat.clusters + 1)
                status = edit_fail(edit, -EINVAL, "fat-entry: there is no cluster %s", edit->word[2]);
        return status < 0 ? status : edit_fat_set(edit, &fat, copy, (uint32_t)cluster, (uint32_t)value);
}

int edit_free_count_move(struct edit *edit, struct fat *fat, int64_t by)
{
        uint8_t count[4];
        uint64_t at = sector_at(fat, fat->bpb.info_sector) + 488;
        int status;

        if (fat->type != FAT_32 || fat->bpb.info_sector == 0)
                return 0;
        status = edit_read(edit, at, count, sizeof(count));
        if (status < 0 || image_le32(count) == 0xffffffff)
                return status;
        return edit_write_number(edit, at, (uint64_t)((int64_t)image_le32(count) + by), 4);
}

int edit_file_remove(struct edit *edit)
{
        struct fat fat;
        struct fat_entry entry;
        uint32_t cluster, next, freed = 0;
        int status = edit_fat_open(edit, &fat);

        if (status == 0)
                status = edit_file_find(edit, &fat, edit->word[1], &entry);
        if (status == 0)
                status = edit_write_number(edit, entry.at, 0xe5, 1);
        for (unsigned i = 0; i < entry.parts && status == 0; i++)
                status = edit_write_number(edit, entry.part_at[i], 0xe5, 1);
        if (status < 0)
                return status;
        for (cluster = entry.first; fat_has(&fat, cluster) && status == 0; cluster = next, freed++) {
                if (!fat_get(&fat, fat.active, cluster, &next))
                        return edit_fail(edit, -EIO, "file-remove: the chain cannot be read");
                status = edit_fat_set(edit, &fat, -1, cluster, 0);
        }
        return status < 0 ? status : edit_free_count_move(edit, &fat, freed);
}

static int short_name_make(struct edit *edit, const char *name, uint8_t raw[11])
{
        const char *dot = strchr(name, '.');
        size_t base = dot ? (size_t)(dot - name) : strlen(name), extension = dot ? strlen(dot + 1) : 0;

        if (base < 1 || base > 8 || extension > 3)
                return edit_fail(edit, -EINVAL, "%s: \"%s\" is no name of eight characters and three", edit->word[0],
                                 name);
        memset(raw, ' ', 11);
        memcpy(raw, name, base);
        if (extension)
                memcpy(raw + 8, dot + 1, extension);
        for (int i = 0; i < 11; i++)
                if (raw[i] >= 'a' && raw[i] <= 'z')
                        raw[i] = (uint8_t)(raw[i] - 'a' + 'A');
        return 0;
}

int edit_file_rename(struct edit *edit)
{
        struct fat fat;
        struct fat_entry entry;
        uint8_t raw[11];
        int status = edit_fat_open(edit, &fat);

        if (status == 0)
                status = edit_file_find(edit, &fat, edit->word[1], &entry);
        if (status == 0)
                status = short_name_make(edit, edit->word[2], raw);
        if (status == 0)
                status = edit_write(edit, entry.at, raw, sizeof(raw));
        for (unsigned i = 0; status == 0 && i < entry.parts; i++)
                status = edit_write_number(edit, entry.part_at[i], 0xe5, 1);
        return status;
}

int edit_file_write(struct edit *edit)
{
        struct fat fat;
        struct fat_entry entry;
        struct fat_file file;
        uint8_t bytes[EDIT_HEX_MAX];
        uint64_t offset = 0, at, left;
        size_t size = 0;
        int status = edit_fat_open(edit, &fat);

        if (status == 0)
                status = edit_file_find(edit, &fat, edit->word[1], &entry);
        if (status == 0)
                status = edit_number(edit, edit->word[2], &offset);
        if (status == 0)
                status = edit_hex(edit, edit->word[3], bytes, &size);
        if (status < 0)
                return status;
        file = fat_file(&fat, entry.first, entry.size);
        for (size_t done = 0; done < size && status == 0; done++) {
                if (!fat_file_where(&file, offset + done, &at, &left))
                        return edit_fail(edit, -EINVAL, "file-write: %s has no byte %llu", edit->word[1],
                                         (unsigned long long)(offset + done));
                status = edit_write(edit, at, bytes + done, 1);
        }
        return status;
}

/* The start is 16 bits here, and the high half goes to 0: enough for the small clusters of a defect. */
int edit_file_entry(struct edit *edit)
{
        const struct edit_field *field;
        uint8_t value[16];
        struct fat fat;
        struct fat_entry entry;
        int status = edit_fat_open(edit, &fat);

        if (status == 0)
                status = edit_file_find(edit, &fat, edit->word[1], &entry);
        if (status == 0)
                status = edit_field(edit, file_fields, sizeof(file_fields) / sizeof(file_fields[0]), 2, &field, value);
        if (status == 0 && strcmp(field->name, "start") == 0)
                status = edit_write(edit, entry.at + 20, value + 2, 2);
        return status < 0 ? status : edit_write(edit, entry.at + field->offset, value, field->width);
}

/* The first place of a directory that no entry uses: a deleted one, or the end mark with one behind it. */
static int slot_find(struct edit *edit, struct fat_dir dir, uint64_t *ret_at)
{
        struct fat *fat = dir.fat;
        bool fixed = dir.cluster == 0;
        uint64_t begin = fixed ? fat->root_start : fat_cluster_offset(fat, dir.cluster);
        uint32_t size = fixed ? fat->root_bytes : fat->cluster_bytes;
        uint8_t first;

        for (uint32_t at = 0; at < size; at += 32) {
                if (edit_read(edit, begin + at, &first, 1) < 0)
                        return -EIO;
                if (first == 0 || first == 0xe5) {
                        *ret_at = begin + at;
                        return 0;
                }
        }
        return edit_fail(edit, -ENOSPC, "%s: the first cluster of the directory is full", edit->word[0]);
}

int edit_cluster_take(struct edit *edit, struct fat *fat, uint32_t *ret)
{
        uint32_t value = 1;

        for (uint32_t c = 2; c < fat->clusters + 2; c++)
                if (fat_get(fat, fat->active, c, &value) && value == 0) {
                        *ret = c;
                        return edit_fat_set(edit, fat, -1, c, 0x0fffffff);
                }
        return edit_fail(edit, -ENOSPC, "%s: the file system is full", edit->word[0]);
}

/* Splits the path into a directory that exists and the name behind its last backslash. */
static int directory_find(struct edit *edit, struct fat *fat, char *path, struct fat_dir *ret, const char **ret_name)
{
        char *last = strrchr(path, '\\');
        struct fat_entry entry;

        if (!last)
                return edit_fail(edit, -EINVAL, "%s: \"%s\" is no path", edit->word[0], path);
        *ret = fat_dir_root(fat);
        *last = 0;
        *ret_name = last + 1;
        if (last == path)
                return 0;
        if (edit_file_find(edit, fat, path, &entry) < 0)
                return -ENOENT;
        *ret = fat_dir_at(fat, entry.first);
        return 0;
}

int edit_file_put(struct edit *edit)
{
        struct fat fat;
        struct fat_dir dir;
        const char *name = "";
        uint8_t bytes[EDIT_HEX_MAX], raw[32] = {0};
        uint64_t slot = 0;
        uint32_t cluster = 0;
        size_t size = 0;
        int status = edit_fat_open(edit, &fat);

        if (status == 0)
                status = directory_find(edit, &fat, edit->word[1], &dir, &name);
        if (status == 0)
                status = short_name_make(edit, name, raw);
        if (status == 0)
                status = edit_hex(edit, edit->word[2], bytes, &size);
        if (status == 0 && size > fat.cluster_bytes)
                status = edit_fail(edit, -EINVAL, "file-put: %u bytes do not fit into one cluster", (unsigned)size);
        if (status == 0)
                status = slot_find(edit, dir, &slot);
        if (status == 0)
                status = edit_cluster_take(edit, &fat, &cluster);
        if (status == 0)
                status = edit_free_count_move(edit, &fat, -1);
        if (status == 0)
                status = edit_write(edit, fat_cluster_offset(&fat, cluster), bytes, size);
        raw[11] = 0x20;
        raw[20] = (uint8_t)(cluster >> 16);
        raw[21] = (uint8_t)(cluster >> 24);
        raw[26] = (uint8_t)cluster;
        raw[27] = (uint8_t)(cluster >> 8);
        raw[28] = (uint8_t)size;
        raw[29] = (uint8_t)(size >> 8);
        return status < 0 ? status : edit_write(edit, slot, raw, sizeof(raw));
}

static const struct edit_field pe_fields[] = {
        {"signature", 0, 4},        {"machine", 4, 2},    {"sections", 6, 2},
        {"characteristics", 22, 2}, {"magic", 24, 2},     {"entry", 40, 4},
        {"image-size", 80, 4},      {"subsystem", 92, 2}, {"section-alignment", 56, 4},
        {"win32-version", 76, 4},
};

/* A field of the PE headers, wherever offset 60 of the file says that they are. */
int edit_file_pe(struct edit *edit)
{
        const struct edit_field *field;
        uint8_t value[16], where[4];
        struct fat fat;
        struct fat_entry entry;
        struct fat_file file;
        uint64_t at, left;
        int status = edit_fat_open(edit, &fat);

        if (status == 0)
                status = edit_file_find(edit, &fat, edit->word[1], &entry);
        if (status == 0)
                status = edit_field(edit, pe_fields, sizeof(pe_fields) / sizeof(pe_fields[0]), 2, &field, value);
        if (status < 0)
                return status;
        file = fat_file(&fat, entry.first, entry.size);
        if (!fat_file_read(&file, 60, where, sizeof(where)))
                return edit_fail(edit, -EINVAL, "file-pe: %s is too short", edit->word[1]);
        for (unsigned i = 0; i < field->width && status == 0; i++) {
                if (!fat_file_where(&file, (uint64_t)image_le32(where) + field->offset + i, &at, &left))
                        return edit_fail(edit, -EINVAL, "file-pe: %s is no PE file", edit->word[1]);
                status = edit_write(edit, at, value + i, 1);
        }
        return status;
}
