/* SPDX-License-Identifier: BSD-2-Clause */
/* A block device and a network device can be added to, used in, and removed from the running machine. */
#include "plug.h"
#include "virtio.h"

/* What the runner gives: a disk of 8 MiB and a network device with this address. */
enum { DISK_SECTORS = 8 * 1024 * 1024 / 512, BLOCK = 512, CYCLES = 10, BUSES_MAX = 8 };
static const uint8_t net_mac[6] = {0x52, 0x54, 0x00, 0x76, 0x6d, 0x73};

/* Device ids: virtio 1.0's, and the one of a transitional device. */
enum { BLOCK_ID = 0x1042, BLOCK_OLD_ID = 0x1001, NET_ID = 0x1041, NET_OLD_ID = 0x1000 };

/* Either bus will do, and the note says which it was; virtio-mmio, which nothing announces, does not count. */
void guest_hotplug_bus_exists(struct guest *g)
{
        bool xen = plug_is_xen(g);
        struct slots slots;

        if (xen) {
                CHECK_SAY(g, xen, "a hot-pluggable bus", "Xen's PV bus");
                return;
        }
        if (!pci_described(g))
                return;
        slots_find(g, &slots);
        NOTE(g, "flavour", "%s", plug_is_by_acpi(g) ? "ACPI" : "native PCIe");
        NOTE_NUMBER(g, "functions", slots.functions);
        NOTE_NUMBER(g, "ports", slots.ports);
        for (unsigned i = 0; i < slots.count; i++)
                NOTE(g, "slot", "PCIe %s, Slot Capabilities 0x%x", slot_name(&slots.slot[i]).text,
                     slots.slot[i].capabilities);
        CHECK_SAY(g, slots.count != 0, "a root or downstream port with Slot Implemented and Hot-Plug Capable",
                  "%u hot-pluggable among %u root and downstream ports", slots.count, slots.ports);
}

void guest_hotplug_slot_is_empty(struct guest *g)
{
        struct plug p = {.g = g};

        if (plug_find_slot(&p))
                NOTE(g, "slot", "PCIe %s", slot_name(&p.slots.slot[0]).text);
}

/* True where what came is a virtio device of one of the two ids that can be talked to. */
static bool device_is(struct plug *p, unsigned id, unsigned old_id, struct virtio *ret)
{
        struct guest *g = p->g;
        uint32_t got = pci_read(g, &p->slot->device, PCI_ID);
        bool known = got == (id << 16 | VIRTIO_VENDOR) || got == (old_id << 16 | VIRTIO_VENDOR);

        return CHECK_SAY(g, known, "the virtio device that the host added", "vendor 0x%04x, device 0x%04x",
                         got & 0xffff, got >> 16) &&
               CHECK(g, virtio_open(g, &p->slot->device, ret) && ret->notify.length && ret->device.length);
}

/* True where the device offers virtio 1.0 and takes the driver's features. */
static bool handshake_held(struct guest *g, struct virtio *v, uint64_t wanted)
{
        uint64_t offered = virtio_negotiate(v, wanted);

        CHECK_SAY(g, (offered & wanted) == wanted, "all of the features that the driver needs are offered",
                  "offered 0x%llx, needed 0x%llx", (unsigned long long)offered, (unsigned long long)wanted);
        return CHECK_EQ(g, virtio_status(v) & VIRTIO_FEATURES_OK, VIRTIO_FEATURES_OK);
}

static void block_expect(uint8_t block[BLOCK], uint64_t nonce)
{
        for (unsigned i = 0; i < BLOCK; i++)
                block[i] = (uint8_t)i;
        memcpy(block, "VMSPEC-HOTPLUG\0", 16);
        wire_put64(block + 16, nonce);
}

static void block_check(struct guest *g, struct virtio *v)
{
        uint8_t got[BLOCK], want[BLOCK];
        const char *why = "it can";
        unsigned at = 0;
        bool read;

        CHECK_EQ(g, virtio_get(v, &v->device, 0, 4), DISK_SECTORS); /* capacity, u64 */
        CHECK_EQ(g, virtio_get(v, &v->device, 4, 4), 0);
        read = virtio_block_read(v, 0, got, &why);
        if (!CHECK_SAY(g, read, "the first block can be read", "%s", why))
                return;
        block_expect(want, g->nonce);
        while (at < BLOCK && got[at] == want[at])
                at++;
        CHECK_SAY(g, at == BLOCK, "the first block is the host's, byte for byte", "%u bytes agree", at);
}

static void block_works(struct guest *g)
{
        struct plug p = {.g = g, .what = "blk"};
        struct unplugged out;
        struct virtio v;

        if (!plug_find_slot(&p))
                return;
        if (plug_in(&p) && device_is(&p, BLOCK_ID, BLOCK_OLD_ID, &v)) {
                if (handshake_held(g, &v, VIRTIO_F_VERSION_1))
                        block_check(g, &v);
                virtio_close(&v);
        }
        plug_out(&p, &out);
}

static void mac_check(struct guest *g, struct virtio *v)
{
        uint8_t mac[6];
        bool same;

        for (unsigned i = 0; i < sizeof(mac); i++)
                mac[i] = (uint8_t)virtio_get(v, &v->device, i, 1);
        same = memcmp(mac, net_mac, sizeof(mac)) == 0;
        CHECK_SAY(g, same, "52:54:00:76:6d:73", "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
                  mac[5]);
}

static void net_works(struct guest *g)
{
        struct plug p = {.g = g, .what = "net"};
        struct unplugged out;
        struct virtio v;

        if (!plug_find_slot(&p))
                return;
        if (plug_in(&p) && device_is(&p, NET_ID, NET_OLD_ID, &v)) {
                if (handshake_held(g, &v, VIRTIO_F_VERSION_1 | VIRTIO_NET_F_MAC))
                        mac_check(g, &v);
                virtio_close(&v);
        }
        plug_out(&p, &out);
}

static void departure_check(struct guest *g, const struct unplugged *out)
{
        if (!g->attended) {
                SUITE_ERROR(g, "%s", out->asked ? out->gone_answer : out->answer);
                return;
        }
        if (!CHECK_SAY(g, out->asked, "the host asks for the device", "%s", out->asked ? "it did" : out->answer))
                return;
        CHECK_SAY(g, out->events != 0, "attention button, presence or link change within 5 s", "Slot Status 0x%x",
                  out->events);
        CHECK_SAY(g, out->silent, "configuration space reads all ones after power-off", "%s",
                  out->silent ? "all ones" : "the device still answers");
        CHECK_SAY(g, out->gone, "the host reports the device as deleted", "%s",
                  out->gone ? "it did" : out->gone_answer);
}

/* One cycle; false where it did not come to its end, which is told. */
static bool cycle_run(struct plug *p)
{
        struct unplugged out;
        bool in;

        if (!plug_find_slot(p))
                return false;
        in = plug_in(p);
        plug_out(p, &out);
        if (in)
                departure_check(p->g, &out);
        return in && out.gone;
}

static bool is_removed(struct guest *g, const char *what)
{
        struct plug p = {.g = g, .what = what};

        return cycle_run(&p);
}

/*
 * Nobody resets the device, and nobody takes its queue back, before it goes. It goes by the attention button all the
 * same: a host that pulls the device without asking is nothing that QEMU's device_del can be told to be.
 */
static void is_removed_in_use(struct guest *g)
{
        struct plug p = {.g = g, .what = "blk"};
        struct unplugged out;
        struct virtio v;
        bool in;

        if (!plug_find_slot(&p))
                return;
        in = plug_in(&p) && device_is(&p, BLOCK_ID, BLOCK_OLD_ID, &v) && handshake_held(g, &v, VIRTIO_F_VERSION_1);
        if (in) {
                block_check(g, &v);
                CHECK_EQ(g, virtio_status(&v) & VIRTIO_DRIVER_OK, VIRTIO_DRIVER_OK);
        }
        plug_out(&p, &out);
        if (in)
                departure_check(g, &out);
}

void guest_hotplug_block_works(struct guest *g)
{
        block_works(g);
}

void guest_hotplug_net_works(struct guest *g)
{
        net_works(g);
}

void guest_hotplug_block_is_removed(struct guest *g)
{
        (void)is_removed(g, "blk");
}

void guest_hotplug_net_is_removed(struct guest *g)
{
        (void)is_removed(g, "net");
}

/* The same after ExitBootServices. -------------------------------------------------------------------------------- */

void guest_hotplug_block_works_at_runtime(struct guest *g)
{
        block_works(g);
}

void guest_hotplug_net_works_at_runtime(struct guest *g)
{
        net_works(g);
}

void guest_hotplug_block_is_removed_at_runtime(struct guest *g)
{
        (void)is_removed(g, "blk");
}

void guest_hotplug_net_is_removed_at_runtime(struct guest *g)
{
        (void)is_removed(g, "net");
}

void guest_hotplug_block_is_removed_in_use(struct guest *g)
{
        is_removed_in_use(g);
}

void guest_hotplug_works_ten_times(struct guest *g)
{
        unsigned cycles = 0;

        while (cycles < CYCLES && is_removed(g, "blk"))
                cycles++;
        NOTE_NUMBER(g, "cycles", cycles);
}

/* Two devices at the same time, each in a slot of its own; both leave. */
static void pair_check(struct guest *g)
{
        struct plug first = {.g = g, .what = "blk"}, second = {.g = g, .what = "net", .bus = 1};
        struct unplugged out;
        bool in, both;

        if (!plug_find_slot(&first))
                return;
        in = plug_in(&first);
        both = in && plug_find_slot(&second) && plug_in(&second);
        if (both)
                CHECK_SAY(g, slot_answers(g, first.slot) && slot_answers(g, second.slot), "both devices answer",
                          "slots %s and %s", slot_name(first.slot).text, slot_name(second.slot).text);
        plug_out(&second, &out);
        if (both)
                departure_check(g, &out);
        plug_out(&first, &out);
        if (in)
                departure_check(g, &out);
}

void guest_hotplug_works_in_every_slot(struct guest *g)
{
        uint64_t buses = 0;

        (void)evidence_number(g->evidence, EVIDENCE_TOLD, "hotplug_buses", &buses);
        if (buses < 2) {
                NOT_APPLICABLE(g, "the machine is declared with %u bus for hotplug", (unsigned)buses);
                return;
        }
        for (unsigned bus = 0; bus < buses && bus < BUSES_MAX; bus++) {
                struct plug p = {.g = g, .what = "blk", .bus = bus};

                if (!cycle_run(&p))
                        return;
                NOTE(g, "slot", "bus %u of the host is slot %s", bus, slot_name(p.slot).text);
        }
        pair_check(g);
}
