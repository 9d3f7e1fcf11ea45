/* SPDX-License-Identifier: BSD-2-Clause */
/* What the processor could run, and what runs on the instance that is the same machine in AArch32 state. */
#include "guest.h"

void guest_aarch32_instance_boots(struct guest *g)
{
        uint64_t pfr0;

        if (g->part == 2)
                CHECK_TEXT(g, arch_name, "arm");
        else if (evidence_number(g->evidence, EVIDENCE_REGISTERS, "ID_AA64PFR0_EL1", &pfr0))
                NOTE_NUMBER(g, "ID_AA64PFR0_EL1.EL1", pfr0 >> 4 & 15);
}
