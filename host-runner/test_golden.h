/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of the source that a test compares with what it made; for tests only. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The file is that text, byte for byte. VMSPEC_REGENERATE=1 writes it first; test is the program that does so. */
static void golden_compare(const char *path, const char *made, const char *test)
{
        size_t size = strlen(made);
        char *there = calloc(1, size + 2); /* a byte more, so that a longer file differs */
        FILE *file;
        bool same;

        assert_non_null(there);
        if (getenv("VMSPEC_REGENERATE")) {
                file = fopen(path, "wb");
                assert_non_null(file);
                assert_int_equal(fwrite(made, 1, size, file), size);
                assert_int_equal(fclose(file), 0);
        }
        file = fopen(path, "rb");
        same = file && fread(there, 1, size + 1, file) == size && memcmp(there, made, size) == 0;
        if (file)
                fclose(file);
        free(there);
        if (!same)
                fail_msg("%s differs; look, and where the new bytes are right: VMSPEC_REGENERATE=1 %s/tests/%s", path,
                         TEST_BUILD_DIR, test);
}
