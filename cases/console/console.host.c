/* SPDX-License-Identifier: BSD-2-Clause */
/* The bytes that came out of the VM are those that the guest wrote. */
#include <stdlib.h>

#include "console.h"
#include "host.h"

/* True where the text stands in the lane's console output, escape sequences left out. */
static bool console_shows(struct host *h, const char *text)
{
        char *plain = console_plain(h->history->console);
        bool shows = plain && strstr(plain, text);

        free(plain);
        return CHECK_SAY(h, shows, text, "%s",
                         shows ? "found in the console output" : "not found in the console output");
}

void host_console_carries_output(struct host *h)
{
        char token[40];

        text_format(token, sizeof(token), "VMSPEC-CONSOLE-%016llx", (unsigned long long)h->history->nonce);
        console_shows(h, token);
}

void host_conout_is_byte_exact(struct host *h)
{
        for (unsigned third = 0; third < 3; third++) {
                char line[128];
                size_t at = text_format(line, sizeof(line), "VMSPEC-CONOUT-%u-%016llx:", third,
                                        (unsigned long long)h->history->nonce);

                for (unsigned c = 0x20 + third * 0x20; c < 0x40 + third * 0x20 && c < 0x7f; c++)
                        line[at++] = (char)c;
                line[at++] = '\n';
                line[at] = 0;
                console_shows(h, line);
        }
}

void host_uart_meets_sbsa_minimum(struct host *h)
{
        char token[40];

        text_format(token, sizeof(token), "VMSPEC-UART-%016llx", (unsigned long long)h->history->nonce);
        console_shows(h, token);
}

void host_one_console_is_named(struct host *h)
{
        char token[48];
        uint64_t lines;

        if (!host_noted(h, 1, "lines written", &lines)) {
                NOT_APPLICABLE(h, "the guest wrote nothing that could be compared");
                return;
        }
        text_format(token, sizeof(token), "VMSPEC-SAME-CONOUT-%016llx", (unsigned long long)h->history->nonce);
        console_shows(h, token);
        text_format(token, sizeof(token), "VMSPEC-SAME-UART-%016llx", (unsigned long long)h->history->nonce);
        console_shows(h, token);
}
