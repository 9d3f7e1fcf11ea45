/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fuzz targets: each fuzz_<parser>.c feeds libFuzzer's bytes to one parser of what comes from a guest, a firmware, an
 * image or a user. They crash on a breach of memory (ASan), on undefined behaviour (UBSan), or where the parser breaks
 * a promise of its header.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "evidence.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A promise that was broken ends the run with the input that broke it. */
static inline void fuzz_expect(bool kept)
{
        if (!kept)
                abort();
}

/* All of them: for an input that is kept, as a number means another judge when cases are added. */
enum { FUZZ_ALL = 0xff };

/*
 * fuzz.c: one judge half over that evidence, of those that read its kind: which is taken modulo their count, so that
 * each is chosen by the input, and none costs the others' time.
 */
void fuzz_judge(const struct evidence *evidence, enum evidence_kind kind, uint8_t which);
/* The same where the first byte says which, and nothing stands beside but where the firmware has the tables. 0 */
int fuzz_tables(enum evidence_kind kind, const uint8_t *data, size_t size);
/* One judge half of those that read images. */
struct image;
void fuzz_judge_image(const struct image *image, uint8_t which);
/* The bytes as a file that can be opened by name: "/proc/self/fd/N", written anew by each call. */
const char *fuzz_file(const uint8_t *data, size_t size);
