/* SPDX-License-Identifier: BSD-2-Clause */
/* BSA B_PPI_01: the timers have the interrupts that are recommended for them, in each description there is. */
#include "hwdesc.h"

enum { PPI_VIRTUAL = 27, PPI_PHYSICAL = 30 };

static void timer_judge(struct judge *j, const struct hw *hw)
{
        bool is_virtual = hw->timer_virtual == PPI_VIRTUAL, is_physical = hw->timer_physical == PPI_PHYSICAL;

        CHECK_SAY(j, is_virtual, "27 for the virtual timer", "%u by %s", hw->timer_virtual, hw->source);
        CHECK_SAY(j, is_physical, "30 for the physical timer", "%u by %s", hw->timer_physical, hw->source);
}

void judge_timers_have_recommended_ppis(struct judge *j)
{
        bool judged = false;
        struct hw hw;

        if (hw_from_fdt(j->evidence->of[EVIDENCE_FDT], &hw) && hw.timer) {
                timer_judge(j, &hw);
                judged = true;
        }
        if (hw_from_acpi(j->evidence->of[EVIDENCE_ACPI], &hw) && hw.timer) {
                timer_judge(j, &hw);
                judged = true;
        }
        CHECK_SAY(j, judged, "a generic timer is described", "%s", judged ? "it is" : "none is");
}
