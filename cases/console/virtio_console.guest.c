/* SPDX-License-Identifier: BSD-2-Clause */
/* A driver as small as can be: no feature but virtio 1.0's, and the transmit queue of the first port. */
#include "bus/virtio.h"
#include "guest.h"

enum { TRANSMIT = 1 };

static void place_write(struct guest *g, const struct virtio_place *place, void *context)
{
        static char line[48];
        struct virtio_buffer buffer = {.at = line};
        unsigned *consoles = context;
        const char *why = "it can";
        struct virtio v;
        bool used;

        if (place->type != VIRTIO_CONSOLE)
                return;
        ++*consoles;
        if (!CHECK(g, virtio_open_place(g, place, &v)))
                return;
        buffer.size = (uint32_t)text_format(line, sizeof(line), "VMSPEC-VIRTIO-%u-%016llx\n", *consoles,
                                            (unsigned long long)g->nonce);
        (void)virtio_negotiate(&v, VIRTIO_F_VERSION_1 | VIRTIO_F_ACCESS_PLATFORM);
        if (CHECK_EQ(g, virtio_status(&v) & VIRTIO_FEATURES_OK, VIRTIO_FEATURES_OK)) {
                used = virtio_use(&v, TRANSMIT, &buffer, 1, &why);
                CHECK_SAY(g, used, "the buffer is taken from the queue", "%s: %s", virtio_name(place).text, why);
        }
        virtio_close(&v);
}

void guest_virtio_console_carries_output(struct guest *g)
{
        unsigned consoles = 0;

        virtio_walk(g, place_write, &consoles);
        NOTE_NUMBER(g, "virtio consoles", consoles);
        if (!consoles)
                NOT_APPLICABLE(g, "no virtio device of type 3 is described or enumerated");
}
