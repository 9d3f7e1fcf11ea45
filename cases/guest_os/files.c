/* SPDX-License-Identifier: BSD-2-Clause */
/* However deep, wide or circular the directories of an image are, the walk through them ends soon. */
#include "files.h"

#include <stdlib.h>
#include <string.h>

#include "esp.h"
#include "ext.h"
#include "fat_dir.h"
#include "text.h"

enum { DEPTH_MAX = 6, ENTRIES_MAX = 4096, PATH_MAX_SHOWN = 160, PARTITIONS_MAX = 16 };

static bool file_bytes(const struct image *image, uint64_t offset, void *to, size_t size)
{
        return fat_file_read(image->context, offset, to, size);
}

static void fat_entry_visit(struct guest_walk *walk, struct fat *fat, const struct fat_entry *entry, const char *path,
                            const char *name)
{
        struct fat_file content = fat_file(fat, entry->first, entry->size);
        struct guest_file file = {
                path, name, {.size = entry->size, .block_size = 512, .context = &content, .read = file_bytes}};

        walk->stopped |= !walk->file(walk->context, &file);
}

static void fat_walk(struct guest_walk *walk, struct fat *fat, struct fat_dir dir, const char *path, unsigned depth)
{
        struct fat_entry entry;

        while (!walk->stopped && walk->entries < ENTRIES_MAX && fat_dir_next(&dir, &entry) == FAT_DIR_ENTRY) {
                const char *name = *entry.long_name ? entry.long_name : entry.short_name;
                char below[PATH_MAX_SHOWN];

                walk->entries++;
                if (entry.attributes & FAT_VOLUME || *entry.short_name == '.')
                        continue;
                (void)text_format(below, sizeof(below), "%s\\%s", path, name);
                if (!(entry.attributes & FAT_DIRECTORY))
                        fat_entry_visit(walk, fat, &entry, below, name);
                else if (depth < DEPTH_MAX && entry.first != 0)
                        fat_walk(walk, fat, fat_dir_at(fat, entry.first), below, depth + 1);
        }
}

static void esp_walk(const struct image *image, struct guest_walk *walk)
{
        struct esp_list list;
        struct fat *fat = malloc(sizeof(*fat));
        char path[40];

        esp_find(image, &list);
        if (list.total == 0)
                walk->why = list.why;
        for (unsigned i = 0; fat && i < list.count && !walk->stopped; i++) {
                if (!fat_open(image, list.esp[i].start, list.esp[i].size, fat, &walk->why))
                        continue;
                walk->volumes++;
                (void)text_format(path, sizeof(path), "partition %u: ", list.esp[i].number);
                fat_walk(walk, fat, fat_dir_root(fat), path, 0);
        }
        free(fat);
}

static void ext_walk(const struct image *image, struct guest_walk *walk)
{
        struct gpt gpt;
        struct gpt_entry entry;
        const char *why;
        unsigned tried = 0;

        if (!gpt_open(image, &gpt, &why))
                return;
        for (uint32_t i = 0; i < gpt.array.count && tried < PARTITIONS_MAX && !walk->stopped; i++) {
                uint64_t start, size;

                if (!gpt_entry_read(&gpt.array, i, &entry))
                        continue;
                esp_extent(image, &entry, &start, &size);
                if (!ext_is_here(image, start, size))
                        continue;
                tried++;
                ext_files_walk(image, start, size, i + 1, walk);
        }
        gpt_close(&gpt);
}

void guest_files_walk(const struct image *image, struct guest_walk *walk)
{
        walk->why = NULL;
        walk->stopped = false;
        walk->volumes = walk->entries = 0;
        esp_walk(image, walk);
        if (!walk->stopped)
                ext_walk(image, walk);
}

char *guest_file_text(const struct guest_file *file)
{
        char *text = file->bytes.size <= GUEST_TEXT_MAX ? malloc((size_t)file->bytes.size + 1) : NULL;

        if (!text)
                return NULL;
        if (file->bytes.size && !image_read(&file->bytes, 0, text, (size_t)file->bytes.size)) {
                free(text);
                return NULL;
        }
        text[file->bytes.size] = 0;
        return text;
}
