/* SPDX-License-Identifier: BSD-2-Clause */
/* Which of FDT and ACPI the firmware offers: the profile decides which pair is right, so no case merges the two. */
#include "judge.h"
#include "hwdesc.h"

static bool pair_note(struct judge *j, bool *ret_fdt, bool *ret_acpi)
{
        if (!j->evidence->of[EVIDENCE_CONFIG].size && !j->evidence->of[EVIDENCE_REGISTERS].size) {
                SUITE_ERROR(j, "no evidence of this boot was recorded");
                return false;
        }
        *ret_fdt = table_offered(j->evidence, guid_fdt);
        *ret_acpi = table_offered(j->evidence, guid_acpi20);
        NOTE(j, "hardware description", "FDT %s, ACPI %s", *ret_fdt ? "yes" : "no", *ret_acpi ? "yes" : "no");
        return true;
}

void judge_hardware_is_described(struct judge *j)
{
        bool fdt, acpi;

        if (pair_note(j, &fdt, &acpi))
                CHECK_SAY(j, fdt || acpi, "FDT or ACPI 2.0, or both", "FDT %s, ACPI %s", fdt ? "yes" : "no",
                          acpi ? "yes" : "no");
}

void judge_fdt_is_offered(struct judge *j)
{
        bool fdt, acpi;

        if (pair_note(j, &fdt, &acpi))
                CHECK_SAY(j, fdt, "a configuration table with the DTB GUID", "%s",
                          fdt ? "it is there" : "there is none");
}

/* Literally v2.0 wants ACPI of an AArch32 VM too; no known firmware can, so the ruling is that it does not apply. */
void judge_acpi_is_offered(struct judge *j)
{
        bool fdt, acpi;

        if (!pair_note(j, &fdt, &acpi))
                return;
        if (!acpi && evidence_is_aarch32(j->evidence)) {
                NOT_APPLICABLE(j,
                               "AArch32 VM without ACPI: read literally, v2.0 is broken; ACPI for 32-bit Arm was never "
                               "defined, so the suite rules the demand out here (REQUIREMENTS 5.14)");
                return;
        }
        CHECK_SAY(j, acpi, "a configuration table with the ACPI 2.0 GUID", "%s",
                  acpi ? "it is there" : "there is none");
}

/* EBBR forbids what v2.0 demands: this case only ever informs. */
void judge_exactly_one_description(struct judge *j)
{
        bool fdt, acpi;

        if (pair_note(j, &fdt, &acpi))
                CHECK_SAY(j, fdt != acpi, "exactly one of FDT and ACPI", "%s",
                          fdt && acpi   ? "both"
                          : fdt || acpi ? "one"
                                        : "neither");
}
