/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a run heard, line by line, on disk before anything is judged: journal.jsonl in the run's folder, one JSON object
 * per line with "n" (counting from 0) first and "crc" (CRC-32 of the line without it) last, and beside it the evidence
 * and the console of each lane as files. The last line is the event "end".
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "evidence.h"

struct journal;

/* Makes the folder where it is not there; refuses one that holds a journal. NULL with one sentence in error. */
struct journal *journal_create(const char *folder, char *error, size_t error_size);
/*
 * Opens the journal of an interrupted run to go on behind its last intact line; what is torn behind that is cut off.
 * NULL with one sentence in error: it has come to its end, another runner writes it, or it cannot be read.
 */
struct journal *journal_resume(const char *folder, char *error, size_t error_size);
void journal_close(struct journal *journal);

/* Writes a line; takes over it (NULL: memory was out). Once a write failed, every later one answers the same. */
int journal_write(struct journal *journal, json_t *line);
/* Writes a file of the folder, its own folders made on the way, and ret_crc. 0 or a negative errno. */
int journal_write_file(struct journal *journal, const char *path, struct bytes bytes, uint32_t *ret_crc);
/* Opens a file of the folder for appending. The descriptor or a negative errno. */
int journal_open_file(struct journal *journal, const char *path);
/* Appends to a file that was opened so. 0 or a negative errno. */
int journal_append(struct journal *journal, int fd, const void *bytes, size_t size);
/* The first failure of a write: 0 while there was none. */
int journal_failure(const struct journal *journal);

/*
 * Calls function for each intact line in order. 0, or -EBADMSG with one sentence where a line is torn, missing or
 * doubled or the end is missing (the intact lines before were given), or another negative errno.
 */
typedef int journal_line_function(void *context, const json_t *line);
int journal_read(const char *folder, journal_line_function *function, void *context, char *error, size_t error_size);

/* What a line says under a key: "" where that is no text, -1 where it is no whole number. */
const char *journal_text(const json_t *line, const char *key);
json_int_t journal_number(const json_t *line, const char *key);

/* Reads a file of the folder whole, at most most bytes; free the data. -EBADMSG where its CRC is another one. */
int journal_read_file(const char *folder, const char *path, size_t most, const uint32_t *crc, struct bytes *ret);
