/* SPDX-License-Identifier: BSD-2-Clause */
/* Where FDT and ACPI are both offered, they tell of the same machine. */
#include "judge.h"

#include "hwdesc.h"

static bool lists(const struct hw *hw, uint64_t mpidr)
{
        for (unsigned i = 0; i < hw->cpus && i < HW_CPUS; i++)
                if (hw->cpu[i].enabled && hw->cpu[i].mpidr == mpidr)
                        return true;
        return false;
}

static void processors_compare(struct judge *j, const struct hw *a, const struct hw *b)
{
        for (unsigned i = 0; i < a->cpus && i < HW_CPUS; i++)
                if (a->cpu[i].enabled)
                        CHECK_SAY(j, lists(b, a->cpu[i].mpidr), "a processor that both list",
                                  "0x%llx is in %s, %s in %s", (unsigned long long)a->cpu[i].mpidr, a->source,
                                  lists(b, a->cpu[i].mpidr) ? "and" : "not", b->source);
}

static void number_compare(struct judge *j, const char *what, uint64_t fdt, uint64_t acpi)
{
        CHECK_SAY(j, fdt == acpi, "the same in FDT and ACPI", "%s: FDT 0x%llx, ACPI 0x%llx", what,
                  (unsigned long long)fdt, (unsigned long long)acpi);
}

void judge_fdt_and_acpi_agree(struct judge *j)
{
        bool fdt_offered = table_offered(j->evidence, guid_fdt), acpi_offered = table_offered(j->evidence, guid_acpi20);
        static struct hw fdt, acpi; /* a firmware may have less stack than UEFI asks for */

        if (!fdt_offered || !acpi_offered) {
                NOT_APPLICABLE(j, "FDT %s, ACPI %s: there are no two to compare", fdt_offered ? "yes" : "no",
                               acpi_offered ? "yes" : "no");
                return;
        }
        if (!fdt_judged(j, &fdt) || !acpi_judged(j, &acpi))
                return;
        processors_compare(j, &fdt, &acpi);
        processors_compare(j, &acpi, &fdt);
        number_compare(j, "GIC version", fdt.gic_version, acpi.gic_version);
        number_compare(j, "GIC distributor", fdt.gicd.base, acpi.gicd.base);
        number_compare(j, "GIC CPU interface", fdt.gic_version == 2 ? fdt.gicc.base : 0,
                       acpi.gic_version == 2 ? acpi.gicc.base : 0);
        number_compare(j, "GIC redistributor", fdt.gicr[0].base, acpi.gicr[0].base);
        number_compare(j, "virtual timer interrupt", fdt.timer_virtual, acpi.timer_virtual);
        number_compare(j, "PSCI conduit", fdt.conduit, acpi.conduit);
        number_compare(j, "UART", fdt.uart_range.base, acpi.uart_range.base);
        number_compare(j, "UART interrupt", fdt.uart_interrupt, acpi.uart_interrupt);
        number_compare(j, "ECAM", fdt.root[0].ecam.base, acpi.root[0].ecam.base);
        number_compare(j, "first bus", fdt.root[0].bus_first, acpi.root[0].bus_first);
        number_compare(j, "last bus", fdt.root[0].bus_last, acpi.root[0].bus_last);
}
