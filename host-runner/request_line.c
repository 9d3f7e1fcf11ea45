/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * After ExitBootServices a request is a line of console output. Only the whole next line of this very start counts;
 * everything else that comes out of the console is output and nothing more.
 */
#include <stdio.h>
#include <string.h>

#include "lane_private.h"
#include "text.h"

/* More in one start is no honest guest. */
enum { LINE_REQUESTS_MAX = 256 };

static void line_examine(struct lane *lane)
{
        char prefix[WIRE_LINE_MAX];
        int length = snprintf(prefix, sizeof(prefix), WIRE_LINE_REQUEST,
                              (unsigned long long)lane->config.plan->plan.nonce, lane->line_requests);

        if (strncmp(lane->line, prefix, (size_t)length) != 0 || !lane->line[length])
                return;
        lane_read(lane); /* the record that says where the boot services ended came before */
        if (!lane->log_size || lane->deaf || lane->leaving || lane->shut_down)
                return;
        if (lane->line_requests == LINE_REQUESTS_MAX) {
                lane_event(lane, "refused", "more requests over the console than a start can have");
                lane_end_vm(lane);
                return;
        }
        lane_progress(lane);
        lane_request(lane, LINE_REQUEST | lane->line_requests++,
                     (struct bytes){(const uint8_t *)lane->line + length, strlen(lane->line + length)});
}

void lane_hear_line(struct lane *lane, const char *bytes, size_t size)
{
        for (size_t i = 0; i < size && !lane->over; i++) {
                bool end = bytes[i] == '\r' || bytes[i] == '\n', room = lane->line_length + 1 < sizeof(lane->line);

                if (!end && bytes[i] >= 0x20 && bytes[i] < 0x7f && room && !lane->line_broken) {
                        lane->line[lane->line_length++] = bytes[i];
                        continue;
                }
                lane->line[lane->line_length] = 0;
                if (end && !lane->line_broken && lane->line_length)
                        line_examine(lane);
                lane->line_broken = !end; /* too long, or with bytes that no request has: up to its end */
                lane->line_length = 0;
        }
}

int lane_answer_line(struct lane *lane, bool done, const char *text)
{
        char line[WIRE_LINE_MAX];
        int length =
                snprintf(line, sizeof(line), WIRE_LINE_ANSWER "%s\r", (unsigned long long)lane->config.plan->plan.nonce,
                         lane->asked & ~LINE_REQUEST, done, text);

        return lane->config.hypervisor->type(lane->vm, line, (size_t)length);
}
