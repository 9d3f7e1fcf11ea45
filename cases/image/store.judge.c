/* SPDX-License-Identifier: BSD-2-Clause */
/* IMG-13: the image carries no UEFI variable store, neither as a file in a FAT root nor as a firmware volume. */
#include "search.h"

static void volume_judge(struct search *s, const struct sighting *sighting)
{
        if (sighting->kind == VOLUME_VARIABLES)
                s->found += !CHECK_SAY(s->j, sighting->kind != VOLUME_VARIABLES, "no firmware volume of variables",
                                       "%s at byte %llu", sighting->where, (unsigned long long)sighting->at);
}

/* The stores that firmware keeps as files in the root: EDK2's NvVars, and U-Boot's with the magic of EBBR chapter 5. */
static void entry_judge(struct search *s, struct fat *fat, const struct fat_entry *entry, const char *path,
                        bool in_root)
{
        static const uint8_t magic[7] = {0x55, 0x62, 0x45, 0x66, 0x69, 0x56, 0x61};
        struct fat_file file = fat_file(fat, entry->first, entry->size);
        uint8_t head[16];
        bool is_nvvars = fat_entry_is(entry, "NvVars"), has_magic;

        if (!in_root || entry->attributes & FAT_DIRECTORY)
                return;
        if (is_nvvars)
                s->found +=
                        !CHECK_SAY(s->j, !is_nvvars, "no file NvVars in the root", "%s: %u bytes", path, entry->size);
        if (!fat_entry_is(entry, "ubootefi.var"))
                return;
        has_magic = fat_file_read(&file, 0, head, sizeof(head)) && memcmp(head + 8, magic, sizeof(magic)) == 0;
        if (has_magic)
                s->found += !CHECK_SAY(s->j, !has_magic, "no file ubootefi.var with variables in the root",
                                       "%s: %u bytes", path, entry->size);
        else
                NOTE(s->j, "ubootefi.var", "%s: %u bytes without the magic of a variable file", path, entry->size);
}

void judge_no_variable_store(struct judge *j)
{
        struct search search = {.j = j, .volume = volume_judge, .entry = entry_judge};

        search_run(&search);
        CHECK_SAY(j, search.found == 0, "no variable store", "%u sightings", search.found);
}
