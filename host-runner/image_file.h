/* SPDX-License-Identifier: BSD-2-Clause */
/* A disk image in a file or block device, raw or in a container, opened read-only, and judged into a ledger. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "clones.h"
#include "image.h"
#include "ledger.h"
#include "nbd.h"

enum { IMAGE_BLOCK_SIZE = 512 }; /* what a VM presents unless it is told otherwise */

struct image_file {
        int fd;
        struct image image; /* its context is this structure: it must not move while open */
        unsigned failed;    /* reads that the file did not satisfy */
        char failure[128];  /* the first of them, in words */
        const char *format; /* "raw", or the container that the disk is taken out of, by QEMU's name */
        bool served;        /* out of a container, through nbd */
        struct nbd nbd;
        uint8_t *window; /* bytes of the file that were read ahead; NULL: each read is the file's, which may change */
        uint64_t window_at;
        size_t window_size;
};

/*
 * Opens the file as a disk that is presented in logical blocks of 512 or 4096 bytes. 0; or negative errno and one
 * sentence that names the file, what was found and what was expected.
 */
int image_file_open(struct image_file *ret_file, const char *path, unsigned block_size, char *error, size_t error_size);
void image_file_close(struct image_file *file);

/* Fills the image over a descriptor of a raw image that the caller keeps; the same errors. */
int image_file_wrap(struct image_file *ret_file, int fd, const char *path, unsigned block_size, char *error,
                    size_t error_size);

/*
 * Adds a subject with a row per selected STATIC case and judges each. 0; or negative errno and a sentence where the
 * image cannot be opened (then no subject was added). A read that fails makes the case that asked for it an ERROR.
 */
int image_judge(struct ledger *ledger, const char *path, unsigned block_size, const bool selected[CASE_COUNT],
                char *error, size_t error_size);

/* As image_judge(), for one of several images that are to be used together; clones->own says which. */
int image_judge_among(struct ledger *ledger, const char *path, unsigned block_size, const struct clones *clones,
                      const bool selected[CASE_COUNT], char *error, size_t error_size);

/* The GUIDs of two images or more; one that cannot be read has no name. */
void image_clones_read(struct clones *clones, char *const paths[], size_t count, unsigned block_size);
void image_clones_free(struct clones *clones);
