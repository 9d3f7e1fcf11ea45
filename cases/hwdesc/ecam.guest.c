/* SPDX-License-Identifier: BSD-2-Clause */
/* The described configuration space shows the functions that the firmware found, at the addresses it found them at. */
#include "guest.h"

#include <efipciio.h>

#include "tree.h"

enum { FUNCTIONS_MAX = 64, NON_PREFETCHABLE_32 = 2 };

static EFI_GUID pci_io_guid = EFI_PCI_IO_PROTOCOL_GUID;

static uint64_t ecam_address(const struct hw *hw, UINTN bus, UINTN device, UINTN function)
{
        return hw->root[0].ecam.base + (((uint64_t)bus - hw->root[0].bus_first) << 20 | device << 15 | function << 12);
}

/* One function, by the firmware's own access and by the described one. */
static void function_compare(struct guest *g, EFI_PCI_IO_PROTOCOL *io)
{
        UINTN segment = 0, bus = 0, device = 0, function = 0;
        uint32_t firmware = 0, described = 0;

        if (EFI_ERROR(io->GetLocation(io, &segment, &bus, &device, &function)) || segment ||
            EFI_ERROR(io->Pci.Read(io, EfiPciIoWidthUint32, 0, 1, &firmware)))
                return;
        if (!CHECK_IN(g, bus, g->hw->root[0].bus_first, g->hw->root[0].bus_last))
                return;
        CHECK_SAY(g, guest_peek32(g, ecam_address(g->hw, bus, device, function), &described) && described == firmware,
                  "the vendor and device that the firmware reads", "%02x:%02x.%x: 0x%x, firmware 0x%x", (unsigned)bus,
                  (unsigned)device, (unsigned)function, described, firmware);
}

static void functions_compare(struct guest *g)
{
        EFI_HANDLE *handles = NULL;
        uint32_t bridge = UINT32_MAX;
        UINTN count = 0;

        CHECK_SAY(g,
                  guest_peek32(g, ecam_address(g->hw, g->hw->root[0].bus_first, 0, 0), &bridge) && bridge != UINT32_MAX,
                  "a host bridge at the first bus, device 0", "0x%x", bridge);
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

/* The FDT's bridge: a non-prefetchable 32-bit window among its ranges of 7 cells. */
static void window_check(struct guest *g)
{
        struct bytes fdt = g->evidence->of[EVIDENCE_FDT], ranges;
        struct tree tree;
        bool found = false;

        if (!tree_begin(&tree, fdt))
                return;
        while (tree_next(&tree) && !tree_is(fdt.data, tree_node(&tree), "pci-host-ecam-generic"))
                ;
        if (tree.at < 0)
                return;
        ranges = tree_property(fdt.data, tree_node(&tree), "ranges");
        for (size_t at = 0; at + 28 <= ranges.size; at += 28)
                found = found || (tree_number(ranges.data + at, 1) >> 24 & 0x43) == NON_PREFETCHABLE_32;
        CHECK_SAY(g, found, "a non-prefetchable 32-bit window in ranges", "%u bytes of ranges", (unsigned)ranges.size);
}

void guest_ecam_shows_functions_of_firmware(struct guest *g)
{
        const struct hw *hw = g->hw;
        uint64_t buses = (uint64_t)hw->root[0].bus_last + 1 - hw->root[0].bus_first;

        if (!hw->source || !hw->ecams) {
                NOT_APPLICABLE(g, "no PCI root with ECAM is described");
                return;
        }
        if (hw->root[0].ecam.base + hw->root[0].ecam.size - 1 > UINTPTR_MAX) {
                SKIP(g, "the ECAM at 0x%llx is out of this execution state's reach",
                     (unsigned long long)hw->root[0].ecam.base);
                return;
        }
        CHECK_LE(g, hw->root[0].bus_first, hw->root[0].bus_last);
        if (!CHECK_SAY(g, hw->root[0].ecam.size >= buses << 20, "1 MiB for each bus of the range",
                       "0x%llx bytes for %u buses", (unsigned long long)hw->root[0].ecam.size, (unsigned)buses))
                return;
        functions_compare(g);
        window_check(g);
}
