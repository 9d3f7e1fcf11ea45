/* SPDX-License-Identifier: BSD-2-Clause */
/* Source 003: what a guest that enters by EFI needs, GetMemoryMap and ExitBootServices, and where it is entered. */
#include "guest.h"

#include "bus/pci.h"

enum { VGA_CLASS = 0x0300, FADT_BOOT_ARCH = 109, NO_VGA = 1 << 2 };

/* RAM of all types, as the page tables have it. */
void guest_entry_memory_is_mapped_to_itself(struct guest *g)
{
        if (arch_space_shift())
                guest_ram_is_mapped_to_itself(g);
        else
                SKIP(g, "page tables of five levels are not read");
}

void guest_memory_map_is_there(struct guest *g)
{
        if (!CHECK_SAY(g, g->bs->GetMemoryMap != NULL, "a function", "NULL"))
                return;
        guest_memory_map_tells_its_size(g);
        guest_memory_map_key_changes(g);
}

/* Whether the runtime services go on behind it is not asked: they may all be UNSUPPORTED. */
void guest_exit_boot_services_is_there(struct guest *g)
{
        CHECK_STATUS(g, g->exit_wrong_key, EFI_INVALID_PARAMETER);
        CHECK_STATUS(g, g->exit_right_key, EFI_SUCCESS);
}

static void vga_count(struct guest *g, const struct pci_function *f, void *context)
{
        unsigned *count = context;

        *count += pci_read(g, f, PCI_CLASS) >> 16 == VGA_CLASS;
}

void guest_fadt_tells_that_vga_is_missing(struct guest *g)
{
        struct bytes fadt = acpi_table(g->evidence->of[EVIDENCE_ACPI], "FACP", 0);
        unsigned count = 0;

        if (!pci_roots(g)) {
                SKIP(g, "no ECAM is described through which VGA controllers could be looked for");
                return;
        }
        pci_walk(g, vga_count, &count);
        if (count) {
                NOT_APPLICABLE(g, "%u PCI functions are VGA controllers", count);
                return;
        }
        if (CHECK_SAY(g, fadt.size >= FADT_BOOT_ARCH + 2, "a FADT with IAPC_BOOT_ARCH", "%u bytes",
                      (unsigned)fadt.size))
                CHECK_SAY(g, wire_get16(fadt.data + FADT_BOOT_ARCH) & NO_VGA,
                          "bit 2, VGA not present, as no PCI function is a VGA controller", "IAPC_BOOT_ARCH 0x%x",
                          wire_get16(fadt.data + FADT_BOOT_ARCH));
}
