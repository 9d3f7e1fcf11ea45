/* SPDX-License-Identifier: BSD-2-Clause */
/* MBR, GPT, FAT and PE fields of a disk: both copies of what stands twice are changed alike, CRCs repaired. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "crc32.h"
#include "esp.h"
#include "fat_dir.h"
#include "image_file.h"
#include "mutate.h"
#include "wire.h"

enum { BLOCK = 512, SPAN = 80 };

/* What one field touches: the same bytes in up to two places, and the checksums behind them. */
struct disk {
        struct mutation *mutation;
        int fd;
        void (*repair)(struct disk *disk);
};

static bool disk_get(const struct disk *disk, uint64_t at, void *to, size_t size)
{
        return pread(disk->fd, to, size, (off_t)at) == (ssize_t)size;
}

static void disk_put(const struct disk *disk, uint64_t at, const void *from, size_t size)
{
        if (pwrite(disk->fd, from, size, (off_t)at) != (ssize_t)size)
                disk->mutation->lost = true;
}

static void place_mutate(struct disk *disk, struct mutated_field *field, const uint64_t at[2], unsigned size,
                         bool repaired)
{
        uint8_t saved[SPAN], changed[SPAN];
        uint64_t values[MUTANTS], number = 0;
        unsigned count, noticed = 0;

        if (size > SPAN || !disk_get(disk, at[0], saved, size))
                return;
        for (unsigned i = 0; i < size && i < 8; i++)
                number |= (uint64_t)saved[i] << 8 * i;
        count = size <= 8 ? mutants_of(number, size, values) : 2;
        for (unsigned m = 0; m < count; m++) {
                memcpy(changed, saved, size);
                for (unsigned i = 0; i < size; i++)
                        changed[i] = size <= 8 ? (uint8_t)(values[m] >> 8 * i) : m ? 0 : (uint8_t)(saved[i] ^ (i == 0));
                for (unsigned i = 0; i < 2 && at[i]; i++)
                        disk_put(disk, at[i], changed, size);
                if (at[0] == 0)
                        disk_put(disk, 0, changed, size);
                if (repaired && disk->repair)
                        disk->repair(disk);
                noticed += mutation_try_image(disk->mutation);
                for (unsigned i = 0; i < 2 && (at[i] || i == 0); i++)
                        disk_put(disk, at[i], saved, size);
                if (repaired && disk->repair)
                        disk->repair(disk);
        }
        mutation_count(field, count, noticed);
}

static void fields_mutate(struct disk *disk, const char *group, const struct layout_field *fields, size_t count,
                          uint64_t first, uint64_t second)
{
        for (size_t i = 0; i < count; i++)
                place_mutate(disk, mutation_place(disk->mutation, "%s/%s", group, fields[i].name),
                             (uint64_t[]){first + fields[i].offset, second ? second + fields[i].offset : 0},
                             fields[i].size, strstr(fields[i].name, "crc") == NULL);
}

/* GPT -------------------------------------------------------------------------------------------------------------- */

static void gpt_header_repair(struct disk *disk, uint64_t at, bool array)
{
        uint8_t header[92], entries[128 * 128];

        if (!disk_get(disk, at, header, sizeof(header)))
                return;
        if (array && disk_get(disk, wire_get64(header + 72) * BLOCK, entries, sizeof(entries)))
                wire_put32(header + 88, crc32_update(0, entries, sizeof(entries)));
        wire_put32(header + 16, 0);
        wire_put32(header + 16, crc32_update(0, header, sizeof(header)));
        disk_put(disk, at, header, sizeof(header));
}

static void gpt_headers_repair(struct disk *disk)
{
        gpt_header_repair(disk, BLOCK, false);
        gpt_header_repair(disk, disk->mutation->image->size - BLOCK, false);
}

static void gpt_all_repair(struct disk *disk)
{
        gpt_header_repair(disk, BLOCK, true);
        gpt_header_repair(disk, disk->mutation->image->size - BLOCK, true);
}

static void gpt_mutate(struct disk *disk)
{
        static const struct layout_field mbr[] = {
                {"boot-code", 0, 64},  {"disk-signature", 440, 4}, {"unknown", 444, 2},  {"boot-indicator", 446, 1},
                {"start-chs", 447, 3}, {"type", 450, 1},           {"end-chs", 451, 3},  {"start", 454, 4},
                {"size", 458, 4},      {"record2", 462, 16},       {"record3", 478, 16}, {"record4", 494, 16},
                {"signature", 510, 2},
        };
        static const struct layout_field header[] = {
                {"signature", 0, 8},    {"revision", 8, 4},    {"header-size", 12, 4},   {"crc", 16, 4},
                {"reserved", 20, 4},    {"my-lba", 24, 8},     {"alternate-lba", 32, 8}, {"first-usable", 40, 8},
                {"last-usable", 48, 8}, {"disk-guid", 56, 16}, {"entry-lba", 72, 8},     {"entry-count", 80, 4},
                {"entry-size", 84, 4},  {"array-crc", 88, 4},
        };
        static const struct layout_field entry[] = {
                {"type", 0, 16}, {"unique", 16, 16},    {"first", 32, 8},
                {"last", 40, 8}, {"attributes", 48, 8}, {"name", 56, 72},
        };
        uint64_t last = disk->mutation->image->size - BLOCK;

        disk->repair = NULL;
        fields_mutate(disk, "mbr", FIELDS(mbr), 0, 0);
        disk->repair = gpt_headers_repair;
        fields_mutate(disk, "gpt/primary", FIELDS(header), BLOCK, 0);
        fields_mutate(disk, "gpt/backup", FIELDS(header), last, 0);
        disk->repair = gpt_all_repair;
        fields_mutate(disk, "gpt/entry", FIELDS(entry), 2 * BLOCK, last - 32 * BLOCK);
        disk->repair = NULL;
}

/* FAT -------------------------------------------------------------------------------------------------------------- */

static const struct layout_field boot_sector[] = {
        {"jump", 0, 3},
        {"oem-name", 3, 8},
        {"sector-size", 11, 2},
        {"cluster-sectors", 13, 1},
        {"reserved", 14, 2},
        {"fats", 16, 1},
        {"root-entries", 17, 2},
        {"total16", 19, 2},
        {"media", 21, 1},
        {"fat-size16", 22, 2},
        {"track-sectors", 24, 2},
        {"heads", 26, 2},
        {"hidden-sectors", 28, 4},
        {"total32", 32, 4},
        {"fat-size32", 36, 4},
        {"flags", 40, 2},
        {"version", 42, 2},
        {"root-cluster", 44, 4},
        {"info", 48, 2},
        {"backup", 50, 2},
        {"reserved2", 52, 12},
        {"drive", 64, 1},
        {"state", 65, 1},
        {"boot-signature", 66, 1},
        {"volume-id", 67, 4},
        {"volume-label", 71, 11},
        {"type-label", 82, 8},
        {"boot-code", 90, 64},
        {"signature", 510, 2},
};
static const struct layout_field info_sector[] = {
        {"lead", 0, 4}, {"reserved", 4, 64}, {"struct", 484, 4}, {"free", 488, 4}, {"next", 492, 4}, {"trail", 508, 4},
};
static const struct layout_field directory_entry[] = {
        {"name", 0, 8},      {"extension", 8, 3},   {"attributes", 11, 1}, {"case", 12, 1},      {"created", 13, 5},
        {"accessed", 18, 2}, {"start-high", 20, 2}, {"written", 22, 4},    {"start-low", 26, 2}, {"size", 28, 4},
};

static void chain_mutate(struct disk *disk, const struct fat *fat, const char *name, uint32_t cluster)
{
        place_mutate(disk, mutation_place(disk->mutation, "fat/chain/%s", name),
                     (uint64_t[]){fat->fat_start + 4ull * cluster, fat->fat_start + fat->fat_bytes + 4ull * cluster}, 4,
                     false);
}

/* The entries of a directory of one cluster, long names among them. */
static void directory_mutate(struct disk *disk, const struct fat *fat, const char *name, uint32_t cluster)
{
        uint64_t at = fat_cluster_offset(fat, cluster);
        uint8_t entry[32];

        for (unsigned i = 0; i < fat->cluster_bytes / 32; i++) {
                char group[40];

                if (!disk_get(disk, at + 32 * i, entry, 32) || !entry[0])
                        return;
                if (entry[0] == 0xe5)
                        continue;
                snprintf(group, sizeof(group), "fat/%s/%s", name,
                         entry[11] == 0x0f  ? "long-name"
                         : entry[0] == '.'  ? "dots"
                         : entry[11] & 0x08 ? "label"
                                            : "entry");
                fields_mutate(disk, group, FIELDS(directory_entry), at + 32 * i, 0);
        }
}

static void pe_mutate(struct disk *disk, uint64_t at)
{
        static const struct layout_field dos[] = {{"e_magic", 0, 2}, {"e_lfanew", 60, 4}};
        static const struct layout_field header[] = {
                {"signature", 0, 4},
                {"machine", 4, 2},
                {"sections", 6, 2},
                {"timestamp", 8, 4},
                {"symbols", 12, 4},
                {"symbol-count", 16, 4},
                {"optional-size", 20, 2},
                {"characteristics", 22, 2},
                {"magic", 24, 2},
                {"linker", 26, 2},
                {"code-size", 28, 4},
                {"data-size", 32, 4},
                {"entry", 40, 4},
                {"code-base", 44, 4},
                {"image-base", 48, 8},
                {"section-alignment", 56, 4},
                {"file-alignment", 60, 4},
                {"os-version", 64, 4},
                {"image-version", 68, 4},
                {"subsystem-version", 72, 4},
                {"win32-version", 76, 4},
                {"image-size", 80, 4},
                {"headers-size", 84, 4},
                {"checksum", 88, 4},
                {"subsystem", 92, 2},
                {"dll-characteristics", 94, 2},
                {"loader-flags", 128, 4},
                {"directories", 132, 4},
                {"relocation-address", 176, 4},
                {"relocation-size", 180, 4},
        };
        static const struct layout_field section[] = {
                {"name", 0, 8},          {"virtual-size", 8, 4}, {"address", 12, 4},
                {"raw-size", 16, 4},     {"raw-offset", 20, 4},  {"relocations", 24, 4},
                {"line-numbers", 28, 4}, {"counts", 32, 4},      {"characteristics", 36, 4},
        };
        uint8_t word[4];
        uint64_t pe;

        if (!disk_get(disk, at + 60, word, 4))
                return;
        pe = at + wire_get32(word);
        fields_mutate(disk, "pe/dos", FIELDS(dos), at, 0);
        fields_mutate(disk, "pe/header", FIELDS(header), pe, 0);
        if (!disk_get(disk, pe + 4, word, 4))
                return;
        for (unsigned i = 0; i < wire_get16(word + 2); i++)
                fields_mutate(disk, "pe/section", FIELDS(section), pe + 24 + 240 + 40 * i, 0);
}

static void file_system_mutate(struct disk *disk, struct fat *fat, uint64_t start)
{
        static const char *const path[] = {"EFI", "EFI\\BOOT", "EFI\\BOOT\\BOOTAA64.EFI"};
        uint64_t backup = start + (uint64_t)fat->bpb.backup_sector * fat->bpb.sector_size;
        uint64_t info = start + (uint64_t)fat->bpb.info_sector * fat->bpb.sector_size;
        uint32_t cluster = fat->bpb.root_cluster;

        fields_mutate(disk, "fat/boot", FIELDS(boot_sector), start, backup);
        fields_mutate(disk, "fat/info", FIELDS(info_sector), info, info + backup - start);
        chain_mutate(disk, fat, "media", 0);
        chain_mutate(disk, fat, "state", 1);
        for (unsigned i = 0; i < 3; i++) {
                static const char *const names[] = {"root", "efi", "boot", "file"};
                struct fat_entry entry;
                const char *why;

                chain_mutate(disk, fat, names[i], cluster);
                directory_mutate(disk, fat, names[i], cluster);
                if (fat_find(fat, path[i], &entry, &why) != FAT_FOUND)
                        return;
                cluster = entry.first;
        }
        chain_mutate(disk, fat, "file", cluster);
        pe_mutate(disk, fat_cluster_offset(fat, cluster));
}

void mutate_disk(struct mutation *mutation, int fd)
{
        static struct fat fat;
        struct disk disk = {mutation, fd, NULL};
        struct esp_list list;
        const char *why;

        gpt_mutate(&disk);
        esp_find(mutation->image, &list);
        if (list.count && fat_open(mutation->image, list.esp[0].start, list.esp[0].size, &fat, &why))
                file_system_mutate(&disk, &fat, list.esp[0].start);
        else
                mutation->lost = true;
}
