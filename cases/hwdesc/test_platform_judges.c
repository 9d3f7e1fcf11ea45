/* SPDX-License-Identifier: BSD-2-Clause */
/* The judges of MCFG, IORT and SMBIOS see each defect that is seeded into a sound machine. */
#include "test_defects.h"

static void no_pci_anywhere(void)
{
        no_pci_in_aml();
        disk_change("pci_roots", "0x0");
        table_rename("MCFG", "OEM1");
}

static void mcfg_without_pci(void)
{
        no_pci_in_aml();
        disk_change("pci_roots", "0x0");
}

static void no_mcfg(void)
{
        table_rename("MCFG", "OEM1");
}

static void mcfg_buses_reversed(void)
{
        uint8_t *mcfg = table_find(&machine, "MCFG");

        mcfg[54] = 9;
        mcfg[55] = 8;
        table_seal(mcfg);
}

static void no_iort(void)
{
        table_rename("IORT", "OEM1");
}

static void iort_without_its(void)
{
        uint8_t *iort = table_find(&machine, "IORT");

        wire_put32(iort + 64, 0);
        table_seal(iort);
}

static void no_its(void)
{
        madt_change(44 + 24 + 4 * 80 + 16, 0xa);
}

static void no_smbios3(void)
{
        line_change(&machine, EVIDENCE_CONFIG, guid_smbios3, NULL);
}

static void smbios_sum(void)
{
        machine.smbios[TABLE_HEAD + 5] ^= 1;
}

static void smbios_without_type_4(void)
{
        machine.smbios[TABLE_HEAD + 24 + TABLE_HEAD + 3 * 6] = 200;
}

static void smbios_without_end(void)
{
        machine.smbios[TABLE_HEAD + 24 + TABLE_HEAD + 7 * 6] = 126;
}

static void smbios_structure_too_short(void)
{
        machine.smbios[TABLE_HEAD + 24 + TABLE_HEAD + 6 + 1] = 0;
}

static const struct defect defects[] = {
        FAILS(judge_mcfg_goes_with_pci, no_mcfg),
        FAILS(judge_mcfg_goes_with_pci, mcfg_without_pci),
        FAILS(judge_mcfg_goes_with_pci, mcfg_buses_reversed),
        GIVES(judge_mcfg_goes_with_pci, pci_as_eisa_id, FACT_PASSED),
        GIVES(judge_mcfg_goes_with_pci, no_pci_anywhere, FACT_NOT_APPLICABLE),
        FAILS(judge_iort_goes_with_its, no_iort),
        FAILS(judge_iort_goes_with_its, iort_without_its),
        GIVES(judge_iort_goes_with_its, no_its, FACT_NOT_APPLICABLE),
        FAILS(judge_smbios3_is_whole, no_smbios3),
        FAILS(judge_smbios3_is_whole, smbios_sum),
        FAILS(judge_smbios3_is_whole, smbios_without_type_4),
        FAILS(judge_smbios3_is_whole, smbios_without_end),
        FAILS(judge_smbios3_is_whole, smbios_structure_too_short),
};

int main(void)
{
        return defects_run(defects, sizeof(defects) / sizeof(defects[0]));
}
