/* SPDX-License-Identifier: BSD-2-Clause */
/* Looks through an image for firmware volumes and files; who asks is told of each, and judges. */
#pragma once

#include "fat_dir.h"
#include "judge.h"
#include "volume.h"

struct sighting {
        const char *where;   /* "image", or the file */
        uint64_t at;         /* bytes into it */
        const uint8_t *head; /* at least VOLUME_HEAD bytes */
        enum volume_kind kind;
};

struct search {
        struct judge *j;
        void (*volume)(struct search *search, const struct sighting *sighting);
        /* Each file and directory of a FAT, but "." and ".."; its path begins with the name of its file system. */
        void (*entry)(struct search *search, struct fat *fat, const struct fat_entry *entry, const char *path,
                      bool in_root);
        unsigned found; /* for the two functions to count in */

        uint64_t head_bytes, probes, file_probes, files, entries, roots;
        bool cut; /* one of the limits was met */
};

/* Looks, and adds a note of how far. */
void search_run(struct search *search);
