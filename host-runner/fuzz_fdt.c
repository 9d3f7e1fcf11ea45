/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes may stand where the FDT is: every judge comes to an end, and its facts are whole. */
#include "fuzz.h"

#include <string.h>

enum { TOTAL_SIZE = 4, REPAIR = 0x80 };

/*
 * The highest bit of the first byte says that the size in the header is made right: mutations come past it then. The
 * copy is as large as the blob, so that what reads beyond it is seen.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        uint8_t *bytes = size < 1 + TOTAL_SIZE + 4 ? NULL : malloc(size);

        if (!bytes)
                return 0;
        memcpy(bytes, data, size);
        if (data[0] != FUZZ_ALL)
                bytes[0] &= REPAIR - 1;
        for (unsigned i = 0; data[0] & REPAIR && i < 4; i++)
                bytes[1 + TOTAL_SIZE + i] = (uint8_t)((size - 1) >> (24 - 8 * i));
        (void)fuzz_tables(EVIDENCE_FDT, bytes, size);
        free(bytes);
        return 0;
}
