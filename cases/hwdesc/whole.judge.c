/* SPDX-License-Identifier: BSD-2-Clause */
/* What the firmware itself stands on, the console, the boot disk and the PCI roots, is in each description it offers.
 */
#include "judge.h"

#include "aml.h"
#include "hwdesc.h"
#include "tree.h"
#include "wire.h"

/* What the firmware was seen to use. */
struct used {
        uint64_t pci_roots;
        bool disk_on_pci;
        bool disk_on_mmio;
        uint64_t mmio;
};

static struct used used_read(struct judge *j)
{
        struct used used = {0};
        uint64_t one = 0;

        (void)evidence_number(j->evidence, EVIDENCE_DISK, "pci_roots", &used.pci_roots);
        used.disk_on_pci = evidence_number(j->evidence, EVIDENCE_DISK, "bus_is_pci", &one);
        used.disk_on_mmio = evidence_number(j->evidence, EVIDENCE_DISK, "bus_is_virtio_mmio", &used.mmio);
        NOTE(j, "boot disk", "%s",
             used.disk_on_pci    ? "on PCI"
             : used.disk_on_mmio ? "on virtio-mmio"
                                 : "on a bus unknown");
        NOTE_NUMBER(j, "PCI roots of the firmware", used.pci_roots);
        return used;
}

static bool fdt_has_transport(struct bytes fdt, uint64_t base)
{
        struct tree tree;
        uint64_t at, size;

        if (!tree_begin(&tree, fdt))
                return false;
        while (tree_next(&tree))
                if (tree_is(fdt.data, tree_node(&tree), "virtio,mmio") && tree_enabled(fdt.data, tree_node(&tree)) &&
                    tree_reg(&tree, 0, &at, &size) && at == base)
                        return true;
        return false;
}

static void fdt_judge(struct judge *j, const struct hw *hw, const struct used *used)
{
        uint64_t roots = used->pci_roots ? used->pci_roots : used->disk_on_pci;

        CHECK_SAY(j, hw->uart != HW_UART_NONE || hw->console_resolves || hw->xen, "a console", "FDT: none");
        CHECK_SAY(j, hw->ecams >= roots, "every PCI root that the firmware has", "FDT: %u of %u", hw->ecams,
                  (unsigned)roots);
        if (used->disk_on_mmio)
                CHECK_SAY(j, fdt_has_transport(j->evidence->of[EVIDENCE_FDT], used->mmio),
                          "the virtio-mmio transport of the boot disk", "FDT: 0x%llx", (unsigned long long)used->mmio);
}

static void acpi_judge(struct judge *j, const struct hw *hw, const struct used *used)
{
        struct bytes acpi = j->evidence->of[EVIDENCE_ACPI];

        CHECK_SAY(j, hw->uart != HW_UART_NONE || aml_names(acpi, "ARMH0011") || aml_names(acpi, "ARMHB000") || hw->xen,
                  "a console", "ACPI: neither SPCR nor a UART in AML");
        if (used->pci_roots || used->disk_on_pci)
                CHECK_SAY(j, aml_names_pci(acpi), "the PCI root in AML", "ACPI: %s",
                          aml_names_pci(acpi) ? "it is there" : "neither PNP0A08 nor PNP0A03");
        if (used->disk_on_mmio) {
                uint8_t base[4];

                wire_put32(base, (uint32_t)used->mmio);
                CHECK_SAY(j, aml_names(acpi, "LNRO0005") && aml_holds(acpi, base, sizeof(base)),
                          "the virtio-mmio transport of the boot disk in AML", "ACPI: %s LNRO0005, 0x%llx %s",
                          aml_names(acpi, "LNRO0005") ? "a" : "no", (unsigned long long)used->mmio,
                          aml_holds(acpi, base, sizeof(base)) ? "is there" : "is not there");
        }
}

void judge_firmware_devices_are_described(struct judge *j)
{
        bool fdt = table_offered(j->evidence, guid_fdt), acpi = table_offered(j->evidence, guid_acpi20);
        struct used used;
        struct hw hw;

        if (!fdt && !acpi) {
                NOT_APPLICABLE(j, "neither FDT nor ACPI is offered");
                return;
        }
        used = used_read(j);
        if (fdt && fdt_judged(j, &hw))
                fdt_judge(j, &hw, &used);
        if (acpi && acpi_judged(j, &hw))
                acpi_judge(j, &hw, &used);
}

void judge_mcfg_goes_with_pci(struct judge *j)
{
        uint64_t roots = 0;
        struct bytes acpi = j->evidence->of[EVIDENCE_ACPI], mcfg = acpi_table(acpi, "MCFG", 0);
        struct hw room;
        const struct hw *hw = acpi_judged(j, &room);

        if (!hw)
                return;
        (void)evidence_number(j->evidence, EVIDENCE_DISK, "pci_roots", &roots);
        if (!aml_names_pci(acpi) && !roots) {
                if (mcfg.data)
                        CHECK_SAY(j, !mcfg.data, "no MCFG without a PCI root", "%u bytes", (unsigned)mcfg.size);
                else
                        NOT_APPLICABLE(j, "neither AML nor the firmware has a PCI root");
                return;
        }
        if (!CHECK_SAY(j, hw->ecams > 0, "an MCFG with an entry beside the PCI root", "%u bytes", (unsigned)mcfg.size))
                return;
        CHECK_NE(j, hw->root[0].ecam.base, 0);
        CHECK_EQ(j, hw->root[0].ecam.base % (1 << 20), 0);
        CHECK_LE(j, hw->root[0].bus_first, hw->root[0].bus_last);
}

enum { MADT_ITS = 0xf, IORT_ITS_GROUP = 0 };

static bool its_there(struct bytes madt)
{
        for (size_t at = 44; at + 2 <= madt.size && madt.data[at + 1] >= 2; at += madt.data[at + 1])
                if (madt.data[at] == MADT_ITS)
                        return true;
        return false;
}

static bool iort_has_its(struct bytes iort)
{
        uint64_t at = iort.size >= 48 ? wire_get32(iort.data + 40) : 0;
        uint32_t nodes = iort.size >= 48 ? wire_get32(iort.data + 36) : 0;

        for (; nodes && at >= 48 && at + 24 <= iort.size; nodes--) {
                uint16_t length = wire_get16(iort.data + at + 1);

                if (iort.data[at] == IORT_ITS_GROUP && length >= 24 && wire_get32(iort.data + at + 16) > 0)
                        return true;
                if (length < 16)
                        return false;
                at += length;
        }
        return false;
}

void judge_iort_goes_with_its(struct judge *j)
{
        struct bytes acpi = j->evidence->of[EVIDENCE_ACPI];
        struct hw room;

        if (!acpi_judged(j, &room))
                return;
        if (!its_there(acpi_table(acpi, "APIC", 0))) {
                NOT_APPLICABLE(j, "the MADT has no ITS");
                return;
        }
        CHECK_SAY(j, iort_has_its(acpi_table(acpi, "IORT", 0)), "an IORT with a group of ITS", "%u bytes",
                  (unsigned)acpi_table(acpi, "IORT", 0).size);
}
