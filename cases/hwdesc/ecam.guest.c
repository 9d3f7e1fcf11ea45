/* SPDX-License-Identifier: BSD-2-Clause */
/* The described configuration space shows the functions that the firmware found, at the addresses it found them at. */
#include "bus/pci.h"

#include <efipciio.h>

#include "tree.h"

enum { FUNCTIONS_MAX = 64, NON_PREFETCHABLE_32 = 2 };

static EFI_GUID pci_io_guid = EFI_PCI_IO_PROTOCOL_GUID;

/*
 * One function, by the firmware's own access and by the described one. Host bridges of an FDT that gives them no domain
 * may have the same buses: then any of them will do.
 */
static void function_compare(struct guest *g, EFI_PCI_IO_PROTOCOL *io)
{
        UINTN segment = 0, bus = 0, device = 0, function = 0;
        uint32_t firmware = 0, described = 0;
        bool same = false, any = false;

        if (EFI_ERROR(io->GetLocation(io, &segment, &bus, &device, &function)) ||
            EFI_ERROR(io->Pci.Read(io, EfiPciIoWidthUint32, 0, 1, &firmware)))
                return;
        for (unsigned i = 0; i < pci_roots(g) && !same; i++) {
                struct pci_function f = pci_function_at(g, i, (unsigned)bus, (unsigned)device, (unsigned)function);
                const struct hw_root *root = &g->hw->root[i];

                if (root->segment != segment || bus < root->bus_first || bus > root->bus_last)
                        continue;
                any = true;
                same = guest_peek32(g, f.config, &described) && described == firmware;
        }
        CHECK_SAY(g, same, "the vendor and device that the firmware reads", "%u:%02x:%02x.%x: %s0x%x, firmware 0x%x",
                  (unsigned)segment, (unsigned)bus, (unsigned)device, (unsigned)function,
                  any ? "" : "on no described bus, ", described, firmware);
}

/* Firmware may tell of no functions at all: that one of the bridges answers for itself is seen without it. */
static void bridges_check(struct guest *g)
{
        uint32_t bridge = PCI_NOTHING;

        for (unsigned i = 0; i < pci_roots(g) && bridge == PCI_NOTHING; i++) {
                struct pci_function first = pci_function_at(g, i, g->hw->root[i].bus_first, 0, 0);

                bridge = pci_read(g, &first, PCI_ID);
        }
        CHECK_SAY(g, bridge != PCI_NOTHING, "a host bridge at a first bus, device 0", "0x%x", bridge);
}

static void functions_compare(struct guest *g)
{
        EFI_HANDLE *handles = NULL;
        UINTN count = 0;

        if (EFI_ERROR(g->bs->LocateHandleBuffer(ByProtocol, &pci_io_guid, NULL, &count, &handles)))
                count = 0;
        for (UINTN i = 0; i < count && i < FUNCTIONS_MAX; i++) {
                void *io = NULL;

                if (!EFI_ERROR(g->bs->HandleProtocol(handles[i], &pci_io_guid, &io)) && io)
                        function_compare(g, io);
        }
        if (handles)
                (void)g->bs->FreePool(handles);
        NOTE_NUMBER(g, "functions that the firmware has", count);
}

/* Each bridge of the FDT: a non-prefetchable 32-bit window among its ranges of 7 cells. */
static void windows_check(struct guest *g)
{
        struct bytes fdt = g->evidence->of[EVIDENCE_FDT];
        struct tree tree;
        unsigned hosts = 0;

        if (!tree_begin(&tree, fdt))
                return;
        while (tree_next(&tree) && hosts < HW_ROOTS) {
                struct bytes ranges = tree_property(fdt.data, tree_node(&tree), "ranges");
                bool found = false;

                if (!tree_is(fdt.data, tree_node(&tree), "pci-host-ecam-generic") ||
                    !tree_enabled(fdt.data, tree_node(&tree)))
                        continue;
                for (size_t at = 0; at + 28 <= ranges.size; at += 28)
                        found = found || (tree_number(ranges.data + at, 1) >> 24 & 0x43) == NON_PREFETCHABLE_32;
                CHECK_SAY(g, found, "a non-prefetchable 32-bit window in ranges", "bridge %u: %u bytes of ranges",
                          hosts++, (unsigned)ranges.size);
        }
}

/* True where the bridge's buses fit and can be reached; else the case is told why not. */
static bool root_is_usable(struct guest *g, unsigned number)
{
        const struct hw_root *root = &g->hw->root[number];
        uint64_t buses = (uint64_t)root->bus_last + 1 - root->bus_first;

        if (!CHECK_LE(g, root->bus_first, root->bus_last) ||
            !CHECK_SAY(g, root->ecam.size >= buses << 20, "1 MiB for each bus of the range",
                       "bridge %u: 0x%llx bytes for %u buses", number, (unsigned long long)root->ecam.size,
                       (unsigned)buses))
                return false;
        if (!pci_root_reachable(root))
                SKIP(g, "the ECAM at 0x%llx is out of this execution state's reach",
                     (unsigned long long)root->ecam.base);
        return pci_root_reachable(root);
}

void guest_ecam_shows_functions_of_firmware(struct guest *g)
{
        bool usable = true;

        if (!g->hw->source || !g->hw->ecams) {
                NOT_APPLICABLE(g, "no PCI root with ECAM is described");
                return;
        }
        for (unsigned i = 0; i < pci_roots(g); i++)
                usable = root_is_usable(g, i) && usable;
        if (!usable)
                return;
        bridges_check(g);
        functions_compare(g);
        windows_check(g);
}
