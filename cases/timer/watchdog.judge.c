/* SPDX-License-Identifier: BSD-2-Clause */
/* A generic watchdog is reported where one is described; nothing is asked of it. */
#include "hwdesc.h"

void judge_generic_watchdog_is_told(struct judge *j)
{
        unsigned fdt = 0, acpi = 0;
        struct hw hw;

        if (hw_from_fdt(j->evidence->of[EVIDENCE_FDT], &hw))
                fdt = hw.watchdogs;
        if (hw_from_acpi(j->evidence->of[EVIDENCE_ACPI], &hw))
                acpi = hw.watchdogs;
        if (fdt + acpi == 0) {
                NOT_APPLICABLE(j, "neither GTDT nor FDT describes a generic watchdog");
                return;
        }
        NOTE_NUMBER(j, "generic watchdogs by the FDT", fdt);
        NOTE_NUMBER(j, "generic watchdogs by ACPI", acpi);
        CHECK_GE(j, fdt + acpi, 1);
}
