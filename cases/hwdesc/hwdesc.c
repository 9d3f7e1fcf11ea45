/* SPDX-License-Identifier: BSD-2-Clause */
/* A description that is not offered is not applicable; one that is offered and cannot be read is broken. */
#include "hwdesc.h"

#include "tree.h"

/* What arm64 kernels take, and what is recorded. */
enum { FDT_MOST = 2 * 1024 * 1024 };

bool table_offered(const struct evidence *evidence, const char *guid)
{
        uint64_t address = 0;

        return evidence_config_table(evidence, guid, &address) && address;
}

bool evidence_is_aarch32(const struct evidence *evidence)
{
        uint64_t value;

        return evidence_number(evidence, EVIDENCE_REGISTERS, "CPSR", &value);
}

/* There is an FDT to judge; told where there is none, or more of one than is recorded. */
static bool fdt_offered(struct judge *j)
{
        struct bytes fdt = j->evidence->of[EVIDENCE_FDT];

        if (!table_offered(j->evidence, guid_fdt)) {
                NOT_APPLICABLE(j, "no configuration table has the DTB GUID");
                return false;
        }
        if (fdt.size >= 8 && tree_number(fdt.data + 4, 1) > FDT_MOST) {
                SKIP(j, "the FDT says that it has 0x%llx bytes, more than are allowed or recorded: see HWD-06",
                     (unsigned long long)tree_number(fdt.data + 4, 1));
                return false;
        }
        return true;
}

bool tree_judged(struct judge *j, struct tree *tree)
{
        struct bytes fdt = j->evidence->of[EVIDENCE_FDT];

        return fdt_offered(j) &&
               CHECK_SAY(j, tree_begin(tree, fdt), "an FDT of version 17 or newer whose blocks lie inside it",
                         "%u bytes that are none", (unsigned)fdt.size);
}

const struct hw *fdt_judged(struct judge *j, struct hw *hw)
{
        struct bytes fdt = j->evidence->of[EVIDENCE_FDT];

        if (!fdt_offered(j))
                return NULL;
        if (!CHECK_SAY(j, hw_from_fdt(fdt, hw), "an FDT of version 17 or newer whose blocks lie inside it",
                       "%u bytes that are none", (unsigned)fdt.size))
                return NULL;
        return hw;
}

const struct hw *acpi_judged(struct judge *j, struct hw *hw)
{
        struct bytes acpi = j->evidence->of[EVIDENCE_ACPI];

        if (!table_offered(j->evidence, guid_acpi20)) {
                NOT_APPLICABLE(j, "no configuration table has the ACPI 2.0 GUID");
                return NULL;
        }
        if (!CHECK_SAY(j, hw_from_acpi(acpi, hw), "ACPI tables that can be read", "%u bytes", (unsigned)acpi.size))
                return NULL;
        return hw;
}

bool at_el2(const struct evidence *evidence)
{
        uint64_t level = 0;

        return evidence_number(evidence, EVIDENCE_REGISTERS, "CurrentEL", &level) && level == 2;
}
