/* SPDX-License-Identifier: BSD-2-Clause */
/* The timers' interrupts are taken as such: through the vector, by the described id, here and on every processor. */
#include "gic/irq.h"
#include "guest.h"
#include "secondary.h"

enum { AHEAD_MS = 1, LATE_MS = 50, TRIES = 5, PPI_FIRST = 16, PPI_LAST = 31, VIRTUAL = 0, PHYSICAL = 1 };

static uint64_t compare_set;
static uint64_t due; /* the same moment by the virtual counter, or just before it */

static void timer_quench(struct irq *irq)
{
        arch_timer_set((unsigned)irq->source, compare_set, 0);
}

static void timer_fire(struct guest *g, struct irq *irq)
{
        uint64_t (*counter)(void) = irq->source == PHYSICAL ? arch_physical_counter : arch_counter;

        gic_line_enable(&irq->port, irq->id);
        due = arch_counter() + arch_counter_frequency() / 1000 * AHEAD_MS;
        compare_set = counter() + arch_counter_frequency() / 1000 * AHEAD_MS;
        arch_timer_set((unsigned)irq->source, compare_set, TIMER_ENABLE);
        irq_take(g, irq, 1, AHEAD_MS + LATE_MS);
        timer_quench(irq);
}

static uint64_t late_after(uint64_t when)
{
        return when + arch_counter_frequency() / 1000 * LATE_MS;
}

/* A host that is busy may be late, or let the patience end; a platform that cannot do it will not in some tries. */
static bool worth_another(const struct irq *irq, uint64_t when)
{
        return !irq->strange && (!irq->taken || irq->taken_at > late_after(when));
}

static void taken_judge(struct guest *g, uint64_t mpidr, const struct irq *irq, uint64_t when)
{
        irq_judge(g, mpidr, irq, 1);
        if (irq->taken)
                CHECK_IN(g, irq->taken_at, when, late_after(when));
}

/* The firmware's own setting of the timer is put back. */
static bool own_timer_judge(struct guest *g, unsigned which, uint32_t ppi)
{
        uint64_t compare = arch_timer_compare(which);
        uint32_t control = arch_timer_control(which);
        struct irq irq = {.id = ppi, .quench = timer_quench, .source = which}, first;
        bool tried;

        if (!irq_port_found(g, arch_mpidr(), &irq.port))
                return false;
        first = irq;
        arch_timer_set(which, compare, 0);
        tried = irq_tried(g, &irq, timer_fire);
        for (unsigned i = 1; i < TRIES && tried && worth_another(&irq, due); i++) {
                irq = first;
                tried = irq_tried(g, &irq, timer_fire);
        }
        arch_timer_set(which, compare, control & (TIMER_ENABLE | TIMER_IMASK));
        if (!tried)
                return false;
        taken_judge(g, arch_mpidr(), &irq, due);
        return true;
}

/* False where the processor cannot be started. */
static bool secondary_timer_try(struct guest *g, uint64_t mpidr, const struct gic_port *port, struct irq_remote *ret)
{
        uint64_t ms = arch_counter_frequency() / 1000;

        *ret = (struct irq_remote){.irq.id = g->hw->timer_virtual,
                                   .irq.port = *port,
                                   .patience = (AHEAD_MS + LATE_MS) * ms,
                                   .timer_ticks = AHEAD_MS * ms};
        return irq_remote_run(g, mpidr, ret, NULL);
}

static void secondary_timer_judge(struct guest *g, uint64_t mpidr)
{
        struct irq_remote remote;
        struct gic_port port;
        bool started;

        if (!irq_port_found(g, mpidr, &port))
                return;
        started = secondary_timer_try(g, mpidr, &port, &remote);
        for (unsigned i = 1; i < TRIES && started && worth_another(&remote.irq, remote.compare); i++)
                started = secondary_timer_try(g, mpidr, &port, &remote);
        if (!started) {
                SKIP(g, "processor 0x%llx cannot be started", (unsigned long long)mpidr);
                return;
        }
        taken_judge(g, mpidr, &remote.irq, remote.compare);
}

void guest_virtual_timer_interrupt_is_taken(struct guest *g)
{
        const struct hw_cpu *cpu;
        unsigned at = 0;

        if (!CHECK(g, g->hw->timer) || !CHECK_IN(g, g->hw->timer_virtual, PPI_FIRST, PPI_LAST) ||
            !CHECK_NE(g, arch_counter_frequency(), 0) || !own_timer_judge(g, VIRTUAL, g->hw->timer_virtual))
                return;
        while ((cpu = secondary_next(g, &at)))
                secondary_timer_judge(g, cpu->mpidr);
}

/* At EL1 and EL2 alike this is the non-secure EL1 physical timer. */
void guest_physical_timer_interrupt_is_taken(struct guest *g)
{
        if (CHECK(g, g->hw->timer) && CHECK_IN(g, g->hw->timer_physical, PPI_FIRST, PPI_LAST) &&
            CHECK_NE(g, arch_counter_frequency(), 0))
                (void)own_timer_judge(g, PHYSICAL, g->hw->timer_physical);
}
