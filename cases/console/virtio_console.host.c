/* SPDX-License-Identifier: BSD-2-Clause */
/* What the guest put into the queue came out of a character device on the host. */
#include "host.h"

enum { HEARD_MAX = 4096 };

/* The runner says when a VM starts that it listens; that may be in a boot before. */
static bool is_heard(const struct host *h)
{
        for (size_t i = 0; i < h->history->events; i++)
                if (strcmp(h->history->event[i].name, "virtio-console") == 0)
                        return true;
        return false;
}

static void heard_gather(const struct host *h, char to[HEARD_MAX])
{
        const struct history_event *event = NULL;
        size_t length = 0;

        to[0] = 0;
        while ((event = host_event(h, h->boot_of_part[1], "virtio-console", event)))
                length += text_copy(to + length, HEARD_MAX - length, event->text);
}

void host_virtio_console_carries_output(struct host *h)
{
        static char heard[HEARD_MAX];
        uint64_t consoles = 0;
        bool any = false;

        if (!host_noted(h, 1, "virtio consoles", &consoles) || !consoles)
                return; /* the guest half says why */
        if (!is_heard(h)) {
                SKIP(h, "no virtio-console of the machine writes to the chardev \"virtio-console\", which the runner "
                        "hears");
                return;
        }
        heard_gather(h, heard);
        for (unsigned i = 1; i <= consoles && i <= 8; i++) {
                char token[48];

                text_format(token, sizeof(token), "VMSPEC-VIRTIO-%u-%016llx", i, (unsigned long long)h->history->nonce);
                any = any || strstr(heard, token);
        }
        CHECK_SAY(h, any, "the guest's line at the host's end of the virtio-console", "%s",
                  any ? "it came" : "it did not come");
}
