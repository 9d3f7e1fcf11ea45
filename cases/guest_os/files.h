/* SPDX-License-Identifier: BSD-2-Clause */
/* The files of a guest OS that can be reached without booting it: on the ESPs, and in /boot of ext2, 3 and 4. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "image.h"

enum { GUEST_TEXT_MAX = 1024 * 1024 /* bytes of a configuration that are read */ };

/* A file as an image: its size, and read. Good until the function that it was given to returns. */
struct guest_file {
        const char *path; /* "partition 1: \loader\loader.conf"; printable ASCII */
        const char *name; /* the last part of it */
        struct image bytes;
};

/* Returns false to end the walk. */
typedef bool guest_file_function(void *context, const struct guest_file *file);

struct guest_walk {
        guest_file_function *file;
        void *context;
        bool stopped;     /* by the function */
        unsigned volumes; /* file systems that were looked through */
        const char *why;  /* the last one that could not be, NULL where all could */
        unsigned entries;
};

/* Calls the function for each file of interest, at most some thousand. */
void guest_files_walk(const struct image *image, struct guest_walk *walk);

/* The text of a file, NUL-terminated; NULL where it is too large, or cannot be read. Free it. */
char *guest_file_text(const struct guest_file *file);
