/* SPDX-License-Identifier: BSD-2-Clause */
/* The walk is bounded by the described bus range, and follows a bridge only to a bus above its own. */
#include "pci.h"

enum { DEVICES = 32, FUNCTIONS = 8, BUSES = 256, CAPABILITIES_MAX = 48, MULTIFUNCTION = 0x80 };

bool pci_described(struct guest *g)
{
        const struct hw *hw = g->hw;

        bool described = hw->source && hw->ecam.size;

        if (!CHECK_SAY(g, described, "an ECAM in MCFG or a pci-host-ecam-generic node", "%s",
                       described ? hw->source : "no PCIe described"))
                return false;
        if (hw->ecam.base <= UINTPTR_MAX && hw->ecam.size - 1 <= UINTPTR_MAX - hw->ecam.base)
                return true;
        SKIP(g, "the ECAM at 0x%llx is out of the application's reach", (unsigned long long)hw->ecam.base);
        return false;
}

/* MCFG gives the address of bus 0, the device-tree binding that of the first bus of bus-range. */
struct pci_function pci_function_at(const struct guest *g, unsigned bus, unsigned device, unsigned function)
{
        unsigned origin = strcmp(g->hw->source, "ACPI") == 0 ? 0 : g->hw->bus_first;
        struct pci_function f = {
                .config = g->hw->ecam.base + ((uint64_t)(bus - origin) << 20 | device << 15 | function << 12),
                .bus = (uint8_t)bus,
                .device = (uint8_t)device,
                .function = (uint8_t)function,
        };

        return f;
}

uint32_t pci_read(struct guest *g, const struct pci_function *f, unsigned offset)
{
        uint32_t value = PCI_NOTHING;

        (void)guest_peek32(g, f->config + offset, &value);
        return value;
}

void pci_write(const struct pci_function *f, unsigned offset, uint32_t value)
{
        mmio_write32(f->config + offset, value);
}

static uint8_t header_type(struct guest *g, const struct pci_function *f)
{
        return (uint8_t)(pci_read(g, f, PCI_HEADER) >> 16);
}

bool pci_is_bridge(struct guest *g, const struct pci_function *f)
{
        return (header_type(g, f) & ~MULTIFUNCTION) == PCI_BRIDGE;
}

unsigned pci_capability(struct guest *g, const struct pci_function *f, unsigned id, unsigned after)
{
        unsigned at = after ? pci_read(g, f, after) >> 8 : pci_read(g, f, PCI_CAPABILITIES);

        for (unsigned i = 0; i < CAPABILITIES_MAX && (at & 0xfc) >= 0x40; i++) {
                uint32_t head = pci_read(g, f, at & 0xfc);

                if ((head & 0xff) == id)
                        return at & 0xfc;
                at = head >> 8;
        }
        return 0;
}

static void device_walk(struct guest *g, unsigned bus, unsigned device, bool reached[BUSES], pci_visit *visit,
                        void *context)
{
        unsigned functions = 1;

        for (unsigned function = 0; function < functions; function++) {
                struct pci_function f = pci_function_at(g, bus, device, function);

                if (pci_read(g, &f, PCI_ID) == PCI_NOTHING)
                        continue;
                if (header_type(g, &f) & MULTIFUNCTION)
                        functions = FUNCTIONS;
                if (pci_is_bridge(g, &f))
                        reached[pci_read(g, &f, PCI_BUSES) >> 8 & 0xff] = true;
                visit(g, &f, context);
        }
}

void pci_walk(struct guest *g, pci_visit *visit, void *context)
{
        bool reached[BUSES] = {false};

        for (unsigned bus = g->hw->bus_first; bus <= g->hw->bus_last; bus++)
                for (unsigned device = 0; device < DEVICES && (reached[bus] || bus == g->hw->bus_first); device++)
                        device_walk(g, bus, device, reached, visit, context);
}
