/* SPDX-License-Identifier: BSD-2-Clause */
/* The directories of a FAT file system: their entries with long and short names, and paths. */
#pragma once

#include "fat.h"

enum {
        FAT_READ_ONLY = 0x01,
        FAT_VOLUME = 0x08,
        FAT_DIRECTORY = 0x10,
        FAT_LONG_PARTS = 20,          /* parts of a long name */
        FAT_DIR_MAX = 2 * 1024 * 1024 /* bytes of one directory, by the FAT specification */
};

struct fat_entry {
        char short_name[16];                     /* "BOOTAA64.EFI"; what is not printable ASCII is '?' */
        char long_name[FAT_LONG_PARTS * 13 + 1]; /* the same of the long name; "" where there is none */
        bool stray_long;                         /* parts of a long name stood before it that do not belong to it */
        uint8_t raw[32];
        uint8_t attributes;
        uint32_t first, size;
        unsigned parts;                   /* how many entries the long name takes */
        uint64_t at;                      /* where the short entry is in the image */
        uint64_t part_at[FAT_LONG_PARTS]; /* where those of the long name are */
};

struct fat_dir {
        struct fat *fat;
        uint32_t cluster;   /* where the next entry is; 0: in the fixed root directory */
        uint32_t offset;    /* of the next entry, in the cluster or in the fixed root */
        uint32_t consumed;  /* bytes so far */
        const char *why;    /* after FAT_DIR_BROKEN */
        uint64_t sector_at; /* offset in the image of what is in the sector; 0: nothing */
        uint8_t sector[512];
};

enum fat_dir_step { FAT_DIR_ENTRY, FAT_DIR_END, FAT_DIR_BROKEN };

struct fat_dir fat_dir_root(struct fat *fat);
struct fat_dir fat_dir_at(struct fat *fat, uint32_t cluster); /* 0: the root, as ".." says it */

/* The next entry that is in use (volume labels, "." and ".." too); loops end after FAT_DIR_MAX bytes. */
enum fat_dir_step fat_dir_next(struct fat_dir *dir, struct fat_entry *ret);

/* After FAT_DIR_END: how many entries stand behind the end mark, where all should be free. */
unsigned fat_dir_beyond(struct fat_dir *dir);

/* Whether an entry has that name, short or long, regardless of case. */
bool fat_entry_is(const struct fat_entry *entry, const char *name);

enum fat_found { FAT_FOUND, FAT_ABSENT, FAT_UNKNOWN };

/* Looks up "EFI\BOOT\BOOTAA64.EFI" regardless of case; FAT_UNKNOWN, and why, where a directory on the way is broken. */
enum fat_found fat_find(struct fat *fat, const char *path, struct fat_entry *ret, const char **ret_why);

/* The checksum of a short name that each part of its long name carries. */
uint8_t fat_short_checksum(const uint8_t raw[11]);
