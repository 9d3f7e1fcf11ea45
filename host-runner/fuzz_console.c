/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes may come out of a console: what is left is plain text, no longer than what came. */
#include "fuzz.h"

#include <string.h>

#include "console.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char *plain = console_plain((struct bytes){data, size});
        size_t length = plain ? strlen(plain) : 0;

        fuzz_expect(length <= size);
        for (size_t i = 0; i < length; i++)
                fuzz_expect(plain[i] == '\n' || ((unsigned char)plain[i] >= 0x20 && plain[i] != 0x7f));
        free(plain);
        return 0;
}
