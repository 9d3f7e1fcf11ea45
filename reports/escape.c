/* SPDX-License-Identifier: BSD-2-Clause */
/* Every byte is either printable ASCII with no meaning in the format, or spelled out. */
#include "escape.h"

#include <string.h>

struct spelling {
        char text[8];
};

static struct spelling spelling_format(const char *format, unsigned byte)
{
        struct spelling spelling;

        snprintf(spelling.text, sizeof(spelling.text), format, byte);
        return spelling;
}

static const char *xml_entity(char byte)
{
        switch (byte) {
        case '&':
                return "&amp;";
        case '<':
                return "&lt;";
        case '>':
                return "&gt;";
        case '"':
                return "&quot;";
        case '\'':
                return "&#39;";
        default:
                return NULL;
        }
}

static struct spelling escape_byte(enum escape how, char byte)
{
        static const char *const backslashed[] = {
                [ESCAPE_PLAIN] = "", [ESCAPE_TAP] = "#\\", [ESCAPE_YAML] = "\"\\", [ESCAPE_XML] = ""};
        const char *entity = how == ESCAPE_XML ? xml_entity(byte) : NULL;

        if (byte < 0x20 || byte > 0x7e)
                return spelling_format(*backslashed[how] ? "\\\\x%02x" : "\\x%02x", (unsigned char)byte);
        if (entity) {
                struct spelling spelling = {""};

                memcpy(spelling.text, entity, strlen(entity));
                return spelling;
        }
        return spelling_format(strchr(backslashed[how], byte) ? "\\%c" : "%c", (unsigned char)byte);
}

void escape_write(FILE *to, enum escape how, const char *text)
{
        size_t shown = 0;

        for (; text[shown] && shown < ESCAPE_SHOWN_MAX; shown++)
                fputs(escape_byte(how, text[shown]).text, to);
        if (text[shown])
                fputs("...", to);
}

void escape_copy(char to[ESCAPE_ROOM], const char *text)
{
        size_t shown = 0;

        for (; text[shown] && shown < ESCAPE_SHOWN_MAX; shown++)
                to = stpcpy(to, escape_byte(ESCAPE_PLAIN, text[shown]).text);
        strcpy(to, text[shown] ? "..." : "");
}
