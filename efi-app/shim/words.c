/* SPDX-License-Identifier: BSD-2-Clause */
/* A defect's words are read from left to right; what is no number, or no pair of digits, is not taken for one. */
#include "shim.h"

#include <string.h>

struct word word_next(struct words *words)
{
        struct word word = {""};
        size_t length = 0;

        while (words->at < words->end && *words->at == ' ')
                words->at++;
        for (; words->at < words->end && *words->at != ' '; words->at++)
                if (length + 1 < WORD_MAX)
                        word.text[length++] = *words->at;
        return word;
}

static int digit_value(char digit)
{
        if (digit >= '0' && digit <= '9')
                return digit - '0';
        if (digit >= 'a' && digit <= 'f')
                return digit - 'a' + 10;
        return -1;
}

bool word_number(struct words *words, uint64_t *ret)
{
        struct word word = word_next(words);
        bool wide = word.text[0] == '0' && word.text[1] == 'x';
        const char *at = word.text + (wide ? 2 : 0);
        uint64_t number = 0;

        if (!*at)
                return false;
        for (; *at; at++) {
                int digit = digit_value(*at);

                if (digit < 0 || digit >= (wide ? 16 : 10))
                        return false;
                number = number * (wide ? 16 : 10) + (unsigned)digit;
        }
        *ret = number;
        return true;
}

size_t word_bytes(struct words *words, uint8_t to[HEX_MAX])
{
        size_t length = 0;

        while (words->at < words->end && *words->at == ' ')
                words->at++;
        while (words->end - words->at >= 2 && *words->at != ' ' && length < HEX_MAX) {
                int high = digit_value(words->at[0]), low = digit_value(words->at[1]);

                if (high < 0 || low < 0)
                        return 0;
                to[length++] = (uint8_t)(high << 4 | low);
                words->at += 2;
        }
        return length;
}

bool word_memory_type(struct words *words, EFI_MEMORY_TYPE *ret)
{
        static const struct {
                const char *name;
                EFI_MEMORY_TYPE type;
        } types[] = {
                {"loader", EfiLoaderData},
                {"boot-data", EfiBootServicesData},
                {"reclaim", EfiACPIReclaimMemory},
                {"nvs", EfiACPIMemoryNVS},
                {"reserved", EfiReservedMemoryType},
                {"runtime", EfiRuntimeServicesData},
                {"conventional", EfiConventionalMemory},
        };
        struct word word = word_next(words);

        for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
                if (strcmp(types[i].name, word.text) == 0) {
                        *ret = types[i].type;
                        return true;
                }
        return false;
}

size_t word_which(struct words *words, const char *const list[], size_t count)
{
        struct word word = word_next(words);
        size_t which = 0;

        while (which < count && strcmp(list[which], word.text) != 0)
                which++;
        return which;
}

const char *word_among(struct words *words, const char *const list[], size_t count)
{
        size_t which = word_which(words, list, count);

        return which < count ? list[which] : NULL;
}
