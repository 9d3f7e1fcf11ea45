/* SPDX-License-Identifier: BSD-2-Clause */
/* MADT, GTDT, FADT, SPCR and MCFG, read within their lengths; a field beyond a table's end is a field not described. */
#include "hw.h"

#include <string.h>

#include "wire.h"

enum { ACPI_HEADER = 36, GTDT_WATCHDOG = 1 };

uint8_t bytes_sum(struct bytes bytes)
{
        uint8_t sum = 0;

        for (size_t i = 0; i < bytes.size; i++)
                sum = (uint8_t)(sum + bytes.data[i]);
        return sum;
}

struct bytes acpi_table(struct bytes acpi, const char *signature, unsigned index)
{
        struct evidence_table table;
        size_t at = 0;
        bool cut;

        while (evidence_next_table(acpi, &at, &table, &cut))
                if (table.bytes.size >= ACPI_HEADER && memcmp(table.bytes.data, signature, 4) == 0 && index-- == 0)
                        return table.bytes;
        return (struct bytes){0};
}

static uint32_t field32(struct bytes table, size_t at)
{
        return at + 4 <= table.size ? wire_get32(table.data + at) : 0;
}

static uint64_t field64(struct bytes table, size_t at)
{
        return at + 8 <= table.size ? wire_get64(table.data + at) : 0;
}

static uint8_t field8(struct bytes table, size_t at)
{
        return at < table.size ? table.data[at] : 0;
}

/* ACPI 5.0 had a GICC of 40 bytes, without MPIDR; 5.1 made it 76, 6.0 made it 80. */
enum { MADT_GICC = 0xb, MADT_GICD = 0xc, MADT_V2M = 0xd, MADT_GICR = 0xe, MADT_ITS = 0xf, GICC_WITH_MPIDR = 76 };

static void gicc_read(struct bytes entry, struct hw *hw)
{
        uint64_t gicc = field64(entry, 32), gicr = field64(entry, 60);
        uint64_t mpidr = entry.size >= GICC_WITH_MPIDR ? field64(entry, 68) : HW_NO_MPIDR;
        bool parked = field32(entry, 16) != 0;
        bool enabled = field32(entry, 12) & 1;

        if (hw->cpus < HW_CPUS)
                hw->cpu[hw->cpus] = (struct hw_cpu){mpidr, enabled, !parked};
        hw->cpus++;
        if (gicc && !hw->gicc.base)
                hw->gicc = (struct hw_range){gicc, 0x2000};
        if (gicr && enabled && hw->gicrs < HW_RANGES)
                hw->gicr[hw->gicrs++] = (struct hw_range){gicr, 0x20000};
}

/* Where messages of devices go: the first frame or service of its kind counts. */
static void messages_read(struct bytes entry, struct hw *hw)
{
        if (entry.data[0] == MADT_ITS && hw->itss++ == 0)
                hw->its = (struct hw_range){field64(entry, 8), 0x20000};
        if (entry.data[0] != MADT_V2M || hw->v2ms++)
                return;
        hw->v2m = (struct hw_range){field64(entry, 8), 0x1000};
        if (field32(entry, 16) & 1 && entry.size >= 24) {
                hw->v2m_count = wire_get16(entry.data + 20);
                hw->v2m_first = wire_get16(entry.data + 22);
        }
}

static void madt_read(struct bytes madt, struct hw *hw)
{
        for (size_t at = 44; at + 2 <= madt.size;) {
                size_t length = madt.data[at + 1];
                struct bytes entry = {madt.data + at, length};

                if (length < 2 || length > madt.size - at)
                        return;
                if (entry.data[0] == MADT_GICC) {
                        gicc_read(entry, hw);
                } else if (entry.data[0] == MADT_GICD) {
                        hw->gics++;
                        hw->gicd = (struct hw_range){field64(entry, 8), 0x10000};
                        hw->gic_version = entry.size > 20 ? entry.data[20] : 0;
                } else if (entry.data[0] == MADT_GICR && hw->gicrs < HW_RANGES) {
                        hw->gicr[hw->gicrs++] = (struct hw_range){field64(entry, 4), field32(entry, 12)};
                }
                messages_read(entry, hw);
                at += length;
        }
}

/* As many platform timers as the table announces and holds. */
static unsigned watchdogs_read(struct bytes gtdt)
{
        uint32_t count = field32(gtdt, 88), at = field32(gtdt, 92);
        unsigned watchdogs = 0;

        for (; count && at <= gtdt.size && gtdt.size - at >= 3; count--) {
                uint16_t length = wire_get16(gtdt.data + at + 1);

                if (length < 3 || length > gtdt.size - at)
                        break;
                watchdogs += gtdt.data[at] == GTDT_WATCHDOG;
                at += length;
        }
        return watchdogs;
}

static void gtdt_read(struct bytes gtdt, struct hw *hw)
{
        if (!gtdt.data)
                return;
        hw->timer = true;
        hw->timer_secure = field32(gtdt, 48);
        hw->timer_physical = field32(gtdt, 56);
        hw->timer_virtual = field32(gtdt, 64);
        hw->timer_interrupts = 4;
        hw->watchdogs = watchdogs_read(gtdt);
}

static void fadt_read(struct bytes fadt, struct hw *hw)
{
        uint16_t arm_boot = fadt.size >= 131 ? wire_get16(fadt.data + 129) : 0;

        hw->psci = arm_boot & 1;
        if (hw->psci) {
                hw->conduit = arm_boot & 2 ? HW_CONDUIT_HVC : HW_CONDUIT_SMC;
                hw->psci_version = 2; /* ACPI names no version: 0.2 is the first it can mean */
        }
        hw->xen = fadt.size >= 276 && memcmp(fadt.data + 268, "XenVMM", 6) == 0; /* hypervisor vendor identity */
}

static void spcr_read(struct bytes spcr, struct hw *hw)
{
        static const enum hw_uart kinds[] = {
                [0] = HW_UART_16550,  [1] = HW_UART_16550,  [3] = HW_UART_PL011,
                [0xd] = HW_UART_SBSA, [0xe] = HW_UART_SBSA,
        };
        uint8_t type = field8(spcr, 36);

        if (!spcr.data)
                return;
        hw->uart = type < sizeof(kinds) / sizeof(kinds[0]) ? kinds[type] : HW_UART_OTHER;
        if (hw->uart == HW_UART_NONE)
                hw->uart = HW_UART_OTHER;
        hw->uart_range = (struct hw_range){field64(spcr, 44), 0x1000};
        hw->uart_interrupt = field32(spcr, 54);
        hw->console_resolves = hw->uart_range.base != 0;
        if (hw->uart_interrupt >= 32)
                hw->highest_spi = hw->uart_interrupt;
}

static void mcfg_read(struct bytes mcfg, struct hw *hw)
{
        for (size_t at = 44; at + 16 <= mcfg.size; at += 16) {
                struct hw_root *root;

                if (hw->ecams++ >= HW_ROOTS)
                        continue;
                root = &hw->root[hw->ecams - 1];
                root->segment = wire_get16(mcfg.data + at + 8);
                root->bus_first = field8(mcfg, at + 10);
                root->bus_last = field8(mcfg, at + 11);
                root->ecam.base = field64(mcfg, at);
                root->ecam.size = ((uint64_t)root->bus_last - root->bus_first + 1) << 20;
        }
}

bool hw_from_acpi(struct bytes acpi, struct hw *ret)
{
        memset(ret, 0, sizeof(*ret));
        if (acpi.size == 0)
                return false;
        ret->source = "ACPI";
        ret->gic_cells = 3;
        madt_read(acpi_table(acpi, "APIC", 0), ret);
        gtdt_read(acpi_table(acpi, "GTDT", 0), ret);
        fadt_read(acpi_table(acpi, "FACP", 0), ret);
        spcr_read(acpi_table(acpi, "SPCR", 0), ret);
        mcfg_read(acpi_table(acpi, "MCFG", 0), ret);
        ret->xen = ret->xen || acpi_table(acpi, "XENV", 0).data;
        return true;
}

void hw_read(const struct evidence *evidence, struct hw *ret)
{
        if (hw_from_acpi(evidence->of[EVIDENCE_ACPI], ret) && ret->cpus) {
                ret->xen = ret->xen || fdt_tells_of_xen(evidence->of[EVIDENCE_FDT]);
                return;
        }
        if (hw_from_fdt(evidence->of[EVIDENCE_FDT], ret))
                return;
        (void)hw_from_acpi(evidence->of[EVIDENCE_ACPI], ret);
}
