/* SPDX-License-Identifier: BSD-2-Clause */
/* The processors that a description lists are those that the VM was started with, each by its own affinity. */
#include "judge.h"

#include "hwdesc.h"

#define AFFINITY_FIELDS 0xff00ffffffull /* Aff3 and Aff2 to Aff0 */

/* The affinity of the processor that the application runs on. */
static bool own_mpidr(const struct evidence *evidence, uint64_t *ret)
{
        uint64_t mpidr = 0;

        if (!evidence_number(evidence, EVIDENCE_REGISTERS, "MPIDR_EL1", &mpidr) &&
            !evidence_number(evidence, EVIDENCE_REGISTERS, "MPIDR", &mpidr))
                return false;
        *ret = mpidr & AFFINITY_FIELDS;
        return true;
}

static unsigned kept(const struct hw *hw)
{
        return hw->cpus < HW_CPUS ? hw->cpus : HW_CPUS;
}

static void count_judge(struct judge *j, const struct hw *hw)
{
        uint64_t processors = 0;
        unsigned enabled = 0;

        for (unsigned i = 0; i < kept(hw); i++)
                enabled += hw->cpu[i].enabled;
        if (!evidence_number(j->evidence, EVIDENCE_TOLD, "processors", &processors))
                SKIP(j, "%s: nobody told how many processors the VM was started with", hw->source);
        else
                CHECK_SAY(j, enabled == processors, "as many enabled processors as the VM was started with",
                          "%s: %u, started with %u", hw->source, enabled, (unsigned)processors);
}

/* Where a processor's affinity is listed again: the index of the later one, else 0. */
static unsigned twice(const struct hw *hw)
{
        for (unsigned i = 1; i < kept(hw); i++)
                for (unsigned k = 0; k < i; k++)
                        if (hw->cpu[i].mpidr == hw->cpu[k].mpidr)
                                return i;
        return 0;
}

/* How many processors start without PSCI, the one that runs already left out: it needs no method. */
static unsigned without_psci(const struct hw *hw, uint64_t own)
{
        unsigned count = 0;

        for (unsigned i = 0; i < kept(hw); i++)
                count += hw->cpu[i].enabled && !hw->cpu[i].psci && hw->cpu[i].mpidr != own;
        return count;
}

static void affinities_judge(struct judge *j, const struct hw *hw)
{
        uint64_t own = 0;
        unsigned strange = 0, self = 0;

        for (unsigned i = 0; i < kept(hw); i++)
                strange += (hw->cpu[i].mpidr & ~AFFINITY_FIELDS) != 0;
        CHECK_SAY(j, strange == 0, "each MPIDR has its affinity fields and nothing else", "%s: %u have not", hw->source,
                  strange);
        CHECK_SAY(j, twice(hw) == 0, "no MPIDR twice", "%s: processor %u repeats one", hw->source, twice(hw));
        if (!own_mpidr(j->evidence, &own)) {
                SKIP(j, "%s: the processor's own MPIDR was not recorded", hw->source);
                return;
        }
        for (unsigned i = 0; i < kept(hw); i++)
                self += hw->cpu[i].enabled && hw->cpu[i].mpidr == own;
        CHECK_SAY(j, self == 1, "the running processor's MPIDR among the enabled ones", "%s: 0x%llx is there %u times",
                  hw->source, (unsigned long long)own, self);
        if (evidence_is_aarch32(j->evidence) && hw->psci)
                return; /* the binding leaves enable-method out there: /psci itself says so */
        CHECK_SAY(j, without_psci(hw, own) == 0,
                  "enable-method psci (FDT), no parking protocol (ACPI), for each secondary",
                  "%s: %u secondaries without", hw->source, without_psci(hw, own));
}

static void processors_judge(struct judge *j, const struct hw *hw)
{
        if (!CHECK_SAY(j, hw->cpus > 0, "processors are listed", "%s: %u", hw->source, hw->cpus))
                return;
        count_judge(j, hw);
        affinities_judge(j, hw);
}

void judge_processors_are_described(struct judge *j)
{
        bool fdt = table_offered(j->evidence, guid_fdt), acpi = table_offered(j->evidence, guid_acpi20);
        struct hw hw;

        if (!fdt && !acpi)
                NOT_APPLICABLE(j, "neither FDT nor ACPI is offered");
        if (fdt && fdt_judged(j, &hw))
                processors_judge(j, &hw);
        if (acpi && acpi_judged(j, &hw))
                processors_judge(j, &hw);
}
