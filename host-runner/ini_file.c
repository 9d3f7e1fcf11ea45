/* SPDX-License-Identifier: BSD-2-Clause */
/* inih counts the lines for itself alone, so they are counted again here. */
#include "ini_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <ini.h>

enum { LINES_MAX = 100000 }; /* no file that people write has more, and a pipe may never end */

struct reading {
        FILE *stream;
        const char *path;
        unsigned line;
        ini_file_taker *take;
        void *context;
        char *error;
        size_t error_size;
        int result;
};

static void refuse(struct reading *reading, int result, const char *why)
{
        reading->result = result;
        snprintf(reading->error, reading->error_size, "%s:%u: %s", reading->path, reading->line,
                 result == -ENOMEM ? "out of memory" : why);
}

static char *line_read(char *to, int size, void *context)
{
        struct reading *reading = context;
        char why[80];

        if (reading->result || !fgets(to, size, reading->stream))
                return NULL;
        if (++reading->line > LINES_MAX) {
                snprintf(why, sizeof(why), "expected at most %d lines", LINES_MAX);
                refuse(reading, -EINVAL, why);
                return NULL;
        }
        if (!strchr(to, '\n') && !feof(reading->stream)) { /* too long, or with a NUL in it */
                snprintf(why, sizeof(why), "expected lines shorter than %d characters, and no NUL", size - 1);
                refuse(reading, -EINVAL, why);
                return NULL;
        }
        if (*to == '[' && strcspn(to + 1, "]") > INI_SECTION_MAX) {
                snprintf(why, sizeof(why), "section: expected at most %d characters", INI_SECTION_MAX);
                refuse(reading, -EINVAL, why);
                return NULL;
        }
        return to;
}

static int key_read(void *context, const char *section, const char *name, const char *value)
{
        struct reading *reading = context;
        char why[200] = "";
        int result = reading->take(reading->context, reading->line, section, name, value, why, sizeof(why));

        if (result)
                refuse(reading, result, why);
        return result == 0;
}

int ini_file_read(const char *path, ini_file_taker *take, void *context, char *error, size_t error_size)
{
        struct reading reading = {fopen(path, "re"), path, 0, take, context, error, error_size, 0};
        int parsed;

        if (!reading.stream) {
                int failed = errno;

                snprintf(error, error_size, "%s: cannot be read: %s", path, strerror(failed));
                return -failed;
        }
        parsed = ini_parse_stream(line_read, &reading, key_read, &reading);
        if (!reading.result && ferror(reading.stream)) {
                reading.result = -EIO;
                snprintf(error, error_size, "%s: cannot be read: %s", path, strerror(EIO));
        } else if (!reading.result && parsed) {
                reading.line = parsed > 0 ? (unsigned)parsed : reading.line;
                refuse(&reading, parsed == -2 ? -ENOMEM : -EINVAL, "expected a section or key = value");
        }
        fclose(reading.stream);
        return reading.result;
}
