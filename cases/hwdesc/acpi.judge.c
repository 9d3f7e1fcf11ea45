/* SPDX-License-Identifier: BSD-2-Clause */
/* The ACPI tables that an Arm kernel cannot do without describe the machine. */
#include "judge.h"

#include "hwdesc.h"
#include "wire.h"

enum { FADT_MINOR = 131, FADT_X_DSDT_END = 148, FADT_HW_REDUCED = 1 << 20 };

static struct bytes table_of(const struct judge *j, const char *signature)
{
        return acpi_table(j->evidence->of[EVIDENCE_ACPI], signature, 0);
}

static bool table_there(struct judge *j, const char *signature, size_t least)
{
        struct bytes table = table_of(j, signature);

        return CHECK_SAY(j, table.size >= least, "the table with the fields that are judged", "%s: %u bytes", signature,
                         (unsigned)table.size);
}

/* SCI_INT to P_LVL3_LAT and the fields around them, which HW_REDUCED makes meaningless. */
static bool zero(struct bytes table, size_t from, size_t to)
{
        for (size_t i = from; i < to; i++)
                if (table.data[i])
                        return false;
        return true;
}

static void dsdt_judge(struct judge *j, struct bytes fadt)
{
        uint32_t old = wire_get32(fadt.data + 40);
        uint64_t new = wire_get64(fadt.data + 140);
        struct bytes dsdt = table_of(j, "DSDT");

        CHECK_SAY(j, new || old, "X_DSDT or DSDT", "neither");
        CHECK_SAY(j, new, "X_DSDT", "0, DSDT is 0x%x", old);
        CHECK_SAY(j, !new || !old || new == old, "DSDT, where set, equals X_DSDT", "0x%x and 0x%llx", old,
                  (unsigned long long)new);
        CHECK_SAY(j, dsdt.size > 36 && bytes_sum(dsdt) == 0, "a DSDT that sums to 0", "%u bytes", (unsigned)dsdt.size);
}

void judge_fadt_is_hardware_reduced(struct judge *j)
{
        struct hw room;
        struct bytes fadt = table_of(j, "FACP");

        if (!acpi_judged(j, &room) || !table_there(j, "FACP", FADT_X_DSDT_END))
                return;
        CHECK_SAY(j, fadt.data[8] > 5 || (fadt.data[8] == 5 && (fadt.data[FADT_MINOR] & 15) >= 1),
                  "revision 5.1 or later", "%u.%u", fadt.data[8], fadt.data[FADT_MINOR] & 15u);
        CHECK_SAY(j, wire_get32(fadt.data + 112) & FADT_HW_REDUCED, "HW_REDUCED_ACPI in flags", "0x%x",
                  wire_get32(fadt.data + 112));
        CHECK_SAY(j, zero(fadt, 46, 96) && zero(fadt, 148, fadt.size < 244 ? fadt.size : 244),
                  "no SCI, SMI, PM or GPE register", "some");
        dsdt_judge(j, fadt);
}

void judge_fadt_names_psci(struct judge *j)
{
        struct hw room;
        const struct hw *acpi = acpi_judged(j, &room);

        if (!acpi || !table_there(j, "FACP", FADT_MINOR))
                return;
        CHECK_SAY(j, acpi->psci, "PSCI_COMPLIANT in ARM_BOOT_ARCH", "0x%x", wire_get16(table_of(j, "FACP").data + 129));
        CHECK_SAY(j, !at_el2(j->evidence) || acpi->conduit == HW_CONDUIT_SMC, "no PSCI_USE_HVC for software at EL2",
                  "0x%x", wire_get16(table_of(j, "FACP").data + 129));
}

/* The types that the kernel's list names for Arm: 0xA to 0xF; each entry inside the table. */
static void madt_types_judge(struct judge *j, struct bytes madt)
{
        size_t at = 44;

        while (at + 2 <= madt.size && madt.data[at + 1] >= 2 && madt.data[at + 1] <= madt.size - at) {
                CHECK_SAY(j, madt.data[at] >= 0xa && madt.data[at] <= 0xf, "an entry of type 0xA to 0xF", "0x%x at %u",
                          madt.data[at], (unsigned)at);
                at += madt.data[at + 1];
        }
        CHECK_SAY(j, at == madt.size, "entries that end with the table", "one at %u of %u", (unsigned)at,
                  (unsigned)madt.size);
}

static bool gicr_each(const struct hw *hw)
{
        uint64_t frames = 0;
        unsigned enabled = 0;

        for (unsigned i = 0; i < hw->gicrs; i++)
                frames += hw->gicr[i].size / 0x20000;
        for (unsigned i = 0; i < hw->cpus && i < HW_CPUS; i++)
                enabled += hw->cpu[i].enabled;
        return hw->gicrs == HW_RANGES || frames >= enabled;
}

void judge_madt_describes_gic(struct judge *j)
{
        struct hw room;
        const struct hw *acpi = acpi_judged(j, &room);
        uint64_t started_with = 0;

        if (!acpi || !table_there(j, "APIC", 44))
                return;
        madt_types_judge(j, table_of(j, "APIC"));
        CHECK_EQ(j, acpi->gics, 1);
        CHECK_GE(j, acpi->cpus, 1);
        CHECK_SAY(j, acpi->gicd.base != 0, "a GICD with a base", "0x%llx", (unsigned long long)acpi->gicd.base);
        CHECK_IN(j, acpi->gic_version, 2, 4);
        if (evidence_number(j->evidence, EVIDENCE_TOLD, "gic", &started_with))
                CHECK_EQ(j, acpi->gic_version, started_with);
        if (acpi->gic_version == 2)
                CHECK_SAY(j, acpi->gicc.base != 0, "a GICC with the base of its CPU interface", "0");
        else
                CHECK_SAY(j, gicr_each(acpi), "redistributors of 128 KiB for all processors", "%u ranges", acpi->gicrs);
}

void judge_gtdt_describes_timer(struct judge *j)
{
        struct hw room;
        const struct hw *acpi = acpi_judged(j, &room);

        if (!acpi || !table_there(j, "GTDT", 80))
                return;
        CHECK_IN(j, acpi->timer_virtual, 16, 31);
        CHECK_NE(j, acpi->timer_virtual, acpi->timer_physical);
        CHECK_NE(j, acpi->timer_virtual, acpi->timer_secure);
}

void judge_spcr_names_uart(struct judge *j)
{
        struct hw room;
        const struct hw *acpi = acpi_judged(j, &room);

        if (!acpi || !table_there(j, "SPCR", 58))
                return;
        CHECK_SAY(j, acpi->uart == HW_UART_PL011 || acpi->uart == HW_UART_SBSA, "PL011 (3) or SBSA UART (0xD, 0xE)",
                  "0x%x", table_of(j, "SPCR").data[36]);
        CHECK_NE(j, acpi->uart_range.base, 0);
}

void judge_dbg2_names_console(struct judge *j)
{
        struct hw room;
        const struct hw *acpi = acpi_judged(j, &room);
        struct bytes dbg2 = table_of(j, "DBG2");
        uint32_t device, registers;

        if (!acpi || !table_there(j, "DBG2", 44))
                return;
        device = wire_get32(dbg2.data + 36);
        if (!CHECK_SAY(j, wire_get32(dbg2.data + 40) > 0 && device >= 44 && device <= dbg2.size - 22,
                       "a debug device inside the table", "%u, the first at %u", wire_get32(dbg2.data + 40), device))
                return;
        registers = device + wire_get16(dbg2.data + device + 18);
        if (!CHECK_SAY(j, dbg2.size >= 12 && registers <= dbg2.size - 12, "its base address inside the table", "at %u",
                       registers))
                return;
        CHECK_EQ(j, wire_get64(dbg2.data + registers + 4), acpi->uart_range.base);
}

/* The kernel's "not supported" list in acpi_object_usage.rst. */
void judge_no_foreign_acpi_table(struct judge *j)
{
        static const char *const foreign[] = {"BOOT", "DBGP", "DMAR", "ETDT", "HPET", "IVRS", "LPIT", "MSDM",
                                              "PSDT", "RSDT", "SLIC", "WAET", "WDAT", "WDRT", "WPBT"};
        struct hw room;
        struct evidence_table rsdp = {0};
        size_t at = 0;
        bool cut;

        if (!acpi_judged(j, &room))
                return;
        (void)evidence_next_table(j->evidence->of[EVIDENCE_ACPI], &at, &rsdp, &cut);
        CHECK_SAY(j, rsdp.bytes.size >= 20 && !wire_get32(rsdp.bytes.data + 16), "no RSDT in the RSDP", "0x%x",
                  rsdp.bytes.size >= 20 ? wire_get32(rsdp.bytes.data + 16) : 0);
        for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
                CHECK_SAY(j, !table_of(j, foreign[i]).data, "no table that Arm has no use for", "%s%s", foreign[i],
                          table_of(j, foreign[i]).data ? "" : ": none");
}
