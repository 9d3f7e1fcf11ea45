/* SPDX-License-Identifier: BSD-2-Clause */
/* IMG-14: the image carries no binary UEFI firmware, by whatever name. */
#include "search.h"

#include <strings.h>

#include "image.h"

/* A volume of variables is a firmware volume too; what it is by its use is IMG-13's to judge. */
static void volume_judge(struct search *s, const struct sighting *sighting)
{
        s->found +=
                !CHECK_SAY(s->j, sighting->kind == VOLUME_NONE, "no firmware volume",
                           "%s at byte %llu: %s, 0x%llx bytes", sighting->where, (unsigned long long)sighting->at,
                           text_guid(sighting->head + 16).text, (unsigned long long)image_le64(sighting->head + 32));
}

static bool name_ends(const char *name, const char *end)
{
        size_t length = strlen(name), tail = strlen(end);

        return length > tail && strcasecmp(name + length - tail, end) == 0;
}

static void entry_judge(struct search *s, struct fat *fat, const struct fat_entry *entry, const char *path,
                        bool in_root)
{
        const char *name = entry->long_name[0] ? entry->long_name : entry->short_name;
        bool directory = entry->attributes & FAT_DIRECTORY;
        bool tree = in_root && directory && fat_entry_is(entry, "FIRMWARE");
        bool file = !directory && (name_ends(name, ".fd") || name_ends(name, ".rom"));

        (void)fat;
        if (tree)
                s->found += !CHECK_SAY(s->j, !tree, "no directory FIRMWARE in the root", "%s", path);
        if (file)
                s->found += !CHECK_SAY(s->j, !file, "no file .fd or .rom", "%s: %u bytes", path, entry->size);
}

void judge_no_firmware(struct judge *j)
{
        struct search search = {.j = j, .volume = volume_judge, .entry = entry_judge};

        search_run(&search);
        CHECK_SAY(j, search.found == 0, "no firmware", "%u sightings", search.found);
}
