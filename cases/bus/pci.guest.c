/* SPDX-License-Identifier: BSD-2-Clause */
/* The walk is bounded by the described bus range, and follows a bridge only to a bus above its own. */
#include "pci.h"

#include "aml.h"
#include "plug.h"

enum { DEVICES = 32, FUNCTIONS = 8, BUSES = 256, CAPABILITIES_MAX = 48, MULTIFUNCTION = 0x80 };

unsigned pci_roots(const struct guest *g)
{
        return g->hw->ecams < HW_ROOTS ? g->hw->ecams : HW_ROOTS;
}

bool pci_root_reachable(const struct hw_root *root)
{
        return root->ecam.size && root->ecam.base <= UINTPTR_MAX &&
               root->ecam.size - 1 <= UINTPTR_MAX - root->ecam.base;
}

bool pci_described(struct guest *g)
{
        const struct hw *hw = g->hw;
        bool described = false, reachable = false;

        if (plug_is_xen(g)) {
                NOT_APPLICABLE(g, "no PCIe is described: the hot-pluggable bus is Xen's PV bus");
                return false;
        }
        for (unsigned i = 0; i < pci_roots(g); i++) {
                described = described || hw->root[i].ecam.size;
                reachable = reachable || pci_root_reachable(&hw->root[i]);
        }
        if (!CHECK_SAY(g, hw->source && described, "an ECAM in MCFG or a pci-host-ecam-generic node", "%s",
                       described ? hw->source : "no PCIe described"))
                return false;
        if (!reachable)
                SKIP(g, "the ECAM at 0x%llx is out of the application's reach",
                     (unsigned long long)hw->root[0].ecam.base);
        return reachable;
}

struct pci_function pci_function_at(const struct guest *g, unsigned root, unsigned bus, unsigned device,
                                    unsigned function)
{
        const struct hw_root *at = &g->hw->root[root];
        struct pci_function f = {
                .config = at->ecam.base + ((uint64_t)(bus - at->bus_origin) << 20 | device << 15 | function << 12),
                .root = (uint8_t)root,
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

static void device_walk(struct guest *g, struct pci_function at, bool reached[BUSES], pci_visit *visit, void *context)
{
        unsigned functions = 1;

        for (unsigned function = 0; function < functions; function++) {
                struct pci_function f = pci_function_at(g, at.root, at.bus, at.device, function);

                if (pci_read(g, &f, PCI_ID) == PCI_NOTHING)
                        continue;
                if (header_type(g, &f) & MULTIFUNCTION)
                        functions = FUNCTIONS;
                if (pci_is_bridge(g, &f))
                        reached[pci_read(g, &f, PCI_BUSES) >> 8 & 0xff] = true;
                visit(g, &f, context);
        }
}

static void root_walk(struct guest *g, unsigned index, pci_visit *visit, void *context)
{
        const struct hw_root *root = &g->hw->root[index];
        bool reached[BUSES] = {false};

        if (!pci_root_reachable(root))
                return;
        if (root->segment == 0)
                aml_root_buses(g->evidence->of[EVIDENCE_ACPI], reached);
        reached[root->bus_first] = true;
        for (unsigned bus = root->bus_first; bus <= root->bus_last; bus++)
                for (unsigned device = 0; device < DEVICES && reached[bus]; device++)
                        device_walk(g, pci_function_at(g, index, bus, device, 0), reached, visit, context);
}

void pci_walk(struct guest *g, pci_visit *visit, void *context)
{
        for (unsigned i = 0; i < pci_roots(g); i++)
                root_walk(g, i, visit, context);
}
