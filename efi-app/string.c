/* SPDX-License-Identifier: BSD-2-Clause */
/* Plain loops: the compiler may call these for its own copies, so they must not be turned into calls of themselves. */
#include <string.h>
#include <stdint.h>
#include <stdlib.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
        return memmove(to, from, size);
}

void *memmove(void *to, const void *from, size_t size)
{
        uint8_t *t = to;
        const uint8_t *f = from;

        if (t <= f || t >= f + size) {
                if (!(((uintptr_t)t | (uintptr_t)f) & 7))
                        for (; size >= 8; size -= 8, t += 8, f += 8)
                                *(volatile uint64_t *)t = *(const uint64_t *)f;
                while (size--)
                        *(volatile uint8_t *)t++ = *f++;
        } else {
                while (size--)
                        ((volatile uint8_t *)t)[size] = f[size];
        }
        return to;
}

void *memset(void *to, int value, size_t size)
{
        volatile uint8_t *t = to;
        uint64_t word = (uint8_t)value * 0x0101010101010101u;

        for (; size && (uintptr_t)t & 7; size--)
                *t++ = (uint8_t)value;
        for (; size >= 8; size -= 8, t += 8)
                *(volatile uint64_t *)t = word;
        while (size--)
                *t++ = (uint8_t)value;
        return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
        const uint8_t *x = a, *y = b;

        for (; size; size--, x++, y++)
                if (*x != *y)
                        return *x - *y;
        return 0;
}

void *memchr(const void *in, int value, size_t size)
{
        const uint8_t *at = in;

        for (; size; size--, at++)
                if (*at == (uint8_t)value)
                        return (void *)(uintptr_t)at;
        return NULL;
}

size_t strlen(const char *text)
{
        return strnlen(text, SIZE_MAX);
}

size_t strnlen(const char *text, size_t most)
{
        const volatile char *at = text;
        size_t length = 0;

        while (length < most && at[length])
                length++;
        return length;
}

int strcmp(const char *a, const char *b)
{
        return strncmp(a, b, SIZE_MAX);
}

int strncmp(const char *a, const char *b, size_t most)
{
        for (; most && *a && *a == *b; most--)
                a++, b++;
        return most ? (uint8_t)*a - (uint8_t)*b : 0;
}

char *strchr(const char *in, int value)
{
        for (; *in != (char)value; in++)
                if (!*in)
                        return NULL;
        return (char *)(uintptr_t)in;
}

char *strrchr(const char *in, int value)
{
        char *last = NULL;

        for (;; in++) {
                if (*in == (char)value)
                        last = (char *)(uintptr_t)in;
                if (!*in)
                        return last;
        }
}

unsigned long strtoul(const char *from, char **ret_end, int base)
{
        unsigned long value = 0;

        for (; *from >= '0' && *from < '0' + base && *from <= '9'; from++)
                value = value * (unsigned long)base + (unsigned long)(*from - '0');
        if (ret_end)
                *ret_end = (char *)(uintptr_t)from;
        return value;
}
