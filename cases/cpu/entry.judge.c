/* SPDX-License-Identifier: BSD-2-Clause */
/* UEFI 2.4A section 2.3.6: the state in which an AArch64 application is entered, by the registers of its level. */
#include "judge.h"

enum {
        SCTLR_M = 1 << 0,
        SCTLR_A = 1 << 1,
        SCTLR_C = 1 << 2,
        SCTLR_SA = 1 << 3,
        SCTLR_I = 1 << 12,
        SCTLR_EE = 1 << 25,
        DAIF_I = 1 << 7,
        CPTR_EL2_TFP = 1 << 10,
        FPEN_BOTH = 3,
        EL2 = 2,
};

static const uint64_t hcr_el2_e2h = 1ull << 34;

/* True where the registers have the layout of EL1: at EL1, and at EL2 with HCR_EL2.E2H. */
static bool layout_is_el1(const struct judge *j)
{
        uint64_t level = 1, hcr = 0;

        (void)evidence_number(j->evidence, EVIDENCE_REGISTERS, "CurrentEL", &level);
        (void)evidence_number(j->evidence, EVIDENCE_REGISTERS, "HCR_EL2", &hcr);
        return level != EL2 || hcr & hcr_el2_e2h;
}

void judge_entry_is_at_el1(struct judge *j)
{
        uint64_t level;

        if (judge_register(j, "CurrentEL", &level))
                CHECK_EQ(j, level, 1);
}

void judge_mmu_and_caches_are_on(struct judge *j)
{
        uint64_t sctlr;

        if (!judge_register(j, "SCTLR", &sctlr))
                return;
        NOTE_NUMBER(j, "SCTLR", sctlr);
        CHECK_NE(j, sctlr & SCTLR_M, 0);
        CHECK_NE(j, sctlr & SCTLR_C, 0);
        CHECK_NE(j, sctlr & SCTLR_I, 0);
        CHECK_NE(j, sctlr & SCTLR_SA, 0);
        CHECK_EQ(j, sctlr & SCTLR_A, 0);
        CHECK_EQ(j, sctlr & SCTLR_EE, 0);
}

/* TCR_EL1: two translation base registers, of which TTBR0 alone may be walked. */
static void tcr_el1_judge(struct judge *j, uint64_t tcr, uint64_t pa_range)
{
        uint64_t tg0 = tcr >> 14 & 3, tbi0 = tcr >> 37 & 1, ips = tcr >> 32 & 7;
        uint64_t epd0 = tcr >> 7 & 1, epd1 = tcr >> 23 & 1;

        CHECK_EQ(j, tg0, 0); /* 4 KiB */
        CHECK_EQ(j, tbi0, 0);
        CHECK_LE(j, ips, pa_range);
        CHECK_EQ(j, epd0, 0);
        CHECK_EQ(j, epd1, 1);
}

static void tcr_el2_judge(struct judge *j, uint64_t tcr, uint64_t pa_range)
{
        uint64_t tg0 = tcr >> 14 & 3, tbi = tcr >> 20 & 1, ps = tcr >> 16 & 7;

        CHECK_EQ(j, tg0, 0); /* 4 KiB */
        CHECK_EQ(j, tbi, 0);
        CHECK_LE(j, ps, pa_range);
}

void judge_translation_is_4k_by_ttbr0(struct judge *j)
{
        uint64_t tcr, features;

        if (!judge_register(j, "TCR", &tcr) || !judge_register(j, "ID_AA64MMFR0_EL1", &features))
                return;
        NOTE_NUMBER(j, "TCR", tcr);
        if (layout_is_el1(j))
                tcr_el1_judge(j, tcr, features & 15);
        else
                tcr_el2_judge(j, tcr, features & 15);
}

void judge_floating_point_works(struct judge *j)
{
        uint64_t level, fpcr, traps, fpen;
        bool usable;

        if (!judge_register(j, "CurrentEL", &level) ||
            !judge_register(j, level == EL2 ? "CPTR_EL2" : "CPACR_EL1", &traps))
                return;
        fpen = traps >> 20 & 3;
        usable = layout_is_el1(j) ? CHECK_EQ(j, fpen, FPEN_BOTH) : CHECK_EQ(j, traps & CPTR_EL2_TFP, 0);
        if (usable && judge_register(j, "FPCR", &fpcr))
                CHECK_EQ(j, fpcr, 0);
}

void judge_irqs_are_not_masked(struct judge *j)
{
        uint64_t daif;

        if (!judge_register(j, "DAIF", &daif))
                return;
        NOTE_NUMBER(j, "DAIF", daif);
        CHECK_EQ(j, daif & DAIF_I, 0);
}
