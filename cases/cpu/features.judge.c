/* SPDX-License-Identifier: BSD-2-Clause */
/* What the processor offers, by its ID registers, and the execution state that it was in. */
#include "hwdesc.h"

enum { FIELD_NONE = 15, SCTLR_EE = 1 << 25 };

void judge_runs_in_the_state_it_was_started_in(struct judge *j)
{
        const char *state = evidence_is_aarch32(j->evidence) ? "arm" : "aarch64";
        char told[16];

        NOTE(j, "execution state", "%s", state);
        if (evidence_text(j->evidence, EVIDENCE_TOLD, "arch", told, sizeof(told)))
                CHECK_TEXT(j, state, told);
        else
                SKIP(j, "nobody told which processor the VM was started with");
}

/* BSA B_PE_03, 04, 07 and 08; a field of 15 says that FP, AdvSIMD or the granule is not there. */
void judge_processor_has_base_features(struct judge *j)
{
        uint64_t pfr0, mmfr0, sctlr, el0, el1, fp, advsimd, granule_4k;

        if (!judge_register(j, "ID_AA64PFR0_EL1", &pfr0) || !judge_register(j, "ID_AA64MMFR0_EL1", &mmfr0) ||
            !judge_register(j, "SCTLR", &sctlr))
                return;
        el0 = pfr0 & 15;
        el1 = pfr0 >> 4 & 15;
        fp = pfr0 >> 16 & 15;
        advsimd = pfr0 >> 20 & 15;
        granule_4k = mmfr0 >> 28 & 15;
        NOTE_NUMBER(j, "ID_AA64PFR0_EL1", pfr0);
        NOTE_NUMBER(j, "ID_AA64MMFR0_EL1", mmfr0);
        CHECK_IN(j, el0, 1, 2); /* 2: AArch32 as well */
        CHECK_IN(j, el1, 1, 2);
        CHECK_NE(j, fp, FIELD_NONE);
        CHECK_NE(j, advsimd, FIELD_NONE);
        CHECK_NE(j, granule_4k, FIELD_NONE);
        CHECK_EQ(j, sctlr & SCTLR_EE, 0);
}

/* "SBSA mandates EL2, which will not be available for VMs." EL3 is only told. */
void judge_el2_is_not_offered(struct judge *j)
{
        uint64_t pfr0, el2, el3;

        if (!judge_register(j, "ID_AA64PFR0_EL1", &pfr0))
                return;
        el2 = pfr0 >> 8 & 15;
        el3 = pfr0 >> 12 & 15;
        NOTE_NUMBER(j, "EL3", el3);
        CHECK_EQ(j, el2, 0);
}
