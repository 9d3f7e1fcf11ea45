/* SPDX-License-Identifier: BSD-2-Clause */
/* Private copies of the suite's disk and of variable stores, without a name in any folder. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire.h"

struct suite_disk {
        int fd;
        uint64_t size;
        uint64_t template_time; /* when the file that it was copied from was changed last */
        uint64_t journal;       /* bytes from the start to the journal partition */
        uint64_t esp_start;     /* in blocks of 512 bytes */
        uint64_t esp_size;      /* the same */
        uint8_t esp_guid[16];   /* the ESP's unique GUID */
};

/*
 * A copy of a file that nobody else can open by name and that ends with its last descriptor; holes stay holes.
 * The descriptor, or a negative errno.
 */
int private_copy(const char *path);
/* The same, of such a copy. */
int private_again(int fd);
/* Such a file once more, for reading alone and from its start: a descriptor that shares no position with fd. */
int private_reopen(int fd);
/* The same, empty, of a given size. */
int private_file(uint64_t size);
/* Closes a descriptor, where there is one, and leaves -1 in its place. */
void private_drop(int *fd);
/* A file's size, and how many of its bytes come before nothing but zeros, rounded up. 0 or a negative errno. */
int private_used(int fd, uint64_t *ret_size, uint64_t *ret_used);

/* Finds the partitions of the suite's disk in its file, which it opens for reading alone: close fd. The same errors. */
int suite_disk_open(const char *path, struct suite_disk *ret, char *error, size_t error_size);

/* Copies the suite's disk and finds its partitions. 0, or a negative errno with one sentence in error. */
int suite_disk_copy(const char *path, struct suite_disk *ret, char *error, size_t error_size);

/* Writes the plan. 0 or a negative errno. */
int suite_disk_plan(const struct suite_disk *disk, const struct plan *plan);

/* One changed range of the disk outside the journal partition. */
typedef void suite_disk_changed(void *context, uint64_t offset, const uint8_t *bytes, size_t size);
/* Compares with the file it was copied from, in pages. 0 or a negative errno: -ESTALE where that has changed. */
int suite_disk_compare(const struct suite_disk *disk, const char *path, suite_disk_changed *changed, void *context);

/* What became of a disk: 0 or a negative errno each. Its partitions lie where they lay. */
/* Its GUIDs, and those of its partitions, are others. */
int suite_disk_rename(const struct suite_disk *disk);
/* The CRC of the primary GPT header is wrong, or is it right? */
int suite_disk_corrupt_gpt(const struct suite_disk *disk);
bool suite_disk_gpt_is_whole(const struct suite_disk *disk);
/* Its GPT counts in blocks of 4096 bytes. */
int suite_disk_large_blocks(const struct suite_disk *disk);
/* Its ESP is again what it was in the file it was copied from. */
int suite_disk_restore_esp(const struct suite_disk *disk, const char *path);
