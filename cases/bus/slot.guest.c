/* SPDX-License-Identifier: BSD-2-Clause */
/* Slot registers are written as the PCIe base specification has it: an event is cleared only by its own bit. */
#include "slot.h"

/* Registers of the PCI Express capability, and their bits. */
enum { EXPRESS_FLAGS = 0x00, EXPRESS_SLOT_CAPABILITIES = 0x14, EXPRESS_SLOT_CONTROL = 0x18 };
enum { ROOT_PORT = 4, DOWNSTREAM_PORT = 6, SLOT_IMPLEMENTED = 0x100 };
enum { HOT_PLUG_CAPABLE = 0x40, NO_COMMAND_COMPLETED = 0x40000 };
enum { INDICATOR = 0x300, INDICATOR_ON = 0x100, INDICATOR_OFF = 0x300, POWER_OFF = 0x400 };

enum { ATTENTION_ENABLE = 0x1, PRESENCE_ENABLE = 0x8, INTERRUPT_ENABLE = 0x20, LINK_ENABLE = 0x1000 };

enum { COMMAND_MS = 1000 };

static void port_visit(struct guest *g, const struct pci_function *f, void *context)
{
        struct slots *slots = context;
        unsigned express = pci_capability(g, f, PCI_CAP_EXPRESS, 0);
        uint32_t flags = express ? pci_read(g, f, express + EXPRESS_FLAGS) >> 16 : 0;
        unsigned type = flags >> 4 & 15;
        uint32_t buses, capabilities;

        slots->functions++;
        if (f->bus > slots->highest[f->root])
                slots->highest[f->root] = f->bus;
        if (!pci_is_bridge(g, f))
                return;
        buses = pci_read(g, f, PCI_BUSES);
        if ((buses >> 16 & 0xff) > slots->highest[f->root])
                slots->highest[f->root] = (uint8_t)(buses >> 16);
        if (type != ROOT_PORT && type != DOWNSTREAM_PORT)
                return;
        slots->ports++;
        capabilities = pci_read(g, f, express + EXPRESS_SLOT_CAPABILITIES);
        if (!(flags & SLOT_IMPLEMENTED) || !(capabilities & HOT_PLUG_CAPABLE) || slots->count == SLOTS_MAX)
                return;
        slots->slot[slots->count++] = (struct slot){
                .port = *f,
                .device = pci_function_at(g, f->root, buses >> 8 & 0xff, 0, 0),
                .express = express,
                .capabilities = capabilities,
                .command = pci_read(g, f, PCI_COMMAND) & 0xffff,
                .buses = buses,
        };
}

void slots_find(struct guest *g, struct slots *ret)
{
        memset(ret, 0, sizeof(*ret));
        pci_walk(g, port_visit, ret);
}

unsigned slots_keep_empty(struct guest *g, struct slots *slots)
{
        unsigned kept = 0;

        for (unsigned i = 0; i < slots->count; i++) {
                const struct slot *slot = &slots->slot[i];

                if (!(slot_status(g, slot) & SLOT_PRESENT) && !slot_answers(g, slot))
                        slots->slot[kept++] = *slot;
        }
        slots->count = kept;
        return kept;
}

struct slot_name slot_name(const struct slot *slot)
{
        struct slot_name name;

        text_format(name.text, sizeof(name.text), "%02x:%02x.%x", slot->port.bus, slot->port.device,
                    slot->port.function);
        return name;
}

static unsigned secondary_bus(const struct slot *slot)
{
        return slot->buses >> 8 & 0xff;
}

void slot_open(struct guest *g, struct slot *slot, struct slots *of)
{
        const struct hw_root *root = &g->hw->root[slot->port.root];
        uint8_t *highest = &of->highest[slot->port.root];

        if (!secondary_bus(slot) && slot->port.bus == root->bus_first && *highest < root->bus_last) {
                unsigned bus = ++*highest;

                pci_write(&slot->port, PCI_BUSES, (slot->buses & 0xff000000) | bus << 16 | bus << 8 | slot->port.bus);
                slot->device = pci_function_at(g, slot->port.root, bus, 0, 0);
        }
        pci_write(&slot->port, PCI_COMMAND, slot->command | PCI_COMMAND_MASTER);
        slot_forget_events(g, slot);
}

void slot_close(struct guest *g, const struct slot *slot)
{
        slot_forget_events(g, slot);
        pci_write(&slot->port, PCI_COMMAND, slot->command);
        pci_write(&slot->port, PCI_BUSES, slot->buses);
}

/* Slot Control is the lower half of a register whose upper half is Slot Status. */
static uint16_t slot_control(struct guest *g, const struct slot *slot)
{
        return (uint16_t)pci_read(g, &slot->port, slot->express + EXPRESS_SLOT_CONTROL);
}

uint16_t slot_status(struct guest *g, const struct slot *slot)
{
        return (uint16_t)(pci_read(g, &slot->port, slot->express + EXPRESS_SLOT_CONTROL) >> 16);
}

void slot_forget_events(struct guest *g, const struct slot *slot)
{
        pci_write(&slot->port, slot->express + EXPRESS_SLOT_CONTROL,
                  (uint32_t)SLOT_EVENTS << 16 | slot_control(g, slot));
}

void slot_put_control(const struct slot *slot, uint16_t control)
{
        pci_write(&slot->port, slot->express + EXPRESS_SLOT_CONTROL, control);
}

uint16_t slot_interrupt(struct guest *g, const struct slot *slot)
{
        uint16_t control = slot_control(g, slot);

        slot_put_control(slot, control | ATTENTION_ENABLE | PRESENCE_ENABLE | LINK_ENABLE | INTERRUPT_ENABLE);
        return control;
}

struct watch {
        struct guest *g;
        const struct slot *slot;
};

static bool command_completed(void *context)
{
        struct watch *watch = context;

        return slot_status(watch->g, watch->slot) & SLOT_COMMAND_COMPLETED;
}

void slot_power(struct guest *g, const struct slot *slot, bool on)
{
        struct watch watch = {g, slot};
        uint32_t control = slot_control(g, slot) & ~(uint32_t)(INDICATOR | POWER_OFF);

        control |= on ? INDICATOR_ON : INDICATOR_OFF | POWER_OFF;
        pci_write(&slot->port, slot->express + EXPRESS_SLOT_CONTROL,
                  (uint32_t)SLOT_COMMAND_COMPLETED << 16 | slot_control(g, slot));
        pci_write(&slot->port, slot->express + EXPRESS_SLOT_CONTROL, control);
        if (!(slot->capabilities & NO_COMMAND_COMPLETED))
                (void)guest_wait(g, COMMAND_MS, command_completed, &watch);
}

bool slot_answers(struct guest *g, const struct slot *slot)
{
        return slot->device.bus > slot->port.bus && pci_read(g, &slot->device, PCI_ID) != PCI_NOTHING;
}
