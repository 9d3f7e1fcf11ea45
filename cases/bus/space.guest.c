/* SPDX-License-Identifier: BSD-2-Clause */
/* Configuration space has nothing where there is nothing, and no device answers outside of what is described. */
#include "pci.h"
#include "windows.h"

enum { DEVICES = 32, FUNCTIONS = 8, BUSES = 256, LAST_DEVICE = DEVICES - 1, TOLD_MAX = 8 };

/* Absent functions. ----------------------------------------------------------------------------------------------- */

struct scan {
        bool reached[HW_ROOTS][BUSES]; /* buses with functions on them */
        unsigned absent;
        unsigned wrong;
};

static void bus_mark(struct guest *g, const struct pci_function *f, void *context)
{
        struct scan *scan = context;

        (void)g;
        scan->reached[f->root][f->bus] = true;
}

static void wrong_tell(struct guest *g, struct scan *scan, const struct pci_function *f, const char *what,
                       uint32_t value)
{
        if (scan->wrong++ < TOLD_MAX)
                CHECK_SAY(g, false, "all ones, or a function with a vendor", "%02x:%02x.%x: %s0x%x", f->bus, f->device,
                          f->function, what, value);
}

/* Vendor 0 and a vendor of all ones belong to nobody; a function that is absent is so in all of its 4 KiB. */
static void function_scan(struct guest *g, struct scan *scan, const struct pci_function *f)
{
        static const uint16_t offsets[] = {0x04, PCI_CLASS, 0x3c, 0x100, 0xffc};
        uint32_t id = 0, value = 0;

        if (!guest_peek32(g, f->config, &id)) {
                wrong_tell(g, scan, f, "an exception, ", 0);
                return;
        }
        if (id != PCI_NOTHING) {
                if ((id & 0xffff) == 0 || (id & 0xffff) == 0xffff)
                        wrong_tell(g, scan, f, "vendor and device ", id);
                return;
        }
        scan->absent++;
        for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++)
                if (!guest_peek32(g, f->config + offsets[i], &value) || value != PCI_NOTHING) {
                        wrong_tell(g, scan, f, "absent, but further on ", value);
                        return;
                }
}

/* Every function of a bus in use; of the others the corners. */
static void bus_scan(struct guest *g, struct scan *scan, unsigned root, unsigned bus)
{
        unsigned step = scan->reached[root][bus] ? 1 : LAST_DEVICE, deep = scan->reached[root][bus] ? 1 : FUNCTIONS - 1;

        for (unsigned device = 0; device < DEVICES; device += step)
                for (unsigned function = 0; function < FUNCTIONS; function += deep) {
                        struct pci_function f = pci_function_at(g, root, bus, device, function);

                        function_scan(g, scan, &f);
                }
}

void guest_absent_functions_read_all_ones(struct guest *g)
{
        static struct scan scan;

        scan = (struct scan){.absent = 0};
        if (!pci_described(g))
                return;
        pci_walk(g, bus_mark, &scan);
        for (unsigned root = 0; root < pci_roots(g); root++)
                for (unsigned bus = g->hw->root[root].bus_first;
                     bus <= g->hw->root[root].bus_last && pci_root_reachable(&g->hw->root[root]); bus++)
                        bus_scan(g, &scan, root, bus);
        NOTE_NUMBER(g, "absent functions", scan.absent);
        CHECK_EQ(g, scan.wrong, 0);
        CHECK_NE(g, scan.absent, 0);
}

/* BARs. ----------------------------------------------------------------------------------------------------------- */

enum { BAR_IO = 1, BAR_64 = 4, BAR_TYPE = 6, BARS = 6, BRIDGE_BARS = 2 };
enum {
        BRIDGE_IO = 0x1c,
        BRIDGE_MEMORY = 0x20,
        BRIDGE_PREFETCH = 0x24,
        BRIDGE_PREFETCH_HIGH = 0x28,
        BRIDGE_IO_HIGH = 0x30
};

struct space {
        struct window window[HW_ROOTS][WINDOWS_MAX]; /* of the host bridges */
        unsigned windows[HW_ROOTS];
        struct pci_function bridge[HW_ROOTS][BUSES]; /* above a bus; config 0: it hangs on the host bridge */
        unsigned bars;
};

static bool windows_hold(const struct window *windows, unsigned count, const struct window *what)
{
        for (unsigned i = 0; i < count; i++)
                if (windows[i].io == what->io && windows[i].base <= what->base && what->last <= windows[i].last)
                        return true;
        return false;
}

/* The windows that a bridge opens: I/O, memory, prefetchable memory; returns how many are open. */
static unsigned bridge_windows(struct guest *g, const struct pci_function *f, struct window to[3])
{
        uint32_t io = pci_read(g, f, BRIDGE_IO), io_high = (io & 15) == 1 ? pci_read(g, f, BRIDGE_IO_HIGH) : 0;
        uint32_t memory = pci_read(g, f, BRIDGE_MEMORY), prefetch = pci_read(g, f, BRIDGE_PREFETCH);
        bool wide = (prefetch & 15) == 1;
        uint64_t high = wide ? pci_read(g, f, BRIDGE_PREFETCH_HIGH) : 0;
        uint64_t limit = wide ? pci_read(g, f, BRIDGE_PREFETCH_HIGH + 4) : 0;
        const struct window all[] = {
                {(io & 0xf0) << 8 | io_high << 16, (io & 0xf000) | 0xfff | (io_high & 0xffff0000), true},
                {(uint64_t)(memory & 0xfff0) << 16, (memory & 0xfff00000) | 0xfffff, false},
                {(uint64_t)(prefetch & 0xfff0) << 16 | high << 32, (prefetch & 0xfff00000) | 0xfffff | limit << 32,
                 false},
        };
        unsigned count = 0;

        for (unsigned i = 0; i < 3; i++)
                if (all[i].base < all[i].last)
                        to[count++] = all[i];
        return count;
}

/* True where the range lies in one window of the bridge above the bus. */
static bool range_passes(struct guest *g, const struct space *space, const struct pci_function *f,
                         const struct window *range)
{
        const struct pci_function *above = &space->bridge[f->root][f->bus];
        struct window open[3];

        if (!above->config)
                return windows_hold(space->window[f->root], space->windows[f->root], range);
        return windows_hold(open, bridge_windows(g, above, open), range);
}

static void range_check(struct guest *g, const struct space *space, const struct pci_function *f, const char *what,
                        const struct window *range)
{
        CHECK_SAY(g, range_passes(g, space, f, range), "inside a window of the bridge above",
                  "%02x:%02x.%x %s: %s 0x%llx to 0x%llx", f->bus, f->device, f->function, what,
                  range->io ? "I/O" : "memory", (unsigned long long)range->base, (unsigned long long)range->last);
}

/* The address bits that a BAR register takes. Its function decodes nothing meanwhile. */
static uint32_t bar_mask(struct guest *g, const struct pci_function *f, unsigned at)
{
        uint32_t before = pci_read(g, f, at), mask;

        pci_write(f, at, UINT32_MAX);
        mask = pci_read(g, f, at);
        pci_write(f, at, before);
        return mask;
}

/* One BAR, of one register or two; returns how many they are. */
static unsigned bar_check(struct guest *g, struct space *space, const struct pci_function *f, unsigned index,
                          uint32_t command)
{
        unsigned at = PCI_BAR + 4 * index;
        uint32_t low = pci_read(g, f, at), low_mask = bar_mask(g, f, at);
        bool io = low_mask & BAR_IO, wide = !io && (low_mask & BAR_TYPE) == BAR_64 && index + 1 < BARS;
        uint32_t flags = io ? 3 : 15;
        uint64_t base = low & ~flags, mask = low_mask & ~flags;
        struct window range;

        if (wide) {
                base |= (uint64_t)pci_read(g, f, at + 4) << 32;
                mask |= (uint64_t)bar_mask(g, f, at + 4) << 32;
        }
        if (!mask || !(command & (io ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY)))
                return 1 + wide;
        space->bars++;
        mask &= ~mask + 1; /* its lowest bit is the size */
        range = (struct window){base, base + (mask - 1), io};
        CHECK_SAY(g, (base & (mask - 1)) == 0, "aligned to its size", "%02x:%02x.%x BAR %u: 0x%llx, size 0x%llx",
                  f->bus, f->device, f->function, index, (unsigned long long)base, (unsigned long long)mask);
        range_check(g, space, f, "BAR", &range);
        return 1 + wide;
}

static void function_check(struct guest *g, const struct pci_function *f, void *context)
{
        struct space *space = context;
        uint32_t command = pci_read(g, f, PCI_COMMAND) & 0xffff;
        bool bridge = pci_is_bridge(g, f);
        struct window open[3];

        pci_write(f, PCI_COMMAND, command & ~(uint32_t)(PCI_COMMAND_IO | PCI_COMMAND_MEMORY));
        for (unsigned i = 0; i < (bridge ? BRIDGE_BARS : BARS);)
                i += bar_check(g, space, f, i, command);
        pci_write(f, PCI_COMMAND, command);
        if (!bridge)
                return;
        space->bridge[f->root][pci_read(g, f, PCI_BUSES) >> 8 & 0xff] = *f;
        for (unsigned i = bridge_windows(g, f, open); i-- > 0;)
                if (command & (open[i].io ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY))
                        range_check(g, space, f, "window", &open[i]);
}

/* After ExitBootServices: a BAR tells its size only while nobody uses it. */
void guest_bars_lie_in_windows(struct guest *g)
{
        static struct space space;

        memset(&space, 0, sizeof(space));
        if (!pci_described(g))
                return;
        for (unsigned root = 0; root < pci_roots(g); root++) {
                space.windows[root] = windows_read(g->evidence, g->hw, root, space.window[root]);
                CHECK_SAY(g, space.windows[root] != 0, "windows of the host bridge", "%u by the %s",
                          space.windows[root], g->hw->source);
        }
        pci_walk(g, function_check, &space);
        NOTE_NUMBER(g, "BARs", space.bars);
        if (!space.bars)
                NOT_APPLICABLE(g, "no function decodes a BAR after ExitBootServices");
}
