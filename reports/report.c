/* SPDX-License-Identifier: BSD-2-Clause */
/* The same ledger gives the same bytes, and a stream that could not take them all is an error. */
#include "report.h"

#include <errno.h>
#include <string.h>

#include "writers.h"

static const struct {
        const char *name;
        report_writer *write;
} formats[FORMAT_COUNT] = {
        [FORMAT_TAP] = {"tap", report_tap},    [FORMAT_JUNIT] = {"junit", report_junit},
        [FORMAT_JSON] = {"json", report_json}, [FORMAT_HTML] = {"html", report_html},
        [FORMAT_TEXT] = {"text", report_text},
};

enum format format_find(const char *name)
{
        for (int format = 0; format < FORMAT_COUNT; format++)
                if (strcmp(formats[format].name, name) == 0)
                        return format;
        return FORMAT_COUNT;
}

const char *format_name(enum format format)
{
        return formats[format].name;
}

int report_write(const struct ledger *ledger, enum format format, FILE *to)
{
        int status = formats[format].write(ledger, to);

        if (fflush(to) != 0)
                return -errno;
        return ferror(to) ? -EIO : status;
}
