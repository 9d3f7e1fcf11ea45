/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A device that arrives raises the port's legacy interrupt: the port shows it in its Interrupt Status, and the
 * interrupt controller has it pending. A guest that had to poll its slots would see neither.
 */
#include "gic/gic.h"
#include "intx.h"
#include "plug.h"

enum { PIN = 0x3c, STATUS_INTERRUPT = 0x8 };
enum { CAP_MSI = 0x05, CAP_MSIX = 0x11, MSI_ENABLE = 1 << 16 };
#define MSIX_ENABLE (UINT32_C(1) << 31)
enum { GICD_TYPER = 0x4, GICD_ISPENDR = 0x200, GICD_ICPENDR = 0x280, GICD_TYPER_LINES = 31, WORDS = 32, SPINS = 1000 };

/* What was changed in each slot's port, to be put back. */
struct port {
        unsigned pin;
        uint16_t control;
        uint32_t command;
        unsigned msi_at, msix_at; /* of the capabilities, 0: none */
        uint32_t msi, msix;       /* and their first words */
        bool quiet;               /* no interrupt was shown before the device came */
};

struct watch {
        struct plug plug; /* first: plug.c hands it back */
        struct port port[SLOTS_MAX];
        bool shown;                           /* Interrupt Status */
        uint32_t before[WORDS], fresh[WORDS]; /* pending SPIs: as they were, and those that came with the device */
        unsigned words;                       /* of SPIs, 0: no GIC can be read */
};

static bool interrupt_shown(struct guest *g, const struct slot *slot)
{
        return pci_read(g, &slot->port, PCI_COMMAND) >> 16 & STATUS_INTERRUPT;
}

static uint32_t message_off(struct guest *g, const struct pci_function *f, unsigned at, uint32_t enable)
{
        uint32_t word = at ? pci_read(g, f, at) : 0;

        if (word & enable)
                pci_write(f, at, word & ~enable);
        return word;
}

/*
 * Messages off, the slot's own interrupt on. The wire is open where a GIC is there to be looked at: no firmware has
 * enabled its SPI, as no firmware has a driver for hotplug. It is open before the device comes, because a port may let
 * its interrupt go with the next write to its configuration space (QEMU's does).
 */
static void port_arm(struct guest *g, struct slot *slot, bool wire, struct port *port)
{
        const struct pci_function *f = &slot->port;

        port->pin = pci_read(g, f, PIN) >> 8 & 0xff;
        port->msi_at = pci_capability(g, f, CAP_MSI, 0);
        port->msix_at = pci_capability(g, f, CAP_MSIX, 0);
        port->msi = message_off(g, f, port->msi_at, MSI_ENABLE);
        port->msix = message_off(g, f, port->msix_at, MSIX_ENABLE);
        port->command = slot->command;
        slot->command = wire ? slot->command & ~(uint32_t)PCI_COMMAND_NO_INTX : slot->command | PCI_COMMAND_NO_INTX;
        pci_write(f, PCI_COMMAND, slot->command);
        slot_forget_events(g, slot);
        port->control = slot_interrupt(g, slot);
        port->quiet = !interrupt_shown(g, slot);
}

static void port_disarm(struct slot *slot, const struct port *port)
{
        slot->command = port->command;
        pci_write(&slot->port, PCI_COMMAND, slot->command | PCI_COMMAND_MASTER);
        slot_put_control(slot, port->control);
        if (port->msi & MSI_ENABLE)
                pci_write(&slot->port, port->msi_at, port->msi);
        if (port->msix & MSIX_ENABLE)
                pci_write(&slot->port, port->msix_at, port->msix);
}

/* One pass over the SPIs; true where one is pending that was not. */
static bool fresh_look(struct watch *w)
{
        uint64_t gicd = w->plug.g->hw->gicd.base;
        bool any = false;

        for (unsigned i = 1; i < w->words; i++) {
                w->fresh[i] |= mmio_read32(gicd + GICD_ISPENDR + 4 * i) & ~w->before[i];
                any = any || w->fresh[i];
        }
        return any;
}

static void pending_read(struct watch *w)
{
        for (unsigned i = 1; i < w->words; i++)
                w->before[i] = mmio_read32(w->plug.g->hw->gicd.base + GICD_ISPENDR + 4 * i);
}

static void pending_clear(const struct watch *w)
{
        for (unsigned i = 1; i < w->words; i++)
                if (w->fresh[i])
                        mmio_write32(w->plug.g->hw->gicd.base + GICD_ICPENDR + 4 * i, w->fresh[i]);
}

static void device_arrived(struct plug *p)
{
        struct watch *w = (struct watch *)p;

        w->shown = interrupt_shown(p->g, p->slot);
        for (unsigned i = 0; i < SPINS && w->words && !fresh_look(w); i++)
                ;
}

static unsigned spi_words(struct guest *g)
{
        uint32_t typer = 0;

        if (!gic_version(g->hw) || !g->hw->gicd.base || !guest_peek32(g, g->hw->gicd.base + GICD_TYPER, &typer))
                return 0;
        return (typer & GICD_TYPER_LINES) + 1;
}

static uint32_t fresh_first(const struct watch *w)
{
        for (uint32_t id = 32; id < 32 * w->words; id++)
                if (w->fresh[id / 32] >> id % 32 & 1)
                        return id;
        return 0;
}

/* The FDT says which SPI it must be, for a port on the first bus; ACPI says it in AML, which is not run here. */
static void delivery_check(struct watch *w, const struct port *port)
{
        const struct pci_function *f = &w->plug.slot->port;
        struct guest *g = w->plug.g;
        uint32_t unit = (uint32_t)f->bus << 16 | (uint32_t)f->device << 11 | (uint32_t)f->function << 8, want = 0;
        struct intx intx = {f->root, unit, port->pin, g->hw->gic_phandle};
        uint32_t first = fresh_first(w);

        CHECK_SAY(g, first != 0, "an SPI pending in the distributor with the port's interrupt", "SPI %u", first);
        if (strcmp(g->hw->source, "FDT") != 0 || f->bus != g->hw->root[f->root].bus_first)
                return;
        if (CHECK_SAY(g, intx_find(g->evidence->of[EVIDENCE_FDT], &intx, &want),
                      "an interrupt-map that leads the port's pin to the GIC", "%s", want ? "it does" : "none"))
                CHECK_SAY(g, want < 32 * w->words && w->fresh[want / 32] >> want % 32 & 1,
                          "the SPI of the interrupt-map", "SPI %u pending, %u described", first, want);
}

static void arrival_check(struct watch *w, bool answers)
{
        const struct slot *slot = w->plug.slot;
        const struct port *port = &w->port[slot - w->plug.slots.slot];
        struct guest *g = w->plug.g;

        if (!answers)
                return;
        if (!port->pin) {
                SKIP(g, "port %s has no interrupt pin, and where its messages go is the platform's own",
                     slot_name(slot).text);
                return;
        }
        CHECK_SAY(g, port->quiet, "no interrupt before the device comes", "%s", port->quiet ? "none" : "one");
        CHECK_SAY(g, w->shown, "Interrupt Status of the port with the device in it", "pin %u, %s", port->pin,
                  w->shown ? "set" : "not set");
        CHECK_SAY(g, !interrupt_shown(g, slot), "the interrupt ends with the events that raised it", "%s",
                  interrupt_shown(g, slot) ? "it stays" : "it ended");
        if (w->words && w->shown)
                delivery_check(w, port);
}

void guest_hotplug_raises_interrupt(struct guest *g)
{
        static struct watch w;
        struct unplugged out;
        struct slots *slots = &w.plug.slots;

        w = (struct watch){.plug = {.g = g, .what = "blk", .arrived = device_arrived}, .words = spi_words(g)};
        if (!plug_find_slot(&w.plug))
                return;
        for (unsigned i = 0; i < slots->count; i++)
                port_arm(g, &slots->slot[i], w.words != 0, &w.port[i]);
        pending_read(&w);
        arrival_check(&w, plug_in(&w.plug));
        for (unsigned i = 0; i < slots->count; i++)
                port_disarm(&slots->slot[i], &w.port[i]);
        pending_clear(&w);
        plug_out(&w.plug, &out);
}
