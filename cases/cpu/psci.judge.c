/* SPDX-License-Identifier: BSD-2-Clause */
/* PSCI as the tables describe it; where there are both, they say the same. */
#include "judge.h"

#include "hw.h"

enum { PSCI_0_2 = 2 };

void judge_psci_is_0_2_or_newer(struct judge *j)
{
        static struct hw fdt, acpi, hw; /* a firmware may have less stack than UEFI asks for */

        hw_read(j->evidence, &hw);
        CHECK(j, hw.psci);
        CHECK_NE(j, hw.conduit, HW_CONDUIT_NONE);
        CHECK_GE(j, hw.psci_version, PSCI_0_2);
        if (!hw_from_fdt(j->evidence->of[EVIDENCE_FDT], &fdt) || !hw_from_acpi(j->evidence->of[EVIDENCE_ACPI], &acpi) ||
            !acpi.cpus)
                return;
        CHECK_EQ(j, fdt.psci, acpi.psci);
        CHECK_EQ(j, fdt.conduit, acpi.conduit);
}
