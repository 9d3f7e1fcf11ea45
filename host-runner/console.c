/* SPDX-License-Identifier: BSD-2-Clause */
/* An escape sequence ends where ECMA-48 says, or with the output. */
#include "console.h"

#include <stdlib.h>

/* The bytes that the sequence beginning with ESC at data takes up. */
static size_t escape_length(const uint8_t *data, size_t size)
{
        size_t at = 2;

        if (size < 2)
                return size;
        if (data[1] != '[')
                return 2;
        while (at < size && data[at] >= 0x20 && data[at] < 0x40)
                at++;
        return at < size ? at + 1 : at;
}

char *console_plain(struct bytes output)
{
        char *plain = malloc(output.size + 1);
        size_t length = 0;

        for (size_t at = 0; plain && at < output.size;) {
                uint8_t byte = output.data[at];

                if (byte == 0x1b) {
                        at += escape_length(output.data + at, output.size - at);
                        continue;
                }
                if (byte == '\n' || (byte >= 0x20 && byte < 0x7f))
                        plain[length++] = (char)byte;
                at++;
        }
        if (plain)
                plain[length] = 0;
        return plain;
}
