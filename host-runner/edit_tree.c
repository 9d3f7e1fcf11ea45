/* SPDX-License-Identifier: BSD-2-Clause */
/* Files larger than a cluster and directories come into being as a file system driver makes them. */
#include "edit_disk.h"

#include <errno.h>
#include <string.h>

/* The file's chain is one cluster, as file-put leaves it; what is added is as the free clusters were. */
int edit_file_grow(struct edit *edit)
{
        struct fat fat;
        struct fat_entry entry;
        uint64_t size = 0;
        uint32_t last, next;
        int64_t added = 0;
        int status = edit_fat_open(edit, &fat);

        if (status == 0)
                status = edit_file_find(edit, &fat, edit->word[1], &entry);
        if (status == 0)
                status = edit_number(edit, edit->word[2], &size);
        if (status == 0 && (size > 1 << 20 || entry.size > fat.cluster_bytes))
                status = edit_fail(edit, -EINVAL, "file-grow: from one cluster to at most 1M, not %s", edit->word[2]);
        for (last = entry.first; status == 0 && (uint64_t)(added + 1) * fat.cluster_bytes < size;
             last = next, added++) {
                status = edit_cluster_take(edit, &fat, &next);
                if (status == 0)
                        status = edit_fat_set(edit, &fat, -1, last, next);
        }
        if (status == 0)
                status = edit_free_count_move(edit, &fat, -added);
        return status < 0 ? status : edit_write_number(edit, entry.at + 28, size, 4);
}

static void dot_entry(uint8_t raw[32], const char *name, uint32_t cluster)
{
        memcpy(raw, name, 11);
        raw[11] = FAT_DIRECTORY;
        raw[20] = (uint8_t)(cluster >> 16);
        raw[21] = (uint8_t)(cluster >> 24);
        raw[26] = (uint8_t)cluster;
        raw[27] = (uint8_t)(cluster >> 8);
}

/* In the root: there ".." says 0. */
int edit_directory_put(struct edit *edit)
{
        static char empty[] = "00";
        uint8_t head[512] = {0};
        struct fat fat;
        struct fat_entry entry;
        int status = strrchr(edit->word[1], '\\') == edit->word[1]
                             ? 0
                             : edit_fail(edit, -EINVAL, "directory-put: %s is not in the root", edit->word[1]);

        edit->word[2] = empty;
        if (status == 0)
                status = edit_file_put(edit);
        edit->word[1][0] = '\\'; /* where file-put split the path */
        if (status == 0)
                status = edit_fat_open(edit, &fat);
        if (status == 0)
                status = edit_file_find(edit, &fat, edit->word[1], &entry);
        if (status < 0)
                return status;
        dot_entry(head, ".          ", entry.first);
        dot_entry(head + 32, "..         ", 0);
        status = edit_write(edit, fat_cluster_offset(&fat, entry.first), head, sizeof(head));
        if (status == 0)
                status = edit_write_number(edit, entry.at + 11, FAT_DIRECTORY, 1);
        return status < 0 ? status : edit_write_number(edit, entry.at + 28, 0, 4);
}
