/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * No byte of a guest, an image or a user can leave its place in a report: none breaks a line, a tag or a directive.
 *
 * What is not printable ASCII becomes \xNN in every format. A backslash stays as it is unless the format gives it a
 * meaning, because facts carry bytes of unknown origin already escaped.
 */
#pragma once

#include <stddef.h>
#include <stdio.h>

enum escape {
        ESCAPE_PLAIN, /* text and JSON strings (jansson quotes) */
        ESCAPE_TAP,   /* a test description: '#' and '\' get a '\' */
        ESCAPE_YAML,  /* between double quotes */
        ESCAPE_XML,   /* content and attribute values of XML and HTML */
};

/* At most this many bytes of one string are shown; "..." says that there were more. */
enum { ESCAPE_SHOWN_MAX = 1024, ESCAPE_ROOM = 4 * ESCAPE_SHOWN_MAX + 4 };

/* Writes the string to the stream. */
void escape_write(FILE *to, enum escape how, const char *text);

/* The string as ESCAPE_PLAIN, in memory. */
void escape_copy(char to[ESCAPE_ROOM], const char *text);
