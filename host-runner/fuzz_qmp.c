/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes may come from a VMM: the client takes them, says that it ended, or waits for more. */
#include "fuzz.h"

#include <sys/socket.h>
#include <unistd.h>

#include "qmp.h"

static void event_ignore(void *context, const char *name, const json_t *data)
{
        unsigned *events = context;

        (void)data;
        fuzz_expect(name != NULL);
        (*events)++;
}

static void reply_ignore(void *context, const json_t *value, const char *error)
{
        (void)context;
        fuzz_expect(value || error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct loop *loop = loop_new();
        unsigned events = 0;
        struct qmp *qmp;
        int pair[2];

        fuzz_expect(loop && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) == 0);
        qmp = qmp_new(loop, pair[0], event_ignore, &events);
        fuzz_expect(qmp != NULL);
        (void)qmp_command(qmp, "query-status", NULL, reply_ignore, NULL);
        for (size_t at = 0; at < size;) {
                ssize_t sent = write(pair[1], data + at, size - at);

                if (sent <= 0)
                        break;
                at += (size_t)sent;
                qmp_drain(qmp);
        }
        close(pair[1]);
        qmp_drain(qmp);
        qmp_free(qmp);
        loop_free(loop);
        return 0;
}
