/* SPDX-License-Identifier: BSD-2-Clause */
/* UEFI 2.4A section 2.3.5: the state in which an AArch32 application is entered, by SCTLR, DACR and CPSR. */
#include "judge.h"

enum {
        SCTLR_M = 1 << 0,
        SCTLR_A = 1 << 1,
        SCTLR_C = 1 << 2,
        SCTLR_B = 1 << 7,
        SCTLR_I = 1 << 12,
        SCTLR_TRE = 1 << 28,
        SCTLR_AFE = 1 << 29,
        MODE = 0x1f,
        MODE_USER = 0x10,
};

void judge_aarch32_entry_state(struct judge *j)
{
        uint64_t sctlr, dacr, cpsr;

        if (!judge_register(j, "SCTLR", &sctlr) || !judge_register(j, "DACR", &dacr) ||
            !judge_register(j, "CPSR", &cpsr))
                return;
        NOTE_NUMBER(j, "SCTLR", sctlr);
        CHECK_NE(j, sctlr & SCTLR_M, 0);
        CHECK_NE(j, sctlr & SCTLR_C, 0);
        CHECK_NE(j, sctlr & SCTLR_I, 0);
        CHECK_EQ(j, sctlr & SCTLR_A, 0);
        CHECK_EQ(j, sctlr & SCTLR_B, 0);
        CHECK_EQ(j, sctlr & SCTLR_TRE, 0);
        CHECK_EQ(j, sctlr & SCTLR_AFE, 0);
        CHECK_EQ(j, dacr, 0x33333333);
        CHECK_NE(j, cpsr & MODE, MODE_USER);
}
