/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an image holds is looked through once for each case that asks, and what it cost is bounded and told.
 *
 * How far it looks: the root of every FAT partition, to its end; FILES_MAX files of all FAT partitions, at each 4 KiB
 * of their first 64 KiB and each 64 KiB of their first 16 MiB, FILE_PROBES_MAX places in all; the first 1 MiB of every
 * partition and gap at each logical block; the rest of what the image holds at each 64 KiB, PROBES_MAX places in all.
 * Holes are passed over unread. The note says what was looked at, and whether one of the limits was met.
 */
#include "search.h"

#include <stdlib.h>

#include "esp.h"
#include "gpt.h"

typedef unsigned long long ull;

enum {
        STEP = 64 * 1024,              /* firmware volumes are aligned to flash blocks */
        HEAD = 1024 * 1024,            /* of a region, read at every block */
        FINE = 4096,                   /* in a file: where a volume stands behind code that jumps to it */
        FILE_LIMIT = 16 * 1024 * 1024, /* of a file */
        FILES_MAX = 1024,
        FILE_PROBES_MAX = 8192, /* in all files */
        ENTRIES_MAX = 65536,    /* in all directories but the roots */
        DIRS_MAX = 256,
        REGIONS_MAX = 256,
        PROBES_MAX = 8192,
        PATH_MAX_SHOWN = 120,
        PEEK = 128, /* enough for a header with its block map and the GUID behind it */
};

static void bytes_look(struct search *s, const uint8_t *bytes, size_t size, const char *where, uint64_t at)
{
        struct sighting sighting = {where, at, bytes, volume_kind(bytes, size)};

        if (sighting.kind != VOLUME_NONE)
                s->volume(s, &sighting);
}

/* The first 1 MiB of a region, at every logical block, where it holds data. */
static void head_search(struct search *s, uint64_t start, uint64_t end)
{
        static uint8_t head[HEAD];
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
                if (!image_read(image, from, head, size)) {
                        SKIP(s->j, "%llu bytes at %llu could not be read", (ull)size, (ull)from);
                        return;
                }
                for (size_t at = 0; at < size; at += block)
                        bytes_look(s, head + at, size - at, "image", from + at);
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
                        if (image_read(image, at, peek, sizeof(peek)))
                                bytes_look(s, peek, sizeof(peek), "image", at);
                }
                at = to;
        }
}

static void file_search(struct search *s, struct fat *fat, const struct fat_entry *entry, const char *path)
{
        struct fat_file file = fat_file(fat, entry->first, entry->size);
        uint8_t peek[PEEK];

        for (uint32_t at = 0; at < FILE_LIMIT && at < entry->size; at += at < STEP ? FINE : STEP) {
                uint32_t left = entry->size - at;
                size_t size = left < PEEK ? left : PEEK;

                if (s->file_probes == FILE_PROBES_MAX) {
                        s->cut = true;
                        return;
                }
                s->file_probes++;
                if (!fat_file_read(&file, at, peek, size))
                        return;
                bytes_look(s, peek, size, path, at);
        }
}

/* Whether more files may be looked into; a root is read to its end in any case. */
static bool may_go_on(struct search *s)
{
        bool more = s->files < FILES_MAX && s->entries < ENTRIES_MAX;

        s->cut |= !more;
        return more;
}

struct place {
        uint32_t cluster;
        char path[PATH_MAX_SHOWN]; /* with a backslash at its end */
};

struct places {
        unsigned count;
        struct place of[DIRS_MAX]; /* the first is the root */
};

static void entry_search(struct search *s, struct fat *fat, struct places *places, unsigned in,
                         const struct fat_entry *e)
{
        char path[PATH_MAX_SHOWN];

        text_format(path, sizeof(path), "%s%s", places->of[in].path, e->long_name[0] ? e->long_name : e->short_name);
        s->entry(s, fat, e, path, in == 0);
        if (!(e->attributes & FAT_DIRECTORY)) {
                if (may_go_on(s)) {
                        s->files++;
                        file_search(s, fat, e, path);
                }
        } else if (places->count == DIRS_MAX) {
                s->cut = true;
        } else if (e->first) {
                struct place *place = &places->of[places->count++];

                place->cluster = e->first;
                text_format(place->path, sizeof(place->path), "%s\\", path);
        }
}

static void tree_search(struct search *s, struct fat *fat, uint64_t start)
{
        struct places *places = calloc(1, sizeof(*places));

        if (!places) {
                SUITE_ERROR(s->j, "no memory for the directories of the FAT at byte %llu", (ull)start);
                return;
        }
        places->count = 1;
        text_format(places->of[0].path, sizeof(places->of[0].path), "FAT at byte %llu: \\", (ull)start);
        for (unsigned i = 0; i < places->count; i++) {
                struct fat_dir dir = fat_dir_at(fat, places->of[i].cluster);
                struct fat_entry e;
                enum fat_dir_step step = FAT_DIR_END;

                while ((i == 0 || may_go_on(s)) && (step = fat_dir_next(&dir, &e)) == FAT_DIR_ENTRY) {
                        s->entries += i != 0;
                        if (!(e.attributes & FAT_VOLUME) && e.raw[0] != '.')
                                entry_search(s, fat, places, i, &e);
                }
                if (step == FAT_DIR_BROKEN && i == 0)
                        SKIP(s->j, "%s: this root could not be read to the end: %s", places->of[0].path, dir.why);
        }
        s->roots++;
        free(places);
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

                if (region[i].start > behind)
                        head_search(s, behind, region[i].start);
                if (region[i].end > behind)
                        behind = region[i].end;
                head_search(s, region[i].start, region[i].end);
                if (fat_open(image, region[i].start, region[i].end - region[i].start, &fat, &why))
                        tree_search(s, &fat, region[i].start);
        }
        if (behind < image->size)
                head_search(s, behind, image->size);
}

void search_run(struct search *s)
{
        struct region region[REGIONS_MAX] = {0};
        unsigned count = regions_list(s->j->image, region);

        regions_search(s, region, count);
        steps_search(s);
        if (count == 0)
                SKIP(s->j, "no partition found: there was no root to look for files in");
        NOTE(s->j, "looked at", "%llu FAT roots, %llu files, %llu bytes block by block, %llu places 64 KiB apart%s",
             (ull)s->roots, (ull)s->files, (ull)s->head_bytes, (ull)s->probes, s->cut ? "; a limit was met" : "");
}
