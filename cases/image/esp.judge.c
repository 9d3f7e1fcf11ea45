/* SPDX-License-Identifier: BSD-2-Clause */
/* IMG-05 to IMG-09: there is one ESP, it holds a sound FAT32, and the boot file of an Arm execution state is in it. */
#include "judge.h"

#include "esp.h"
#include "fat_check.h"
#include "fat_dir.h"
#include "boot_file.h"

struct esp_name {
        char text[24];
};

static struct esp_name esp_name(const struct esp *esp)
{
        struct esp_name name;

        text_format(name.text, sizeof(name.text), "partition %u", esp->number);
        return name;
}

/* At most ESP_MAX are examined; that there are so many is IMG-06's to judge. */
static void rest_skip(struct judge *j, const struct esp_list *list)
{
        if (list->total > list->count)
                SKIP(j, "%u ESPs, of which the first %u were examined", list->total, list->count);
}

void judge_esp_type_guid(struct judge *j)
{
        struct esp_list list;
        unsigned usable = 0;

        esp_find(j->image, &list);
        if (!CHECK_SAY(j, list.total > 0, "a partition of type c12a7328-f81f-11d2-ba4b-00a0c93ec93b", "%s",
                       list.total ? "found" : list.why))
                return;
        for (unsigned i = 0; i < list.count; i++)
                usable += (list.esp[i].attributes & 2) == 0;
        CHECK_SAY(j, usable > 0 || list.total > list.count, "an ESP without attribute bit 1 (No Block IO Protocol)",
                  "%s: attributes 0x%llx", esp_name(&list.esp[0]).text, (unsigned long long)list.esp[0].attributes);
        rest_skip(j, &list);
}

void judge_esp_is_only_one(struct judge *j)
{
        struct esp_list list;

        esp_find(j->image, &list);
        CHECK_SAY(j, list.total == 1, "exactly one ESP", "%u%s%s", list.total, list.total ? "" : ": ",
                  list.total ? "" : list.why);
}

/* The fields that make a file system FAT32, each by itself; that all agree is for fat_open() to say. */
static void fields_judge(struct judge *j, const struct fat_bpb *bpb, const struct esp *esp)
{
        struct esp_name name = esp_name(esp);
        const char *why = "";
        uint32_t clusters = 0;
        uint64_t bytes = (uint64_t)bpb->total32 * bpb->sector_size;
        bool counted = fat_bpb_clusters(bpb, &clusters, &why);

        CHECK_SAY(j, bpb->signature == 0xaa55, "55 aa at offset 510", "%s: 0x%04x", name.text, bpb->signature);
        if (CHECK_SAY(j, counted, "a boot sector of FAT", "%s: %s", name.text, counted ? "yes" : why))
                CHECK_SAY(j, clusters >= 65525, "at least 65525 clusters", "%s: %u, which is FAT%u", name.text,
                          clusters, (unsigned)fat_type_of(clusters));
        CHECK_SAY(j, bpb->fat_size16 == 0, "BPB_FATSz16 0", "%s offset 22: %u", name.text, bpb->fat_size16);
        CHECK_SAY(j, bpb->root_entries == 0, "BPB_RootEntCnt 0", "%s offset 17: %u", name.text, bpb->root_entries);
        CHECK_SAY(j, bpb->total16 == 0 && bpb->total32 != 0, "BPB_TotSec16 0 and BPB_TotSec32 not",
                  "%s offsets 19 and 32: %u, %u", name.text, bpb->total16, bpb->total32);
        CHECK_SAY(j, bytes <= esp->size, "BPB_TotSec32 no more than the partition has",
                  "%s offset 32: %u sectors of %u bytes in %llu bytes", name.text, bpb->total32, bpb->sector_size,
                  (unsigned long long)esp->size);
        if (bpb->fat_size16 == 0) {
                CHECK_SAY(j, bpb->version == 0, "BPB_FSVer 0", "%s offset 42: 0x%x", name.text, bpb->version);
                CHECK_SAY(j, bpb->root_cluster >= 2 && bpb->root_cluster - 2 < clusters, "BPB_RootClus a cluster",
                          "%s offset 44: %u of %u clusters", name.text, bpb->root_cluster, clusters);
        }
        if (bpb->sector_size != j->image->block_size)
                NOTE(j, "sector size", "%s: %u in the file system, %u on the disk", name.text, bpb->sector_size,
                     j->image->block_size);
}

static void fat32_judge(struct judge *j, const struct esp *esp)
{
        struct fat_bpb bpb;
        struct fat fat;
        const char *why = "";
        bool there = esp->size >= 512 && fat_bpb_read(j->image, esp->start, &bpb), walkable;

        if (!CHECK_SAY(j, there, "a boot sector that can be read", "%s at byte %llu", esp_name(esp).text,
                       (unsigned long long)esp->start))
                return;
        fields_judge(j, &bpb, esp);
        walkable = fat_open(j->image, esp->start, esp->size, &fat, &why);
        CHECK_SAY(j, walkable, "fields that make up a file system", "%s: %s", esp_name(esp).text,
                  walkable ? "yes" : why);
}

void judge_esp_is_fat32(struct judge *j)
{
        struct esp_list list;

        esp_find(j->image, &list);
        CHECK_SAY(j, list.total > 0, "an ESP that holds a FAT32 file system", "%s", list.total ? "found" : list.why);
        for (unsigned i = 0; i < list.count; i++)
                fat32_judge(j, &list.esp[i]);
        rest_skip(j, &list);
}

/* Whether there is a FAT32 at all is IMG-07's to judge; without a FAT nothing can be said here. */
void judge_esp_fat_is_clean(struct judge *j)
{
        struct esp_list list;
        struct fat fat;
        const char *why = "";

        esp_find(j->image, &list);
        if (list.total == 0)
                SKIP(j, "no ESP found: %s", list.why);
        for (unsigned i = 0; i < list.count; i++) {
                struct esp_name name = esp_name(&list.esp[i]);

                if (fat_open(j->image, list.esp[i].start, list.esp[i].size, &fat, &why))
                        fat_check(j, &fat, name.text);
                else
                        SKIP(j, "%s holds no FAT file system: %s", name.text, why);
        }
        rest_skip(j, &list);
}

/* The file of one architecture on one ESP: absent is no declaration; what is there must be a file with bytes in it. */
static bool path_judge(struct judge *j, struct fat *fat, const struct esp *esp, const struct boot_file *file)
{
        struct fat_entry entry;
        const char *why = "";
        enum fat_found found = fat_find(fat, file->path, &entry, &why);
        bool regular;
        uint64_t at, left;
        struct fat_file content;

        if (found == FAT_UNKNOWN)
                CHECK_SAY(j, found != FAT_UNKNOWN, "directories that can be read on the way to the boot file",
                          "%s \\%s: %s", esp_name(esp).text, file->path, why);
        if (found != FAT_FOUND)
                return false;
        regular = !(entry.attributes & (FAT_DIRECTORY | FAT_VOLUME));
        content = fat_file(fat, entry.first, entry.size);
        CHECK_SAY(j, regular, "a regular file", "%s \\%s: attributes 0x%02x", esp_name(esp).text, file->path,
                  entry.attributes);
        CHECK_SAY(j, !regular || (entry.size > 0 && fat_file_where(&content, entry.size - 1, &at, &left)),
                  "a file that is not empty, and its bytes in the file system", "%s \\%s: %u bytes from cluster %u",
                  esp_name(esp).text, file->path, entry.size, entry.first);
        return file->arm;
}

void judge_removable_path(struct judge *j)
{
        struct esp_list list;
        struct fat fat;
        unsigned found = 0;
        const char *why = "no FAT file system";

        esp_find(j->image, &list);
        if (!CHECK_SAY(j, list.total > 0, "an ESP to hold the boot file", "%s", list.total ? "found" : list.why))
                return;
        for (unsigned i = 0; i < list.count; i++) {
                if (!fat_open(j->image, list.esp[i].start, list.esp[i].size, &fat, &why))
                        continue;
                why = "neither file is there";
                for (unsigned f = 0; f < BOOT_FILES; f++)
                        found += path_judge(j, &fat, &list.esp[i], &boot_files[f]);
        }
        CHECK_SAY(j, found > 0 || list.total > list.count, "\\EFI\\BOOT\\BOOTAA64.EFI or \\EFI\\BOOT\\BOOTARM.EFI",
                  "%s", found ? "there" : why);
        if (found == 0)
                rest_skip(j, &list);
}
