/* SPDX-License-Identifier: BSD-2-Clause */
/* One writer per format; report.c looks at the stream's error afterwards. */
#pragma once

#include <stdio.h>

#include "escape.h"
#include "ledger.h"

/* 0, or a negative errno where something other than the stream failed. */
typedef int report_writer(const struct ledger *ledger, FILE *to);

report_writer report_tap, report_junit, report_json, report_html, report_text;

/* The summary in lines that start with prefix: TAP comments, the end of the text report, or content of XML. */
void report_summary(const struct ledger *ledger, const char *prefix, enum escape how, FILE *to);
