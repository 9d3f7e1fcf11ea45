/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * IMG-13: the image carries no UEFI variable store, neither as a file in a FAT root nor as a firmware volume.
 *
 * How far it looks: the root of every FAT partition, to its end; FILES_MAX files of all FAT partitions, at each 64 KiB
 * of their first 16 MiB, FILE_PROBES_MAX places in all; the first 1 MiB of every partition and gap at each logical
 * block; the rest of what the image holds at each 64 KiB, PROBES_MAX places in all. Holes are passed over unread. The
 * note says what was looked at, and whether one of the limits was met.
 */
#include "judge.h"

#include <stdlib.h>

#include "fat_dir.h"
#include "esp.h"
#include "gpt.h"
#include "volume.h"

typedef unsigned long long ull;

enum {
        STEP = 64 * 1024,   /* firmware volumes are aligned to flash blocks */
        HEAD = 1024 * 1024, /* of a region, read at every block */
        FILE_STEPS = 256,   /* of a file: 16 MiB */
        FILES_MAX = 1024,
        FILE_PROBES_MAX = 4096, /* in all files */
        ENTRIES_MAX = 65536,    /* in all directories but the roots */
        NOTES_MAX = 16,
        DIRS_MAX = 256,
        REGIONS_MAX = 256,
        PROBES_MAX = 8192,
        PEEK = 128, /* enough for a header with its block map and the GUID behind it */
};

struct search {
        struct judge *j;
        uint8_t *buffer; /* HEAD bytes */
        uint64_t head_bytes, probes, file_probes, files, entries, roots;
        bool cut;
        unsigned found, notes;
};

static void volume_told(struct search *s, enum volume_kind kind, const char *where, ull at)
{
        if (kind == VOLUME_OTHER && s->notes++ < NOTES_MAX)
                NOTE(s->j, "firmware volume", "%s at byte %llu: not for variables", where, at);
        if (kind == VOLUME_VARIABLES)
                s->found += !CHECK_SAY(s->j, kind != VOLUME_VARIABLES, "no firmware volume of variables",
                                       "%s at byte %llu", where, at);
}

/* The first 1 MiB of a region, at every logical block, where it holds data. */
static void head_search(struct search *s, uint64_t start, uint64_t end)
{
        const struct image *image = s->j->image;
        uint64_t from, to;

        if (end - start > HEAD)
                end = start + HEAD;
        while (start < end && image_extent(image, start, &from, &to) && from < end) {
                uint64_t block = image->block_size;
                size_t size;

                from -= (from - start) % block;
                if (to > end)
                        to = end;
                size = (size_t)(to - from);
                if (!image_read(image, from, s->buffer, size)) {
                        SKIP(s->j, "%llu bytes at %llu could not be read", (ull)size, (ull)from);
                        return;
                }
                for (size_t at = 0; at < size; at += block)
                        volume_told(s, volume_kind(s->buffer + at, size - at), "image", from + at);
                s->head_bytes += size;
                start = to;
        }
}

/* Everything the image holds, at each 64 KiB, until the probes are used up. */
static void steps_search(struct search *s)
{
        const struct image *image = s->j->image;
        uint64_t at = 0, from, to;
        uint8_t peek[PEEK];

        while (image_extent(image, at, &from, &to)) {
                for (at = (from + STEP - 1) / STEP * STEP; at < to; at += STEP) {
                        if (s->probes == PROBES_MAX) {
                                s->cut = true;
                                return;
                        }
                        s->probes++;
                        if (image_read(image, at, peek, sizeof(peek)) && volume_kind(peek, sizeof(peek)) != VOLUME_NONE)
                                volume_told(s, volume_kind(peek, sizeof(peek)), "image", at);
                }
                at = to;
        }
}

static void file_search(struct search *s, struct fat *fat, const struct fat_entry *entry)
{
        struct fat_file file = fat_file(fat, entry->first, entry->size);
        uint8_t peek[PEEK];
        const char *name = entry->long_name[0] ? entry->long_name : entry->short_name;

        for (uint64_t step = 0; step < FILE_STEPS && step * STEP < entry->size; step++) {
                uint64_t left = entry->size - step * STEP;
                size_t size = left < PEEK ? (size_t)left : PEEK;

                if (s->file_probes == FILE_PROBES_MAX) {
                        s->cut = true;
                        return;
                }
                s->file_probes++;
                if (!fat_file_read(&file, step * STEP, peek, size))
                        return;
                volume_told(s, volume_kind(peek, size), name, step * STEP);
        }
}

/* The stores that firmware keeps as files in the root: EDK2's NvVars, and U-Boot's with the magic of EBBR chapter 5. */
static void root_entry_judge(struct search *s, struct fat *fat, const struct fat_entry *entry, const char *name)
{
        static const uint8_t magic[7] = {0x55, 0x62, 0x45, 0x66, 0x69, 0x56, 0x61};
        struct fat_file file = fat_file(fat, entry->first, entry->size);
        uint8_t head[16];
        bool is_nvvars = fat_entry_is(entry, "NvVars"), has_magic;

        if (is_nvvars)
                s->found +=
                        !CHECK_SAY(s->j, !is_nvvars, "no file NvVars in the root", "%s: %u bytes", name, entry->size);
        if (!fat_entry_is(entry, "ubootefi.var"))
                return;
        has_magic = fat_file_read(&file, 0, head, sizeof(head)) && memcmp(head + 8, magic, sizeof(magic)) == 0;
        if (has_magic)
                s->found += !CHECK_SAY(s->j, !has_magic, "no file ubootefi.var with variables in the root",
                                       "%s: %u bytes", name, entry->size);
        else
                NOTE(s->j, "ubootefi.var", "%s: %u bytes without the magic of a variable file", name, entry->size);
}

/* Whether more files may be looked into; a root is read to its end in any case. */
static bool may_go_on(struct search *s)
{
        bool more = s->files < FILES_MAX && s->entries < ENTRIES_MAX;

        s->cut |= !more;
        return more;
}

static void tree_search(struct search *s, struct fat *fat, const char *name)
{
        uint32_t *dirs = calloc(DIRS_MAX, sizeof(*dirs));
        unsigned count = 1;

        for (unsigned i = 0; dirs && i < count; i++) {
                struct fat_dir dir = fat_dir_at(fat, dirs[i]);
                struct fat_entry e;
                enum fat_dir_step step = FAT_DIR_END;

                while ((i == 0 || may_go_on(s)) && (step = fat_dir_next(&dir, &e)) == FAT_DIR_ENTRY) {
                        s->entries += i != 0;
                        if (e.attributes & FAT_VOLUME || e.raw[0] == '.')
                                continue;
                        if (e.attributes & FAT_DIRECTORY) {
                                s->cut |= count == DIRS_MAX;
                                if (count < DIRS_MAX && e.first)
                                        dirs[count++] = e.first;
                                continue;
                        }
                        if (i == 0)
                                root_entry_judge(s, fat, &e, name);
                        if (may_go_on(s)) {
                                s->files++;
                                file_search(s, fat, &e);
                        }
                }
                if (step == FAT_DIR_BROKEN && i == 0)
                        SKIP(s->j, "%s: its root could not be read to the end: %s", name, dir.why);
        }
        if (!dirs)
                SUITE_ERROR(s->j, "no memory for the directories of %s", name);
        s->roots++;
        free(dirs);
}

struct region {
        uint64_t start, end;
};

static int by_start(const void *a, const void *b)
{
        const struct region *x = a, *y = b;

        return (x->start > y->start) - (x->start < y->start);
}

/* The partitions in the order of the disk; those that do not lie on the disk are left out. */
static unsigned regions_list(const struct image *image, struct region region[REGIONS_MAX])
{
        struct gpt gpt;
        struct gpt_entry entry;
        const char *why;
        unsigned count = 0;

        if (!gpt_open(image, &gpt, &why))
                return 0;
        for (uint32_t i = 0; i < gpt.array.count && count < REGIONS_MAX; i++) {
                uint64_t start, size;

                if (!gpt_entry_read(&gpt.array, i, &entry))
                        continue;
                esp_extent(image, &entry, &start, &size);
                if (size > image->size - start)
                        size = image->size - start;
                if (size)
                        region[count++] = (struct region){start, start + size};
        }
        gpt_close(&gpt);
        qsort(region, count, sizeof(*region), by_start);
        return count;
}

static void regions_search(struct search *s, const struct region *region, unsigned count)
{
        const struct image *image = s->j->image;
        uint64_t behind = 0;

        for (unsigned i = 0; i < count; i++) {
                struct fat fat;
                const char *why;
                char name[40];

                if (region[i].start > behind)
                        head_search(s, behind, region[i].start);
                if (region[i].end > behind)
                        behind = region[i].end;
                head_search(s, region[i].start, region[i].end);
                text_format(name, sizeof(name), "FAT at byte %llu", (ull)region[i].start);
                if (fat_open(image, region[i].start, region[i].end - region[i].start, &fat, &why))
                        tree_search(s, &fat, name);
        }
        if (behind < image->size)
                head_search(s, behind, image->size);
}

void judge_no_variable_store(struct judge *j)
{
        struct search s = {.j = j, .buffer = malloc(HEAD)};
        struct region *region = calloc(REGIONS_MAX, sizeof(*region));
        unsigned count = region ? regions_list(j->image, region) : 0;

        if (s.buffer && region) {
                regions_search(&s, region, count);
                steps_search(&s);
                CHECK_SAY(j, s.found == 0, "no variable store", "%u sightings", s.found);
                if (count == 0)
                        SKIP(j, "no partition found: there was no root to look for variable files in");
                NOTE(j, "looked at",
                     "%llu FAT roots, %llu files, %llu bytes block by block, %llu places 64 KiB apart%s", (ull)s.roots,
                     (ull)s.files, (ull)s.head_bytes, (ull)s.probes, s.cut ? "; a limit was met" : "");
        } else {
                SUITE_ERROR(j, "no memory to search the image");
        }
        free(s.buffer);
        free(region);
}
