/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes may be a journal, forged line by line with right CRCs: its verdicts are those of the ledger, or an error.
 */
#include "fuzz.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "crc32.h"
#include "ledger.h"
#include "report.h"
#include "verdicts.h"

enum { JOURNAL_MAX = 256 * 1024 };

/* Each line that is an object becomes {"n":N,<its members>,"crc":"..."}: numbers and CRCs are not what is fuzzed. */
static void lines_write(FILE *to, const uint8_t *data, size_t size)
{
        unsigned n = 0;

        for (size_t at = 0; at < size;) {
                const uint8_t *end = memchr(data + at, '\n', size - at);
                size_t length = end ? (size_t)(end - data) - at : size - at;
                char *line = NULL;
                int made = -1;

                if (length > 2 && data[at] == '{' && data[at + length - 1] == '}')
                        made = asprintf(&line, "{\"n\":%u,%.*s", n, (int)(length - 2), (const char *)data + at + 1);
                if (made > 0) {
                        fprintf(to, "%s,\"crc\":\"%08x\"}\n", line, crc32_update(0, line, strlen(line)));
                        n++;
                }
                free(line);
                at += length + 1;
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static char folder[] = "/dev/shm/vmspec-fuzz-XXXXXX", path[64];
        struct ledger ledger = {.profile = PROFILE_VMSPEC_2_0};
        char error[600] = "";
        FILE *to, *nowhere;

        if (size > JOURNAL_MAX)
                return 0;
        if (!*path) {
                fuzz_expect(mkdtemp(folder) != NULL);
                snprintf(path, sizeof(path), "%s/journal.jsonl", folder);
        }
        to = fopen(path, "we");
        fuzz_expect(to != NULL);
        if (size && data[0] == '{')
                lines_write(to, data, size);
        else
                (void)fwrite(data, 1, size, to);
        fclose(to);
        if (verdicts_read(folder, &ledger, error, sizeof(error)))
                fuzz_expect(*error);
        nowhere = fopen("/dev/null", "we");
        for (int format = 0; nowhere && format < FORMAT_COUNT; format++)
                (void)report_write(&ledger, format, nowhere);
        if (nowhere)
                fclose(nowhere);
        ledger_free(&ledger);
        return 0;
}
