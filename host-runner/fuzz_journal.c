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
#include "scratch.h"
#include "verdicts.h"

enum { JOURNAL_MAX = 256 * 1024 };

/* A catalogue that a line names becomes this one, or an input would be good for one version only. */
static void catalogue_repair(char *line)
{
        static const char key[] = "\"catalogue\":\"0x";
        char *at = strstr(line, key), hash[17];

        snprintf(hash, sizeof(hash), "%016llx", (unsigned long long)catalogue_hash);
        if (at && strlen(at) > sizeof(key) + 16)
                memcpy(at + sizeof(key) - 1, hash, 16);
}

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
                        catalogue_repair(line);
                        fprintf(to, "%s,\"crc\":\"%08x\"}\n", line,
                                crc32_update(crc32_update(0, line, strlen(line)), "}", 1));
                        n++;
                }
                free(line);
                at += length + 1;
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static struct scratch folder;
        static char path[PATH_MAX + 16];
        struct ledger ledger = {.profile = PROFILE_VMSPEC_2_0};
        char error[600] = "";
        static FILE *nowhere;
        FILE *to;

        if (size > JOURNAL_MAX)
                return 0;
        if (!*path) {
                fuzz_expect(setenv("TMPDIR", "/dev/shm", 1) == 0 && scratch_make(&folder, "fuzz") == 0);
                snprintf(path, sizeof(path), "%s/journal.jsonl", folder.path);
                nowhere = fopen("/dev/null", "we");
                fuzz_expect(nowhere != NULL);
        }
        to = fopen(path, "we");
        fuzz_expect(to != NULL);
        if (size && data[0] == '{')
                lines_write(to, data, size);
        else
                (void)fwrite(data, 1, size, to);
        fclose(to);
        if (verdicts_read(folder.path, &ledger, error, sizeof(error)))
                fuzz_expect(*error);
        if (ledger.subjects) /* in one format, so that none costs the others' time; without a subject all are alike */
                (void)report_write(&ledger, (enum format)(size % FORMAT_COUNT), nowhere);
        ledger_free(&ledger);
        return 0;
}
