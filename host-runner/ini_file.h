/* SPDX-License-Identifier: BSD-2-Clause */
/* An INI file line by line: what is refused is said with its file and line, and nothing is cut in silence. */
#pragma once

#include <stddef.h>

enum { INI_SECTION_MAX = 49 }; /* inih cuts longer names */

/* Takes one key. 0, or a negative errno with a sentence in why that needs no file and line. */
typedef int ini_file_taker(void *context, unsigned line, const char *section, const char *key, const char *value,
                           char *why, size_t why_size);

/* 0, or a negative errno with one sentence in error. */
int ini_file_read(const char *path, ini_file_taker *take, void *context, char *error, size_t error_size);
