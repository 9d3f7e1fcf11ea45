/* SPDX-License-Identifier: BSD-2-Clause */
/* Which GIC was asked for and which is described, boot by boot; what it means for the host is judged there. */
#include "gic/gic.h"
#include "guest.h"

void guest_gicv2_works_on_gicv3_host(struct guest *g)
{
        uint64_t told = 0;

        if (!evidence_number(g->evidence, EVIDENCE_TOLD, "gic", &told)) {
                SKIP(g, "the runner did not tell which GIC version it asked for");
                return;
        }
        NOTE_NUMBER(g, "GIC asked for", told);
        NOTE_NUMBER(g, "GIC described", gic_version(g->hw));
}
