/* SPDX-License-Identifier: BSD-2-Clause */
/* Ledger -> bytes. Every string that came from a guest or an image is escaped for the format and bounded. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "ledger.h"

enum format { FORMAT_TAP, FORMAT_JUNIT, FORMAT_JSON, FORMAT_HTML, FORMAT_TEXT, FORMAT_COUNT };

/* The format of that name ("tap", "junit", "json", "html", "text"), or FORMAT_COUNT. */
enum format format_find(const char *name);
const char *format_name(enum format format);

/* Writes the whole report. 0, -EIO where the stream could not take it, or -ENOMEM. */
int report_write(const struct ledger *ledger, enum format format, FILE *to);
