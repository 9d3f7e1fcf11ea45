/* SPDX-License-Identifier: BSD-2-Clause */
/* What the operations of edit.c share: the disk being edited, the words of the line, and its numbers. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "esp.h"
#include "fat_dir.h"
#include "image_file.h"

enum { EDIT_WORDS = 8, EDIT_HEX_MAX = 4096 };

struct edit {
        int fd;
        struct image_file file;
        unsigned words;
        char *word[EDIT_WORDS]; /* word[0] is the operation */
        char *error;
        size_t error_size;
};

/* A field by its name; of width 16 it is a GUID. */
struct edit_field {
        const char *name;
        uint32_t offset, width;
};

/* Leaves the sentence and returns the status. */
int edit_fail(struct edit *edit, int status, const char *format, ...) __attribute__((format(printf, 3, 4)));

int edit_read(struct edit *edit, uint64_t at, void *to, size_t size);
int edit_write(struct edit *edit, uint64_t at, const void *from, size_t size);
int edit_write_number(struct edit *edit, uint64_t at, uint64_t value, unsigned width);
int edit_number(struct edit *edit, const char *word, uint64_t *ret);
int edit_hex(struct edit *edit, const char *word, uint8_t to[EDIT_HEX_MAX], size_t *ret_size);
int edit_guid(struct edit *edit, const char *word, uint8_t to[16]);
bool edit_has_option(const struct edit *edit, const char *option); /* as the last word */

/* The field named by the word, its value from the next, as the bytes to write. */
int edit_field(struct edit *edit, const struct edit_field *fields, size_t count, unsigned word,
               const struct edit_field **ret_field, uint8_t value[16]);

/* The first ESP, and its file system. */
int edit_esp(struct edit *edit, struct esp *ret);
int edit_fat_open(struct edit *edit, struct fat *ret);

/* Sets the FAT entry of a cluster in one copy (from 0), or in all where copy is -1. */
int edit_fat_set(struct edit *edit, struct fat *fat, int copy, uint32_t cluster, uint32_t value);

/* The operations that stand in files of their own. */
int edit_gpt(struct edit *edit);
int edit_gpt_entry(struct edit *edit);
int edit_gpt_add(struct edit *edit);
int edit_gpt_blocks(struct edit *edit);
int edit_fat(struct edit *edit);
int edit_fsinfo(struct edit *edit);
int edit_fat_entry(struct edit *edit);
int edit_file_remove(struct edit *edit);
int edit_file_rename(struct edit *edit);
int edit_file_write(struct edit *edit);
int edit_file_put(struct edit *edit);
int edit_file_grow(struct edit *edit);
int edit_directory_put(struct edit *edit);
int edit_file_entry(struct edit *edit);
int edit_file_pe(struct edit *edit);
int edit_format_fat16(struct edit *edit);
int edit_into_container(struct edit *edit);

/* A path on the ESP; a free cluster, marked as the end of a chain; and what FSInfo says is free. */
int edit_file_find(struct edit *edit, struct fat *fat, const char *path, struct fat_entry *ret);
int edit_cluster_take(struct edit *edit, struct fat *fat, uint32_t *ret);
int edit_free_count_move(struct edit *edit, struct fat *fat, int64_t by);
