/* SPDX-License-Identifier: BSD-2-Clause */
/* Text is cut, never overrun, and always ends in a NUL. */
#include "text.h"

#include <stdbool.h>
#include <string.h>

struct sink {
        char *to;
        size_t size;
        size_t length;
};

static void sink_put(struct sink *sink, char c)
{
        if (sink->length + 1 < sink->size)
                sink->to[sink->length++] = c;
}

static void sink_pad(struct sink *sink, char with, size_t width, size_t used)
{
        for (; used < width; used++)
                sink_put(sink, with);
}

static void sink_number(struct sink *sink, unsigned long long value, unsigned base, bool negative, char pad,
                        size_t width)
{
        char digits[24];
        size_t count = 0;

        do {
                digits[count++] = "0123456789abcdef"[value % base];
                value /= base;
        } while (value);
        if (negative && pad == '0')
                sink_put(sink, '-');
        sink_pad(sink, pad, width, count + negative);
        if (negative && pad != '0')
                sink_put(sink, '-');
        while (count)
                sink_put(sink, digits[--count]);
}

struct conversion {
        char pad;
        size_t width;
        size_t precision;
        unsigned longs;
};

static const char *conversion_read(const char *at, struct conversion *ret)
{
        struct conversion c = {.pad = ' ', .precision = SIZE_MAX};

        if (*at == '0') {
                c.pad = '0';
                at++;
        }
        for (; *at >= '0' && *at <= '9'; at++)
                c.width = c.width * 10 + (size_t)(*at - '0');
        if (*at == '.')
                for (c.precision = 0, at++; *at >= '0' && *at <= '9'; at++)
                        c.precision = c.precision * 10 + (size_t)(*at - '0');
        for (; *at == 'l'; at++)
                c.longs++;
        *ret = c;
        return at;
}

size_t text_vformat(char *to, size_t size, const char *format, va_list args)
{
        struct sink sink = {to, size, 0};

        if (size == 0)
                return 0;
        for (const char *at = format; *at; at++) {
                struct conversion c;

                if (*at != '%') {
                        sink_put(&sink, *at);
                        continue;
                }
                at = conversion_read(at + 1, &c);
                if (*at == 's') {
                        const char *text = va_arg(args, const char *);
                        size_t length = 0;

                        while (length < c.precision && text[length])
                                length++;
                        sink_pad(&sink, ' ', c.width, length);
                        for (size_t i = 0; i < length; i++)
                                sink_put(&sink, text[i]);
                } else if (*at == 'c') {
                        sink_put(&sink, (char)va_arg(args, int));
                } else if (*at == 'd') {
                        long long value = c.longs > 1    ? va_arg(args, long long)
                                          : c.longs == 1 ? va_arg(args, long)
                                                         : va_arg(args, int);

                        sink_number(&sink, value < 0 ? -(unsigned long long)value : (unsigned long long)value, 10,
                                    value < 0, c.pad, c.width);
                } else if (*at == 'u' || *at == 'x') {
                        unsigned long long value = c.longs > 1    ? va_arg(args, unsigned long long)
                                                   : c.longs == 1 ? va_arg(args, unsigned long)
                                                                  : va_arg(args, unsigned int);

                        sink_number(&sink, value, *at == 'x' ? 16 : 10, false, c.pad, c.width);
                } else {
                        sink_put(&sink, '%');
                        if (*at == 0)
                                break;
                        if (*at != '%')
                                sink_put(&sink, *at);
                }
        }
        to[sink.length] = 0;
        return sink.length;
}

size_t text_format(char *to, size_t size, const char *format, ...)
{
        va_list args;
        size_t length;

        va_start(args, format);
        length = text_vformat(to, size, format, args);
        va_end(args);
        return length;
}

size_t text_copy(char *to, size_t size, const char *from)
{
        return text_format(to, size, "%s", from);
}

size_t text_escape(char *to, size_t size, const void *from, size_t length)
{
        struct sink sink = {to, size, 0};
        const uint8_t *bytes = from;

        if (size == 0)
                return 0;
        for (size_t i = 0; i < length; i++) {
                bool plain = bytes[i] >= 0x20 && bytes[i] < 0x7f && bytes[i] != '\\';

                /* No cut leaves half an escape. */
                if (sink.length + (plain ? 1 : bytes[i] == '\\' ? 2 : 4) >= size)
                        break;
                if (!plain)
                        sink_put(&sink, '\\');
                if (plain || bytes[i] == '\\') {
                        sink_put(&sink, (char)bytes[i]);
                        continue;
                }
                sink_put(&sink, 'x');
                sink_number(&sink, bytes[i], 16, false, '0', 2);
        }
        to[sink.length] = 0;
        return sink.length;
}

struct text_guid text_guid(const uint8_t guid[16])
{
        static const uint8_t order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
        struct text_guid ret;
        struct sink sink = {ret.text, sizeof(ret.text), 0};

        for (size_t i = 0; i < 16; i++) {
                if (i == 4 || i == 6 || i == 8 || i == 10)
                        sink_put(&sink, '-');
                sink_number(&sink, guid[order[i]], 16, false, '0', 2);
        }
        ret.text[sink.length] = 0;
        return ret;
}

bool text_is_spoken(struct text_terminal *terminal, uint8_t byte)
{
        enum { PLAIN, ESCAPED, CONTROL, ESCAPE = 0x1b };

        if (byte == ESCAPE)
                terminal->state = ESCAPED;
        else if (terminal->state == ESCAPED && byte == '[')
                terminal->state = CONTROL;
        else if (terminal->state == PLAIN)
                return byte >= 0x20 && byte < 0x7f;
        else if (terminal->state == ESCAPED ? byte >= 0x30 : byte >= 0x40)
                terminal->state = PLAIN;
        return false;
}
