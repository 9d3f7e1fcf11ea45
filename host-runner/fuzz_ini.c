/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes may be a machine's file or a defect's: they are refused in one sentence, or taken whole. */
#include "fuzz.h"

#include <string.h>

#include "defect.h"
#include "machine.h"

/* One sentence: not empty, not torn over lines. */
static void sentence_whole(const char *error)
{
        fuzz_expect(*error && !strchr(error, '\n'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const char *path = fuzz_file(data, size);
        struct machine machine, copy;
        struct defects defects = {0};
        char error[600] = "";

        if (machine_read(path, &machine, error, sizeof(error))) {
                sentence_whole(error);
        } else {
                fuzz_expect(machine_copy(&machine, &copy) == 0);
                machine_free(&copy);
                machine_free(&machine);
        }
        error[0] = 0;
        if (defects_add(&defects, path, error, sizeof(error)))
                sentence_whole(error);
        defects_free(&defects);
        return 0;
}
