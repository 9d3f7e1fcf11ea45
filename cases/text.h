/* SPDX-License-Identifier: BSD-2-Clause */
/* Bounded text without a C library: the same words on both sides of the wire. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Formats into size bytes, always NUL-terminated, cut where it does not fit; returns the length written.
 * Knows %s %c %d %u %x %%, with l and ll, a width, a leading 0 and (for s) a precision; anything else is written
 * as it stands.
 */
size_t text_vformat(char *to, size_t size, const char *format, va_list args);
size_t text_format(char *to, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Copies a NUL-terminated string into size bytes, cut where it does not fit; returns the length written. */
size_t text_copy(char *to, size_t size, const char *from);

/*
 * Copies length bytes of unknown origin, every one outside printable ASCII as \xNN, and '\' as '\\'; cut before an
 * escape that does not fit.
 */
size_t text_escape(char *to, size_t size, const void *from, size_t length);

/* "c12a7328-f81f-11d2-ba4b-00a0c93ec93b" from the 16 bytes of an EFI GUID as stored. */
struct text_guid {
        char text[37];
};
struct text_guid text_guid(const uint8_t guid[16]);

/* What a terminal shows of a stream of bytes; zero it at the start. True for a printable character outside escapes. */
struct text_terminal {
        int state;
};
bool text_is_spoken(struct text_terminal *terminal, uint8_t byte);
