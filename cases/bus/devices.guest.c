/* SPDX-License-Identifier: BSD-2-Clause */
/* The virtio devices that the machine was born with, and the first words that a driver says to each. */
#include "plug.h"
#include "virtio.h"

#define WHOLE_STATUS (VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER | VIRTIO_FEATURES_OK)

static void function_count(struct guest *g, const struct pci_function *f, void *context)
{
        unsigned *functions = context;

        (void)g;
        (void)f;
        ++*functions;
}

static void place_list(struct guest *g, const struct virtio_place *place, void *context)
{
        unsigned *devices = context;
        struct virtio v;
        bool modern = place->mmio ? virtio_open_mmio(g, place->mmio, &v) : virtio_find(g, &place->function, &v);

        ++*devices;
        NOTE(g, "virtio", "%s, %s", virtio_name(place).text, modern ? "virtio 1.0" : "legacy");
}

/* That nothing was found proves nothing where PCI could not be looked through: a PC has another way to it than ECAM. */
static void devices_missed(struct guest *g, const char *what)
{
        if (plug_is_xen(g))
                NOT_APPLICABLE(g, "%s: what there is comes by Xen's PV bus", what);
        else if (g->hw->ecams)
                NOT_APPLICABLE(g, "%s", what);
        else
                SKIP(g, "no ECAM is described through which virtio devices could be looked for");
}

/* No kind and no transport has to be there; what the description leads to must be, or the list is nobody's. */
void guest_virtio_devices_are_listed(struct guest *g)
{
        unsigned functions = 0, devices = 0;

        if (g->hw->ecams) {
                pci_walk(g, function_count, &functions);
                CHECK_SAY(g, functions != 0, "functions in the described configuration space", "%u functions",
                          functions);
        }
        virtio_walk(g, place_list, &devices);
        NOTE_NUMBER(g, "virtio devices", devices);
        if (!devices)
                devices_missed(g, "no virtio device is there, and none has to be");
}

/* A driver may take whatever is offered; one that takes as little as it can must be let in as well. */
static void place_greet(struct guest *g, const struct virtio_place *place, void *context)
{
        struct virtio_name name = virtio_name(place);
        unsigned *devices = context;
        uint64_t offered;
        struct virtio v;
        uint8_t status;
        bool modern;

        ++*devices;
        modern = virtio_open_place(g, place, &v);
        if (!CHECK_SAY(g, modern, "a device of virtio 1.0", "%s: %s", name.text, modern ? "it is" : "legacy alone"))
                return;
        CHECK_SAY(g, virtio_reset(&v), "a device that says within 1 s that it is reset", "%s: status 0x%x", name.text,
                  virtio_status(&v));
        offered = virtio_negotiate(&v, UINT64_MAX);
        status = virtio_status(&v);
        if (status != WHOLE_STATUS) {
                (void)virtio_negotiate(&v, VIRTIO_F_VERSION_1 | VIRTIO_F_ACCESS_PLATFORM);
                status = virtio_status(&v);
        }
        CHECK_SAY(g, offered & VIRTIO_F_VERSION_1, "VIRTIO_F_VERSION_1 is offered", "%s: 0x%llx", name.text,
                  (unsigned long long)offered);
        CHECK_SAY(g, status == WHOLE_STATUS, "ACKNOWLEDGE, DRIVER and FEATURES_OK", "%s: status 0x%x", name.text,
                  status);
        CHECK_SAY(g, virtio_reset(&v), "a device that is reset again", "%s: status 0x%x", name.text, virtio_status(&v));
        virtio_close(&v);
}

/* After ExitBootServices every device is free, the boot disk's among them. */
void guest_virtio_devices_shake_hands(struct guest *g)
{
        unsigned devices = 0;

        virtio_walk(g, place_greet, &devices);
        if (!devices)
                devices_missed(g, "the description leads to no virtio device");
}
