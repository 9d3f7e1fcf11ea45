/* SPDX-License-Identifier: BSD-2-Clause */
/* Every cluster is visited at most once, so that loops and crossings are found and none is followed. */
#include "fat_check.h"

#include <stdlib.h>

#include "fat_dir.h"
#include "judge.h"
#include "text.h"

enum { DIRS_MAX = 16384, ENTRIES_MAX = 1024 * 1024, PATH_MAX_SHOWN = 80, CHUNK = 64 * 1024, BPB_END = 64, ROOM = 256 };

struct pending {
        uint32_t cluster, parent; /* 0: the root */
        char path[PATH_MAX_SHOWN];
};

struct walk {
        struct judge *j;
        struct fat *fat;
        const char *name;
        uint32_t *table;  /* the active FAT, entries 0 to clusters + 1 */
        uint8_t *claimed; /* one bit per entry */
        struct pending *dirs;
        size_t count, next;
        unsigned entries;
        bool cut; /* there were more than DIRS_MAX directories or ENTRIES_MAX entries */
};

static bool table_load(struct walk *w)
{
        struct fat *fat = w->fat;

        w->table = calloc((size_t)fat->clusters + 2, sizeof(*w->table));
        w->claimed = calloc((size_t)fat->clusters / 8 + 1, 1);
        if (!w->table || !w->claimed) {
                SUITE_ERROR(w->j, "%s: no memory for a FAT of %u clusters", w->name, fat->clusters);
                return false;
        }
        for (uint32_t c = 0; c < fat->clusters + 2; c++) {
                bool readable = fat_get(fat, fat->active, c, &w->table[c]);

                if (!readable)
                        return CHECK_SAY(w->j, readable, "a FAT that can be read", "%s: cluster %u", w->name, c);
        }
        return true;
}

static bool claim(struct walk *w, uint32_t cluster)
{
        uint32_t bit = cluster - 2;
        bool taken = w->claimed[bit / 8] >> bit % 8 & 1;

        w->claimed[bit / 8] |= (uint8_t)(1 << bit % 8);
        return !taken;
}

/* Follows a chain to its end and makes its clusters the path's; returns how many there were. */
static bool chain_check(struct walk *w, uint32_t first, const char *path, uint64_t *ret_count)
{
        uint32_t cluster = first;
        uint64_t count = 0;

        for (;;) {
                bool in_use = fat_has(w->fat, cluster), unclaimed = in_use && claim(w, cluster);

                if (!in_use)
                        return CHECK_SAY(w->j, in_use, "a chain of clusters that exist and are in use",
                                         "%s %s: cluster %u after %u clusters", w->name, path, cluster,
                                         (unsigned)count);
                if (!unclaimed)
                        return CHECK_SAY(w->j, unclaimed, "chains that neither cross nor loop",
                                         "%s %s: cluster %u is in a chain already", w->name, path, cluster);
                count++;
                if (fat_is_end(w->fat, w->table[cluster]))
                        break;
                cluster = w->table[cluster];
        }
        *ret_count = count;
        return true;
}

/* The array with room for one more than it has; NULL, and the array as it was, where memory is out. */
static void *array_grow(void *array, size_t count, size_t size)
{
        return count % ROOM ? array : reallocarray(array, count + ROOM, size);
}

static void dir_queue(struct walk *w, uint32_t cluster, uint32_t parent, const char *path)
{
        struct pending *to;

        if (w->count == DIRS_MAX) {
                w->cut = true;
                return;
        }
        to = array_grow(w->dirs, w->count, sizeof(*to));
        if (!to) {
                SUITE_ERROR(w->j, "%s: no memory for %u directories", w->name, (unsigned)w->count + 1);
                w->cut = true;
                return;
        }
        w->dirs = to;
        to += w->count++;
        to->cluster = cluster;
        to->parent = parent;
        text_copy(to->path, sizeof(to->path), path);
}

/* The names "." and ".." are only in subdirectories, first, and lead to where they say. */
static void dots_check(struct walk *w, const struct pending *dir, const struct fat_entry *e, unsigned index)
{
        bool self = memcmp(e->raw, ".          ", 11) == 0;
        uint32_t want = self ? dir->cluster : dir->parent;
        bool right = dir->cluster != 0 && index == (self ? 0 : 1) && e->attributes & FAT_DIRECTORY && e->first == want;

        CHECK_SAY(w->j, right, "\".\" and \"..\" in front of a subdirectory, leading to itself and its parent",
                  "%s %s: \"%s\" is entry %u and leads to cluster %u, wanted %u", w->name, dir->path, e->short_name,
                  index, e->first, want);
}

/* The characters that the FAT specification leaves out of short names. */
static bool short_name_legal(const uint8_t raw[11])
{
        for (int i = 0; i < 11; i++) {
                if (i == 0 && raw[i] == 0x05)
                        continue;
                if (raw[i] < 0x20 || raw[i] == 0x7f || strchr("\"*+,./:;<=>?[\\]|", raw[i]))
                        return false;
                if (raw[i] >= 'a' && raw[i] <= 'z')
                        return false;
        }
        return raw[0] != ' ';
}

static void size_check(struct walk *w, const struct fat_entry *e, const char *path, uint64_t count)
{
        uint64_t bytes = w->fat->cluster_bytes, want = e->size / bytes + (e->size % bytes != 0);

        CHECK_SAY(w->j, want == count, "a chain as long as the file's size says", "%s %s: %u bytes in %llu clusters",
                  w->name, path, e->size, (unsigned long long)count);
}

static void entry_check(struct walk *w, const struct pending *dir, const struct fat_entry *e)
{
        char path[PATH_MAX_SHOWN];
        const char *shown = e->long_name[0] ? e->long_name : e->short_name;
        uint64_t count = 0;

        text_format(path, sizeof(path), "%s\\%s", dir->path, shown);
        CHECK_SAY(w->j, !e->stray_long, "long names that belong to the short name behind them",
                  "%s %s: %s parts before it", w->name, path, e->stray_long ? "stray" : "no stray");
        CHECK_SAY(w->j, short_name_legal(e->raw), "a legal short name", "%s %s: %s", w->name, path, e->short_name);
        if (e->attributes & FAT_DIRECTORY) {
                CHECK_SAY(w->j, e->size == 0, "size 0 for a directory", "%s %s: %u", w->name, path, e->size);
                if (chain_check(w, e->first, path, &count))
                        dir_queue(w, e->first, dir->cluster, path);
                return;
        }
        if (e->first == 0)
                size_check(w, e, path, 0);
        else if (chain_check(w, e->first, path, &count))
                size_check(w, e, path, count);
}

struct short_name {
        uint8_t raw[11];
};

static int by_name(const void *a, const void *b)
{
        return memcmp(a, b, sizeof(struct short_name));
}

static void doubles_check(struct walk *w, const struct pending *dir, struct short_name *names, size_t count)
{
        if (count)
                qsort(names, count, sizeof(*names), by_name);
        for (size_t i = 1; i < count; i++) {
                bool unique = memcmp(&names[i], &names[i - 1], sizeof(*names)) != 0;
                char shown[4 * sizeof(names->raw) + 1];

                if (unique)
                        continue;
                text_escape(shown, sizeof(shown), names[i].raw, sizeof(names->raw));
                CHECK_SAY(w->j, unique, "names that are not given twice in a directory", "%s %s: %s", w->name,
                          dir->path, shown);
        }
}

static void dir_check(struct walk *w, const struct pending *pending)
{
        struct fat_dir dir = fat_dir_at(w->fat, pending->cluster);
        struct short_name *names = NULL, *grown;
        struct fat_entry e;
        enum fat_dir_step step = FAT_DIR_END;
        unsigned index = 0, labels = 0;
        size_t named = 0;

        while (!w->cut && (step = fat_dir_next(&dir, &e)) == FAT_DIR_ENTRY) {
                w->cut |= ++w->entries > ENTRIES_MAX;
                if (e.raw[0] == '.' && (memcmp(e.raw, ".          ", 11) == 0 || memcmp(e.raw, "..         ", 11) == 0))
                        dots_check(w, pending, &e, index);
                else if (e.attributes & FAT_VOLUME)
                        labels++;
                else {
                        entry_check(w, pending, &e);
                        grown = array_grow(names, named, sizeof(*names));
                        if (!grown)
                                break;
                        names = grown;
                        memcpy(&names[named++], e.raw, sizeof(*names));
                }
                index++;
        }
        CHECK_SAY(w->j, step != FAT_DIR_BROKEN, "a directory that can be read to its end", "%s %s\\: %s", w->name,
                  pending->path, step == FAT_DIR_BROKEN ? dir.why : "read");
        if (step == FAT_DIR_END) {
                unsigned beyond = fat_dir_beyond(&dir);

                CHECK_SAY(w->j, beyond == 0, "no entries behind a directory's end mark", "%s %s\\: %u", w->name,
                          pending->path, beyond);
        }
        CHECK_SAY(w->j, labels <= (pending->cluster == 0), "at most one volume label, in the root", "%s %s\\: %u",
                  w->name, pending->path, labels);
        if (step == FAT_DIR_ENTRY && !w->cut)
                SUITE_ERROR(w->j, "%s: no memory for the names of a directory", w->name);
        doubles_check(w, pending, names, named);
        free(names);
}

/* Clusters that are in use and in no chain, and the count of those that are free. */
static uint32_t lost_check(struct walk *w)
{
        uint32_t lost = 0, first = 0, free_clusters = 0;

        for (uint32_t c = 2; c < w->fat->clusters + 2; c++) {
                uint32_t value = w->table[c];

                free_clusters += value == 0;
                if (value == 0 || value == fat_bad_mark(w->fat) || w->claimed[(c - 2) / 8] >> (c - 2) % 8 & 1)
                        continue;
                if (lost++ == 0)
                        first = c;
        }
        CHECK_SAY(w->j, lost == 0, "no cluster in use outside every chain", "%s: %u lost, the first is %u", w->name,
                  lost, first);
        return free_clusters;
}

static void info_check(struct walk *w, uint32_t free_clusters)
{
        const struct fat_bpb *bpb = &w->fat->bpb;
        uint8_t b[512];
        bool there = bpb->info_sector > 0 && bpb->info_sector < bpb->reserved &&
                     image_read(w->fat->image, w->fat->start + (uint64_t)bpb->info_sector * bpb->sector_size, b, 512);
        uint32_t count, hint;

        if (!CHECK_SAY(w->j, there, "an FSInfo sector in the reserved sectors", "%s: sector %u of %u", w->name,
                       bpb->info_sector, bpb->reserved))
                return;
        CHECK_SAY(w->j,
                  image_le32(b) == 0x41615252 && image_le32(b + 484) == 0x61417272 && image_le32(b + 508) == 0xaa550000,
                  "the three signatures of FSInfo", "%s: 0x%x 0x%x 0x%x", w->name, image_le32(b), image_le32(b + 484),
                  image_le32(b + 508));
        count = image_le32(b + 488);
        hint = image_le32(b + 492);
        CHECK_SAY(w->j, count == 0xffffffff || count == free_clusters, "FSI_Free_Count unknown, or as counted",
                  "%s: %u, counted %u", w->name, count, free_clusters);
        CHECK_SAY(w->j, hint == 0xffffffff || hint <= w->fat->clusters + 1, "FSI_Nxt_Free unknown, or a cluster",
                  "%s: %u of %u clusters", w->name, hint, w->fat->clusters);
}

/* The two agree on the layout. What else differs (a label written later, boot code) harms nobody and is noted. */
static void backup_check(struct walk *w)
{
        const struct fat_bpb *bpb = &w->fat->bpb;
        uint8_t a[512], b[512];
        unsigned at = 11;
        bool there = bpb->backup_sector > 0 && bpb->backup_sector < bpb->reserved &&
                     image_read(w->fat->image, w->fat->start, a, sizeof(a)) &&
                     image_read(w->fat->image, w->fat->start + (uint64_t)bpb->backup_sector * bpb->sector_size, b,
                                sizeof(b));

        if (bpb->backup_sector == 0 || bpb->backup_sector == 0xffff) {
                NOTE(w->j, "backup boot sector", "%s: none", w->name);
                return;
        }
        if (!CHECK_SAY(w->j, there, "a backup boot sector in the reserved sectors", "%s: sector %u of %u", w->name,
                       bpb->backup_sector, bpb->reserved))
                return;
        while (at < BPB_END && (a[at] == b[at] || (at >= 24 && at < 32))) /* drive geometry is no layout */
                at++;
        CHECK_SAY(w->j, at == BPB_END, "the same layout in the boot sector and its backup",
                  "%s: equal from offset 11 to %u", w->name, at);
        a[65] = b[65]; /* the dirty flag */
        if (at == BPB_END && memcmp(a, b, sizeof(a)) != 0)
                NOTE(w->j, "backup boot sector", "%s: differs outside the layout", w->name);
}

/* The two reserved entries: the media byte, and the bits that say "cleanly unmounted" and "no error seen". */
static void clean_check(struct walk *w)
{
        enum fat_type type = w->fat->type;
        uint32_t clean = type == FAT_32 ? 1u << 27 : 1u << 15, sound = clean >> 1;
        uint32_t first = (fat_bad_mark(w->fat) & ~0xffu) | w->fat->bpb.media;
        uint8_t state = 0;

        CHECK_SAY(w->j, w->table[0] == first, "FAT entry 0 is the media byte below ones", "%s: 0x%x, wanted 0x%x",
                  w->name, w->table[0], first);
        if (type != FAT_12) {
                CHECK_SAY(w->j, w->table[1] & clean, "FAT entry 1 says cleanly unmounted", "%s: 0x%x", w->name,
                          w->table[1]);
                CHECK_SAY(w->j, w->table[1] & sound, "FAT entry 1 says no error was met", "%s: 0x%x", w->name,
                          w->table[1]);
        }
        if (image_read(w->fat->image, w->fat->start + (type == FAT_32 ? 65 : 37), &state, 1))
                CHECK_SAY(w->j, (state & 1) == 0, "no dirty flag in the boot sector", "%s: 0x%02x", w->name, state);
}

static void copies_check(struct walk *w)
{
        struct fat *fat = w->fat;
        static const uint64_t chunk = CHUNK;
        uint8_t *a = malloc(CHUNK), *b = malloc(CHUNK);

        for (unsigned copy = 1; a && b && copy < fat->bpb.fats; copy++) {
                uint64_t other = fat->fat_start + copy * fat->fat_bytes, at = 0, found = fat->fat_bytes;

                while (at < fat->fat_bytes && found == fat->fat_bytes) {
                        size_t size = (size_t)(fat->fat_bytes - at < chunk ? fat->fat_bytes - at : chunk), i = 0;

                        if (!image_read(fat->image, fat->fat_start + at, a, size) ||
                            !image_read(fat->image, other + at, b, size))
                                break;
                        while (memcmp(a, b, size) != 0 && a[i] == b[i])
                                i++;
                        found = memcmp(a, b, size) ? at + i : found;
                        at += size;
                }
                CHECK_SAY(w->j, at >= fat->fat_bytes && found == fat->fat_bytes, "FATs that are equal",
                          "%s: FAT 1 and FAT %u are equal up to entry %u", w->name, copy + 1,
                          (unsigned)((found < at ? found : at) * 8 / (unsigned)fat->type));
        }
        if (!a || !b)
                SUITE_ERROR(w->j, "%s: no memory to compare the FATs", w->name);
        free(a);
        free(b);
}

static void walk_run(struct walk *w)
{
        uint64_t count;
        uint32_t free_clusters;

        clean_check(w);
        if (w->fat->type == FAT_32)
                (void)chain_check(w, w->fat->bpb.root_cluster, "\\", &count);
        dir_queue(w, 0, 0, "");
        while (!w->cut && w->next < w->count) {
                struct pending dir = w->dirs[w->next++]; /* the array may move */

                dir_check(w, &dir);
        }
        if (w->cut) {
                SKIP(w->j, "%s: more than %u directories or %u entries", w->name, (unsigned)DIRS_MAX,
                     (unsigned)ENTRIES_MAX);
                return;
        }
        free_clusters = lost_check(w);
        if (w->fat->type == FAT_32)
                info_check(w, free_clusters);
}

void fat_check(struct judge *j, struct fat *fat, const char *name)
{
        struct walk w = {.j = j, .fat = fat, .name = name};

        NOTE(j, "file system", "%s: FAT%u, %u clusters of %u bytes", name, (unsigned)fat->type, fat->clusters,
             fat->cluster_bytes);
        if (fat->clusters > FAT_CHECK_CLUSTERS) {
                SKIP(j, "%s: %u clusters, and at most %u are examined", name, fat->clusters,
                     (unsigned)FAT_CHECK_CLUSTERS);
                return;
        }
        copies_check(&w);
        if (fat->type == FAT_32)
                backup_check(&w);
        if (table_load(&w))
                walk_run(&w);
        free(w.table);
        free(w.claimed);
        free(w.dirs);
}
