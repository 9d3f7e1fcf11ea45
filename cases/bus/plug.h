/* SPDX-License-Identifier: BSD-2-Clause */
/* One plug cycle: the host adds a device to an empty slot, the guest powers it, and both take it out again. */
#pragma once

#include "slot.h"

/* What a guest waits for at most: an event, the device's configuration space, its end. */
enum { PLUG_MS = 5000 };

struct plug {
        struct guest *g;
        const char *what; /* "blk" or "net": the runner's word for the device */
        unsigned bus;     /* of those that the host adds devices to, from 0 */
        struct slots slots;
        struct slot *slot; /* where the device turned up; NULL: nowhere */
        bool added;        /* the host has the device: it must be taken out again */
        uint16_t events;   /* Slot Status while the device came */
        void (*arrived)(
                struct plug *p); /* called with the device in the slot, and its events not yet cleared; or NULL */
};

/* True where the machine has no PCIe but Xen's PV bus, which devices come and go on in another way (XEN-06). */
bool plug_is_xen(struct guest *g);

/* True where ACPI announces devices, and not the slot: what _OSC leaves of its control field lacks native hotplug. */
bool plug_is_by_acpi(struct guest *g);

/* True where a hot-pluggable slot with nothing in it was found; its absence is told. */
bool plug_find_slot(struct plug *p);

/* The device is in the slot, and its configuration space answers; what did not happen is the case's failed fact. */
bool plug_in(struct plug *p);

/* What was seen while the device left. */
struct unplugged {
        bool asked; /* the host was ready to remove it; answer tells why not */
        char answer[MAILBOX_TEXT];
        uint16_t events; /* Slot Status as the host asked for the device */
        bool silent;     /* after power-off, configuration space reads all ones */
        bool gone;       /* the host reports the device as deleted; gone_answer tells why not */
        char gone_answer[MAILBOX_TEXT];
};

/* Takes the device out, if there is one, and leaves the ports as they were found. */
void plug_out(struct plug *p, struct unplugged *ret);
