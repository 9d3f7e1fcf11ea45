/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Devices come and go on Xen's PV bus: the toolstack writes them into xenstore, and takes them out when the guest's
 * side has said that it is done with them. They are not used here: what they carry is for their backends to show.
 */
#include "guest.h"
#include "store.h"

/* As io/xenbus.h numbers a device's states. */
#define INITIALISING "1"
#define INIT_WAIT "2"
#define CONNECTED "4"
#define CLOSING "5"
#define CLOSED "6"

/* The runner attaches xvdp, whose number is 202 << 8 | 15 << 4, and the only network device. */
enum { WAIT_MS = 5000, PATH = XEN_STORE_VALUE + 40 };

struct device {
        struct xen_store store;
        const char *what, *path;
        char backend[XEN_STORE_VALUE]; /* where the other side is */
        char state[XEN_STORE_VALUE];
};

static bool device_read(struct device *d, const char *name, char ret[XEN_STORE_VALUE])
{
        char path[PATH];

        text_format(path, sizeof(path), "%s/%s", d->path, name);
        return xen_store_read(&d->store, path, ret);
}

static void backend_look(struct device *d)
{
        char path[PATH];

        text_format(path, sizeof(path), "%s/state", d->backend);
        if (!xen_store_read(&d->store, path, d->state))
                text_copy(d->state, sizeof(d->state), "none");
}

static bool backend_waits(void *context)
{
        struct device *d = context;

        backend_look(d);
        return strcmp(d->state, INIT_WAIT) == 0 || strcmp(d->state, CONNECTED) == 0;
}

static bool backend_closes(void *context)
{
        struct device *d = context;

        backend_look(d);
        return strcmp(d->state, CLOSING) == 0;
}

/* True where the host says that it has added the device. */
static bool is_attached(struct guest *g, const char *what)
{
        char answer[MAILBOX_TEXT];
        bool attached;

        if (!g->attended) {
                SKIP(g, "nobody answers requests: the host cannot be asked for a device");
                return false;
        }
        attached = guest_ask(g, answer, "plug %s", what);
        if (!g->attended) {
                SUITE_ERROR(g, "%s", answer);
                return false;
        }
        return CHECK_SAY(g, attached, "the host attaches the device", "%s", attached ? "attached" : answer);
}

/* What there is to be seen of it in xenstore, from the guest's own place. */
static bool is_seen(struct guest *g, struct device *d)
{
        char state[XEN_STORE_VALUE];
        bool seen = device_read(d, "state", state) && device_read(d, "backend", d->backend), waits;

        if (!CHECK_SAY(g, seen, "state and backend of the device are in xenstore", "%s: %s", d->path,
                       seen ? "there" : "not there"))
                return false;
        CHECK_SAY(g, strcmp(state, INITIALISING) == 0, "state 1 (Initialising) of the guest's side", "%s", state);
        waits = guest_wait(g, WAIT_MS, backend_waits, d);
        return CHECK_SAY(g, waits, "state 2 (InitWait) or 4 (Connected) of the other side within 5 s", "%s", d->state);
}

/* The toolstack asks, the guest agrees, and the device is no more. */
static void is_detached(struct guest *g, struct device *d)
{
        char answer[MAILBOX_TEXT], path[PATH], left[XEN_STORE_VALUE];
        bool asked = guest_ask(g, answer, "unplug %s", d->what), closes, gone;

        if (!CHECK_SAY(g, asked, "the host asks for the device", "%s", asked ? "it did" : answer) || !*d->backend)
                return;
        closes = guest_wait(g, WAIT_MS, backend_closes, d);
        CHECK_SAY(g, closes, "state 5 (Closing) of the other side within 5 s", "%s", d->state);
        text_format(path, sizeof(path), "%s/state", d->path);
        CHECK(g, xen_store_write(&d->store, path, CLOSED));
        gone = guest_ask(g, answer, "gone %s", d->what);
        CHECK_SAY(g, gone, "the host reports the device as detached", "%s", gone ? "it did" : answer);
        gone = !device_read(d, "state", left);
        CHECK_SAY(g, gone, "nothing of the device in xenstore", "%s", gone ? "nothing" : left);
}

static bool device_begin(struct guest *g, struct device *d)
{
        char left[XEN_STORE_VALUE];
        bool found = xen_store_find(g, &d->store), read;

        if (!CHECK_SAY(g, found, "HVM_PARAM_STORE_PFN and _EVTCHN", "%s", found ? "there" : "none"))
                return false;
        read = xen_store_read(&d->store, "domid", left);
        return CHECK_SAY(g, read, "xenstore answers with the guest's number", "%s", read ? left : "no answer");
}

void guest_xen_block_is_attached_and_detached(struct guest *g)
{
        struct device d = {.what = "blk", .path = "device/vbd/51952"};

        if (!device_begin(g, &d) || !is_attached(g, d.what))
                return;
        (void)is_seen(g, &d);
        is_detached(g, &d);
}

void guest_xen_network_is_attached_and_detached(struct guest *g)
{
        struct device d = {.what = "net", .path = "device/vif/0"};
        char mac[XEN_STORE_VALUE];

        if (!device_begin(g, &d) || !is_attached(g, d.what))
                return;
        if (is_seen(g, &d)) {
                (void)device_read(&d, "mac", mac);
                CHECK_SAY(g, strcmp(mac, "52:54:00:76:6d:73") == 0, "52:54:00:76:6d:73", "%s", mac);
        }
        is_detached(g, &d);
}
