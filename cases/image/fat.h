/* SPDX-License-Identifier: BSD-2-Clause */
/* A FAT file system as it stands in a partition: read by its layout, judged by its cluster count, never repaired. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "image.h"

enum fat_type { FAT_12 = 12, FAT_16 = 16, FAT_32 = 32 };

/* The fields of the boot sector. */
struct fat_bpb {
        uint16_t sector_size; /* BPB_BytsPerSec */
        uint8_t cluster_sectors;
        uint16_t reserved;
        uint8_t fats;
        uint16_t root_entries;
        uint16_t total16;
        uint8_t media;
        uint16_t fat_size16;
        uint32_t total32;
        uint32_t fat_size32; /* what follows is meaningful only where fat_size16 is 0 */
        uint16_t ext_flags;
        uint16_t version;
        uint32_t root_cluster;
        uint16_t info_sector;
        uint16_t backup_sector;
        uint16_t signature; /* at offset 510 */
};

enum { FAT_WINDOW = 4096 };

struct fat {
        const struct image *image;
        uint64_t start, size; /* of the partition, in bytes */
        struct fat_bpb bpb;
        enum fat_type type;     /* FAT_32 where the layout is that of FAT32, however few clusters there are */
        uint32_t clusters;      /* count; valid numbers are 2 to clusters + 1 */
        uint32_t cluster_bytes; /* at most 128 * 4096 */
        uint64_t fat_start;     /* bytes in the image, of the first FAT */
        uint64_t fat_bytes;     /* of one FAT */
        uint64_t root_start;    /* FAT12 and FAT16 only */
        uint32_t root_bytes;    /* FAT12 and FAT16 only */
        uint64_t data_start;    /* bytes in the image, of cluster 2 */
        unsigned active;        /* the FAT in use */
        uint64_t window_at;     /* offset in the image of what is in the window; UINT64_MAX: nothing */
        uint8_t window[FAT_WINDOW];
};

/* Reads the fields of the boot sector at start; false where it is outside the image or cannot be read. */
bool fat_bpb_read(const struct image *image, uint64_t start, struct fat_bpb *ret);

/* How many sectors hold data, and how many clusters that makes; false where the fields contradict each other. */
bool fat_bpb_clusters(const struct fat_bpb *bpb, uint32_t *ret_clusters, const char **ret_why);

/* The type by the two limits of the FAT specification; by it nothing but the count decides. */
enum fat_type fat_type_of(uint32_t clusters);

/* False, and why in words, where the partition holds no FAT file system that can be walked. */
bool fat_open(const struct image *image, uint64_t start, uint64_t size, struct fat *ret, const char **ret_why);

/* Whether a number names a cluster. */
bool fat_has(const struct fat *fat, uint32_t cluster);

/* The FAT entry of a cluster (or of the two reserved numbers) in the given copy; false where it cannot be read. */
bool fat_get(struct fat *fat, unsigned copy, uint32_t cluster, uint32_t *ret);

/* Where a cluster's bytes begin in the image. */
uint64_t fat_cluster_offset(const struct fat *fat, uint32_t cluster);

/* What the value of a FAT entry means. */
uint32_t fat_bad_mark(const struct fat *fat);           /* the mark of a bad cluster */
bool fat_is_end(const struct fat *fat, uint32_t value); /* the end of a chain */

/* A file's bytes; reads that go forward do not begin the chain again. */
struct fat_file {
        struct fat *fat;
        uint32_t first;
        uint32_t size;
        uint32_t at_index, at_cluster; /* a place in the chain that is known */
};

struct fat_file fat_file(struct fat *fat, uint32_t first, uint32_t size);

/* Reads exactly size bytes; false beyond the file's size, or where the chain is broken or cannot be read. */
bool fat_file_read(struct fat_file *file, uint64_t offset, void *to, size_t size);

/* Where in the image the byte at offset is, and how many follow it in the same cluster. */
bool fat_file_where(struct fat_file *file, uint64_t offset, uint64_t *ret_at, uint64_t *ret_left);
