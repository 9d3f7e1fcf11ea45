/* SPDX-License-Identifier: BSD-2-Clause */
/* BSA B_PE_01: each other processor reads its own ID registers and hands them over. */
#include "guest.h"
#include "secondary.h"

struct ids {
        uint64_t value[ARCH_IDS_MAX];
        volatile uint64_t read; /* 1: all are */
} __attribute__((aligned(2048)));

static void ids_read(void *context)
{
        struct ids *ids = context;

        arch_ids_read(ids->value);
        ids->read = 1;
}

static void ids_judge(struct guest *g, uint64_t mpidr, const struct ids *here, const struct ids *there)
{
        unsigned differ = 0;

        for (unsigned i = 0; arch_ids[i].name; i++) {
                if (!((here->value[i] ^ there->value[i]) & arch_ids[i].mask))
                        continue;
                differ++;
                CHECK_SAY(g, false, "equal on all processors", "%s: 0x%llx here, 0x%llx on processor 0x%llx",
                          arch_ids[i].name, (unsigned long long)here->value[i], (unsigned long long)there->value[i],
                          (unsigned long long)mpidr);
        }
        CHECK_EQ(g, differ, 0);
}

void guest_id_registers_are_equal(struct guest *g)
{
        static struct ids here, there;
        const struct secondary_work work = {ids_read, &there, sizeof(there)};
        const struct hw_cpu *cpu;
        unsigned at = 0;

        if (!secondary_next(g, &at)) {
                NOT_APPLICABLE(g, "one processor is described");
                return;
        }
        at = 0;
        ids_read(&here);
        while ((cpu = secondary_next(g, &at))) {
                struct secondary run;

                there = (struct ids){0};
                if (!secondary_start(g, cpu->mpidr, &work, &run)) {
                        SKIP(g, "PSCI does not answer: no other processor can be asked");
                        return;
                }
                secondary_finish(g, cpu->mpidr, &run);
                if (run.done && there.read)
                        ids_judge(g, cpu->mpidr, &here, &there);
                else
                        SKIP(g, "processor 0x%llx cannot be started to read its registers",
                             (unsigned long long)cpu->mpidr);
        }
}
