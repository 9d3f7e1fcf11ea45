/* SPDX-License-Identifier: BSD-2-Clause */
/* PSCI through the described conduit: its version, and processors that it starts and stops. */
#include "guest.h"
#include "secondary.h"

enum { PSCI_0_2 = 2, AFFINITY_OFF = 1, SCTLR_M = 1, MODE_SVC = 0x13, MODE_HYP = 0x1a, LEVEL_EL3 = 3 };

void guest_psci_is_0_2_or_newer(struct guest *g)
{
        int64_t version = 0;
        bool answered, is_0_2;

        if (!CHECK(g, g->hw->psci) || !CHECK_NE(g, g->hw->conduit, HW_CONDUIT_NONE))
                return;
        answered = guest_psci(g, PSCI_VERSION, 0, 0, 0, &version);
        is_0_2 = version >= PSCI_0_2;
        if (!CHECK_SAY(g, answered, "an answer through the described conduit", "%s",
                       g->hw->conduit == HW_CONDUIT_HVC ? "HVC" : "SMC"))
                return;
        CHECK_SAY(g, is_0_2, "PSCI_VERSION at least 0x2", "%s0x%llx", version < 0 ? "-" : "",
                  (unsigned long long)(version < 0 ? -version : version));
}

/* True where there are other processors to ask about; where there are none, the case is told so. */
static bool others_described(struct guest *g)
{
        uint64_t told = 1;
        unsigned at = 0;

        if (secondary_next(g, &at))
                return true;
        (void)evidence_number(g->evidence, EVIDENCE_TOLD, "processors", &told);
        if (told > 1)
                CHECK_SAY(g, false, "secondary processors are described", "none, of %llu started",
                          (unsigned long long)told);
        else
                NOT_APPLICABLE(g, "the machine has one processor: described %u, started %llu", g->hw->cpus,
                               (unsigned long long)told);
        return false;
}

void guest_secondaries_are_off_at_entry(struct guest *g)
{
        const struct hw_cpu *cpu;
        unsigned at = 0;

        if (!others_described(g))
                return;
        while ((cpu = secondary_next(g, &at))) {
                int64_t state = 0;

                if (!guest_psci(g, PSCI_AFFINITY_INFO + arch_psci_wide, cpu->mpidr, 0, 0, &state))
                        SKIP(g, "PSCI does not answer: who is off cannot be asked");
                else
                        CHECK_SAY(g, state == AFFINITY_OFF, "1 (OFF)", "AFFINITY_INFO %lld for processor 0x%llx",
                                  (long long)state, (unsigned long long)cpu->mpidr);
        }
}

/* An AArch64 caller's secondaries start at its own level; an AArch32 caller's in Supervisor mode, or Hyp if it is. */
static uint64_t level_expected(void)
{
        uint64_t own = arch_level();

        return own <= LEVEL_EL3 || own == MODE_HYP ? own : MODE_SVC;
}

static void arrival_judge(struct guest *g, uint64_t mpidr, const struct secondary *run)
{
        const struct secondary_mailbox *mailbox = run->mailbox;

        CHECK_EQ(g, mailbox->arrivals, 1);
        CHECK_EQ(g, mailbox->mpidr, mpidr);
        CHECK_EQ(g, mailbox->context, (uintptr_t)mailbox);
        CHECK_EQ(g, mailbox->sctlr & SCTLR_M, 0);
        CHECK_EQ(g, mailbox->level, level_expected());
        CHECK_SAY(g, run->off, "AFFINITY_INFO 1 (OFF) after CPU_OFF", "%s for processor 0x%llx",
                  run->off ? "OFF" : "not OFF", (unsigned long long)mpidr);
}

void guest_every_secondary_starts(struct guest *g)
{
        const struct hw_cpu *cpu;
        unsigned at = 0;

        if (!others_described(g))
                return;
        while ((cpu = secondary_next(g, &at))) {
                struct secondary run;
                bool answered;

                CHECK(g, cpu->psci);
                answered = secondary_run(g, cpu->mpidr, NULL, &run);
                if (!CHECK_SAY(g, answered, "an answer to CPU_ON", "%s for processor 0x%llx", answered ? "one" : "none",
                               (unsigned long long)cpu->mpidr))
                        return;
                if (CHECK_SAY(g, run.on == 0, "0", "CPU_ON %lld for processor 0x%llx", (long long)run.on,
                              (unsigned long long)cpu->mpidr) &&
                    CHECK_SAY(g, run.done, "it arrives", "processor 0x%llx %s", (unsigned long long)cpu->mpidr,
                              run.done ? "arrived" : "did not arrive"))
                        arrival_judge(g, cpu->mpidr, &run);
        }
}

/* The boot that holds part 1 ends by the call; that the call worked shows on the host, and in that part 2 runs. */
static void psci_is_described(struct guest *g)
{
        CHECK(g, g->hw->psci);
        CHECK_NE(g, g->hw->conduit, HW_CONDUIT_NONE);
}

void guest_psci_system_reset(struct guest *g)
{
        psci_is_described(g);
}

void guest_psci_system_off(struct guest *g)
{
        psci_is_described(g);
}
