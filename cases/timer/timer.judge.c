/* SPDX-License-Identifier: BSD-2-Clause */
/* The counter's frequency register, and a clock-frequency in the FDT where one overrides it. */
#include "judge.h"

#include "hw.h"

void judge_counter_frequency_is_set(struct judge *j)
{
        uint64_t frequency = 0;
        struct hw hw;

        if (!evidence_number(j->evidence, EVIDENCE_REGISTERS, "CNTFRQ_EL0", &frequency) &&
            !evidence_number(j->evidence, EVIDENCE_REGISTERS, "CNTFRQ", &frequency)) {
                SUITE_ERROR(j, "CNTFRQ was not recorded");
                return;
        }
        CHECK_NE(j, frequency, 0);
        hw_read(j->evidence, &hw);
        if (hw.timer_frequency)
                CHECK_EQ(j, hw.timer_frequency, frequency);
}
