/* SPDX-License-Identifier: BSD-2-Clause */
/* PSCI (DEN0022): a call that cannot be done says why, by the code that is laid down for it. */
#include "guest.h"

enum {
        NOT_SUPPORTED = -1,
        INVALID_PARAMETERS = -2,
        ALREADY_ON = -4,
        ON_PENDING = -5,
        MPIDR_HIGH = 0xfffefd,
        FUNCTION_RESERVED = 0x8400001e,
};

static bool mpidr_used(const struct guest *g, uint64_t mpidr)
{
        for (unsigned i = 0; i < g->hw->cpus && i < HW_CPUS; i++)
                if (g->hw->cpu[i].mpidr == mpidr)
                        return true;
        return arch_mpidr() == mpidr;
}

/* An affinity that no described processor has. */
static uint64_t mpidr_unused(const struct guest *g)
{
        uint64_t mpidr = MPIDR_HIGH;

        while (mpidr_used(g, mpidr))
                mpidr--;
        return mpidr;
}

void guest_psci_return_codes(struct guest *g)
{
        uint32_t on = PSCI_CPU_ON + arch_psci_wide;
        int64_t twice = 0, absent = 0, unknown = 0;
        bool answered, told;

        answered = guest_psci(g, on, arch_mpidr(), arch_secondary_entry(), 0, &twice);
        told = answered && (twice == ALREADY_ON || twice == ON_PENDING);
        CHECK_SAY(g, told, "-4 (ALREADY_ON) or -5 (ON_PENDING)", "%s %lld to CPU_ON of the processor that calls",
                  answered ? "answer" : "no answer", (long long)twice);
        answered = guest_psci(g, on, mpidr_unused(g), arch_secondary_entry(), 0, &absent);
        told = answered && absent == INVALID_PARAMETERS;
        CHECK_SAY(g, told, "-2 (INVALID_PARAMETERS)", "%s %lld to CPU_ON of 0x%llx, which no processor has",
                  answered ? "answer" : "no answer", (long long)absent, (unsigned long long)mpidr_unused(g));
        answered = guest_psci(g, FUNCTION_RESERVED, 0, 0, 0, &unknown);
        told = answered && unknown == NOT_SUPPORTED;
        CHECK_SAY(g, told, "-1 (NOT_SUPPORTED)", "%s %lld to function 0x%x", answered ? "answer" : "no answer",
                  (long long)unknown, (unsigned)FUNCTION_RESERVED);
}
