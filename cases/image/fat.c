/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a cluster is and what follows it is computed without overflow, from fields that were found to agree. */
#include "fat.h"

static bool is_power_of_two(uint32_t n)
{
        return n != 0 && (n & (n - 1)) == 0;
}

bool fat_bpb_read(const struct image *image, uint64_t start, struct fat_bpb *ret)
{
        uint8_t b[512];

        if (!image_read(image, start, b, sizeof(b)))
                return false;
        *ret = (struct fat_bpb){
                .sector_size = image_le16(b + 11),
                .cluster_sectors = b[13],
                .reserved = image_le16(b + 14),
                .fats = b[16],
                .root_entries = image_le16(b + 17),
                .total16 = image_le16(b + 19),
                .media = b[21],
                .fat_size16 = image_le16(b + 22),
                .total32 = image_le32(b + 32),
                .fat_size32 = image_le32(b + 36),
                .ext_flags = image_le16(b + 40),
                .version = image_le16(b + 42),
                .root_cluster = image_le32(b + 44),
                .info_sector = image_le16(b + 48),
                .backup_sector = image_le16(b + 50),
                .signature = image_le16(b + 510),
        };
        return true;
}

static uint32_t bpb_fat_size(const struct fat_bpb *bpb)
{
        return bpb->fat_size16 ? bpb->fat_size16 : bpb->fat_size32;
}

static uint32_t bpb_total(const struct fat_bpb *bpb)
{
        return bpb->total16 ? bpb->total16 : bpb->total32;
}

static uint32_t bpb_root_sectors(const struct fat_bpb *bpb)
{
        return (bpb->root_entries * 32u + bpb->sector_size - 1u) / bpb->sector_size;
}

static uint64_t bpb_data_sector(const struct fat_bpb *bpb)
{
        return bpb->reserved + (uint64_t)bpb->fats * bpb_fat_size(bpb) + bpb_root_sectors(bpb);
}

bool fat_bpb_clusters(const struct fat_bpb *bpb, uint32_t *ret_clusters, const char **ret_why)
{
        if (!is_power_of_two(bpb->sector_size) || bpb->sector_size < 512 || bpb->sector_size > 4096)
                *ret_why = "its sector size is not 512, 1024, 2048 or 4096";
        else if (!is_power_of_two(bpb->cluster_sectors))
                *ret_why = "its sectors per cluster are not a power of two";
        else if (bpb->reserved == 0)
                *ret_why = "it has no reserved sectors";
        else if (bpb->fats == 0 || bpb_fat_size(bpb) == 0)
                *ret_why = "it has no FAT";
        else if (bpb_total(bpb) <= bpb_data_sector(bpb))
                *ret_why = "its sectors end before its data would begin";
        else {
                *ret_clusters = (uint32_t)((bpb_total(bpb) - bpb_data_sector(bpb)) / bpb->cluster_sectors);
                return true;
        }
        return false;
}

enum fat_type fat_type_of(uint32_t clusters)
{
        return clusters < 4085 ? FAT_12 : clusters < 65525 ? FAT_16 : FAT_32;
}

static const char *fat_objection(const struct fat *fat)
{
        uint64_t entries = fat->fat_bytes * 8 / (unsigned)fat->type;

        if (fat->bpb.signature != 0xaa55)
                return "its boot sector does not end in 55 aa";
        if (fat->clusters == 0)
                return "it has no clusters";
        if (fat->clusters > 0x0ffffff5)
                return "it has more clusters than FAT32 can number";
        if (entries < (uint64_t)fat->clusters + 2)
                return "its FAT is too small for its clusters";
        if (fat->type == FAT_32 && fat->bpb.fat_size16 != 0)
                return "it has as many clusters as FAT32 but the layout of FAT16";
        if (fat->type == FAT_32 && !fat_has(fat, fat->bpb.root_cluster))
                return "its root directory begins in no cluster";
        if (fat->type != FAT_32 && fat->bpb.root_entries == 0)
                return "it has as few clusters as FAT12 or FAT16 but no root directory of theirs";
        if (fat->active >= fat->bpb.fats)
                return "its active FAT does not exist";
        return NULL;
}

bool fat_open(const struct image *image, uint64_t start, uint64_t size, struct fat *ret, const char **ret_why)
{
        struct fat fat = {.image = image, .start = start, .size = size, .window_at = UINT64_MAX};
        const char *why = "its boot sector cannot be read";

        if (size < 512 || !fat_bpb_read(image, start, &fat.bpb) || !fat_bpb_clusters(&fat.bpb, &fat.clusters, &why)) {
                *ret_why = why;
                return false;
        }
        fat.type = fat.bpb.fat_size16 == 0 ? FAT_32 : fat_type_of(fat.clusters);
        fat.cluster_bytes = (uint32_t)fat.bpb.cluster_sectors * fat.bpb.sector_size;
        fat.fat_start = start + (uint64_t)fat.bpb.reserved * fat.bpb.sector_size;
        fat.fat_bytes = (uint64_t)bpb_fat_size(&fat.bpb) * fat.bpb.sector_size;
        fat.root_bytes = fat.bpb.root_entries * 32u;
        fat.data_start = start + bpb_data_sector(&fat.bpb) * fat.bpb.sector_size;
        fat.root_start = fat.data_start - (uint64_t)bpb_root_sectors(&fat.bpb) * fat.bpb.sector_size;
        if (fat.type == FAT_32 && fat.bpb.ext_flags & 0x80)
                fat.active = fat.bpb.ext_flags & 15;
        why = fat_objection(&fat);
        if (why) {
                *ret_why = why;
                return false;
        }
        *ret = fat;
        return true;
}

bool fat_has(const struct fat *fat, uint32_t cluster)
{
        return cluster >= 2 && cluster - 2 < fat->clusters;
}

static bool window_move(struct fat *fat, uint64_t at)
{
        uint64_t begin = at & ~(uint64_t)511;
        uint64_t left = begin < fat->image->size ? fat->image->size - begin : 0;

        if (fat->window_at != UINT64_MAX && at >= fat->window_at && at + 4 <= fat->window_at + FAT_WINDOW)
                return true;
        fat->window_at = UINT64_MAX;
        if (!image_read(fat->image, begin, fat->window, left < FAT_WINDOW ? (size_t)left : FAT_WINDOW))
                return false;
        fat->window_at = begin;
        return true;
}

bool fat_get(struct fat *fat, unsigned copy, uint32_t cluster, uint32_t *ret)
{
        uint64_t at = fat->fat_start + copy * fat->fat_bytes + (uint64_t)cluster * (unsigned)fat->type / 8;
        const uint8_t *in;

        if (copy >= fat->bpb.fats || cluster > fat->clusters + 1 || at + 4 > fat->image->size || !window_move(fat, at))
                return false;
        in = fat->window + (at - fat->window_at);
        if (fat->type == FAT_32)
                *ret = image_le32(in) & 0x0fffffff;
        else if (fat->type == FAT_16)
                *ret = image_le16(in);
        else
                *ret = cluster & 1 ? image_le16(in) >> 4 : image_le16(in) & 0xfff;
        return true;
}

uint64_t fat_cluster_offset(const struct fat *fat, uint32_t cluster)
{
        return fat->data_start + (uint64_t)(cluster - 2) * fat->cluster_bytes;
}

uint32_t fat_bad_mark(const struct fat *fat)
{
        return fat->type == FAT_32 ? 0x0ffffff7 : fat->type == FAT_16 ? 0xfff7 : 0xff7;
}

bool fat_is_end(const struct fat *fat, uint32_t value)
{
        return value > fat_bad_mark(fat);
}

struct fat_file fat_file(struct fat *fat, uint32_t first, uint32_t size)
{
        return (struct fat_file){.fat = fat, .first = first, .size = size, .at_cluster = first};
}

bool fat_file_where(struct fat_file *file, uint64_t offset, uint64_t *ret_at, uint64_t *ret_left)
{
        struct fat *fat = file->fat;
        uint64_t index = offset / fat->cluster_bytes, within = offset % fat->cluster_bytes;

        if (offset >= file->size || index >= fat->clusters) /* no chain is longer than that */
                return false;
        if (index < file->at_index) {
                file->at_index = 0;
                file->at_cluster = file->first;
        }
        while (fat_has(fat, file->at_cluster) && file->at_index < index) {
                if (!fat_get(fat, fat->active, file->at_cluster, &file->at_cluster))
                        return false;
                file->at_index++;
        }
        if (!fat_has(fat, file->at_cluster))
                return false;
        *ret_at = fat_cluster_offset(fat, file->at_cluster) + within;
        *ret_left = fat->cluster_bytes - within;
        return true;
}

bool fat_file_read(struct fat_file *file, uint64_t offset, void *to, size_t size)
{
        uint8_t *next = to;

        if (offset > file->size || size > file->size - offset)
                return false;
        while (size > 0) {
                uint64_t at, left;

                if (!fat_file_where(file, offset, &at, &left))
                        return false;
                if (left > size)
                        left = size;
                if (!image_read(file->fat->image, at, next, (size_t)left))
                        return false;
                next += left;
                offset += left;
                size -= (size_t)left;
        }
        return true;
}
