/* SPDX-License-Identifier: BSD-2-Clause */
/* IMG-10: whichever image a firmware takes from \EFI\BOOT, there was no other one for its architecture to take. */
#include "judge.h"

#include "esp.h"
#include "fat_dir.h"
#include "pe.h"

enum { MACHINES_MAX = 16, SUBSYSTEM_EFI_LAST = 13 /* applications, both kinds of drivers, ROM images */ };

struct machine_image {
        uint16_t machine;
        unsigned count;
        char first[48], other[48]; /* the first file for it, and the last after that */
};

struct machine_list {
        unsigned count;
        struct machine_image of[MACHINES_MAX];
};

static bool file_read(const struct image *image, uint64_t offset, void *to, size_t size)
{
        return fat_file_read(image->context, offset, to, size);
}

/* An executable EFI image is known by its contents: firmware that lists a directory does not ask for its name. */
static bool efi_image_read(struct fat *fat, const struct fat_entry *entry, struct pe *ret)
{
        struct fat_file content = fat_file(fat, entry->first, entry->size);
        struct image file = {.size = entry->size, .block_size = 512, .context = &content, .read = file_read};
        const char *why;

        return pe_read(&file, ret, &why) && ret->subsystem >= PE_EFI_APPLICATION &&
               ret->subsystem <= SUBSYSTEM_EFI_LAST;
}

static void image_add(struct judge *j, struct machine_list *list, uint16_t machine, const char *name)
{
        struct machine_image *of = list->of;
        unsigned i = 0;

        while (i < list->count && of[i].machine != machine)
                i++;
        if (i == MACHINES_MAX) {
                SKIP(j, "%s: images for more than %u machine types", name, (unsigned)MACHINES_MAX);
                return;
        }
        if (i == list->count)
                list->of[list->count++] = (struct machine_image){.machine = machine};
        if (of[i].count++ == 0)
                text_copy(of[i].first, sizeof(of[i].first), name);
        else
                text_copy(of[i].other, sizeof(of[i].other), name);
}

static void directory_judge(struct judge *j, struct fat *fat, uint32_t cluster, struct machine_list *list)
{
        struct fat_dir dir = fat_dir_at(fat, cluster);
        struct fat_entry entry;
        enum fat_dir_step step;
        struct pe pe;

        while ((step = fat_dir_next(&dir, &entry)) == FAT_DIR_ENTRY)
                if (!(entry.attributes & (FAT_VOLUME | FAT_DIRECTORY)) && efi_image_read(fat, &entry, &pe))
                        image_add(j, list, pe.machine, entry.long_name[0] ? entry.long_name : entry.short_name);
        for (unsigned i = 0; i < list->count; i++)
                CHECK_SAY(j, list->of[i].count == 1, "one EFI image for each machine type in \\EFI\\BOOT",
                          "machine 0x%04x: %u, %s %s", list->of[i].machine, list->of[i].count, list->of[i].first,
                          list->of[i].other);
        if (step == FAT_DIR_BROKEN)
                SKIP(j, "\\EFI\\BOOT could not be read to the end: %s", dir.why);
}

/* Whether there is an image at all is IMG-09's to judge. */
void judge_one_boot_image_per_machine(struct judge *j)
{
        struct esp_list list;
        struct machine_list machines;
        struct fat_entry entry;
        struct fat fat;
        const char *why = "no ESP holds a FAT file system with images";
        unsigned seen = 0;

        esp_find(j->image, &list);
        if (list.total == 0)
                why = list.why;
        for (unsigned i = 0; i < list.count; i++) {
                machines.count = 0;
                if (!fat_open(j->image, list.esp[i].start, list.esp[i].size, &fat, &why))
                        continue;
                why = "\\EFI\\BOOT holds none";
                if (fat_find(&fat, "EFI\\BOOT", &entry, &why) == FAT_FOUND && entry.attributes & FAT_DIRECTORY)
                        directory_judge(j, &fat, entry.first, &machines);
                seen += machines.count;
        }
        if (seen == 0)
                SKIP(j, "no EFI image to judge: %s", why);
        else if (list.total > list.count)
                SKIP(j, "%u ESPs, of which the first %u were examined", list.total, list.count);
}
