/* SPDX-License-Identifier: BSD-2-Clause */
/* The handler is bounded: a line that stays raised, or an interrupt that is none, cannot hold the processor. */
#include "gic/irq.h"

#include "guest.h"
#include "secondary.h"

enum { HANDLED_MAX = 8, SETTLE_US = 200, READY_MS = 2000, LINE = 256 };

static struct irq *volatile expected_here;

static bool irq_handle(struct irq *irq)
{
        const struct gic_port *port = &irq->port;
        uint64_t now = arch_counter();
        uint32_t acknowledged = gic_acknowledge(port), id = gic_port_id(port, acknowledged);

        if (id != irq->id) {
                irq->strange = irq->strange + 1;
                irq->strange_id = id;
                if (id < GIC_NONE_FIRST) {
                        gic_line_disable(port, id);
                        gic_end(port, acknowledged);
                }
                return irq->strange < HANDLED_MAX;
        }
        if (!irq->taken)
                irq->taken_at = now;
        irq->taken = irq->taken + 1;
        irq->acknowledged = acknowledged;
        if (irq->quench)
                irq->quench(irq);
        gic_end(port, acknowledged);
        irq->active = gic_line_is_active(port, id);
        irq->running = gic_running_priority(port);
        return irq->taken < HANDLED_MAX;
}

static bool taken_here(void)
{
        return irq_handle(expected_here);
}

static void settle(void)
{
        uint64_t until = arch_counter() + arch_counter_frequency() / 1000000 * SETTLE_US;

        while (arch_counter() < until)
                ;
}

struct patience {
        const struct irq *irq;
        uint32_t count;
};

static bool count_taken(void *context)
{
        const struct patience *patience = context;

        return patience->irq->taken >= patience->count;
}

void irq_take(struct guest *g, struct irq *irq, uint32_t count, unsigned milliseconds)
{
        struct patience patience = {irq, count};

        arch_interrupts_unmask();
        (void)guest_wait(g, milliseconds, count_taken, &patience);
        settle();
        (void)arch_interrupts_mask();
}

struct session {
        struct guest *g;
        struct irq *irq;
        void (*work)(struct guest *g, struct irq *irq);
};

static void session_enter(void *context)
{
        struct session *session = context;
        struct irq *irq = session->irq;

        gic_port_open(&irq->port);
        gic_line_open(&irq->port, irq->id, &irq->line);
        session->work(session->g, irq);
}

static void session_leave(void *context)
{
        struct session *session = context;

        gic_line_close(&session->irq->port, &session->irq->line);
        gic_port_close(&session->irq->port);
}

bool irq_tried(struct guest *g, struct irq *irq, void (*work)(struct guest *g, struct irq *irq))
{
        uint64_t interrupts = arch_interrupts_mask();
        struct session session = {g, irq, work};
        bool whole;

        expected_here = irq;
        if (!guest_interrupts_divert(g, taken_here)) {
                arch_interrupts_restore(interrupts);
                SKIP(g, "the vectors of this processor state are out of the application's reach");
                return false;
        }
        whole = guest_try(g, session_enter, &session);
        (void)arch_interrupts_mask();
        whole = guest_try(g, session_leave, &session) && whole;
        guest_interrupts_undivert(g);
        arch_interrupts_restore(interrupts);
        return CHECK_SAY(g, whole, "no exception", "%s for interrupt %u", whole ? "none" : "one", irq->id);
}

void irq_judge(struct guest *g, uint64_t mpidr, const struct irq *irq, uint32_t count)
{
        bool counted = irq->taken == count && irq->strange == 0;
        bool ended = irq->taken && !irq->active && irq->running == GIC_IDLE;
        char want[FACT_WHAT];

        text_format(want, sizeof(want), "taken %u times by its own id, and no other", count);
        CHECK_SAY(g, counted, want, "interrupt %u on processor 0x%llx: %u times, %u others (the last was %u)", irq->id,
                  (unsigned long long)mpidr, irq->taken, irq->strange, irq->strange_id);
        CHECK_SAY(g, ended, "idle and not active after its end",
                  "interrupt %u on processor 0x%llx: %s, running priority 0x%x", irq->id, (unsigned long long)mpidr,
                  irq->active ? "active" : "not active", irq->running);
}

bool irq_port_found(struct guest *g, uint64_t mpidr, struct gic_port *ret)
{
        const char *why = gic_port_find(g, mpidr, ret);

        return CHECK_SAY(g, !why, "a described GIC for the processor", "processor 0x%llx: %s",
                         (unsigned long long)mpidr, why ? why : "there");
}

/* On another processor ------------------------------------------------------------------------------------------- */

static struct irq *volatile expected_there;

static bool taken_there(void)
{
        return irq_handle(expected_there);
}

static void timer_stop(struct irq *irq)
{
        (void)irq;
        arch_timer_set(0, arch_timer_compare(0), 0);
}

static void remote_enter(void *context)
{
        struct irq_remote *remote = context;
        struct irq *irq = &remote->irq;
        uint64_t until;

        gic_port_open(&irq->port);
        gic_line_open(&irq->port, irq->id, &irq->line);
        if (irq->port.version == 2)
                remote->target = gic_own_target(&irq->port);
        arch_secondary_interrupt_divert();
        gic_line_enable(&irq->port, irq->id);
        if (remote->timer_ticks) {
                irq->quench = timer_stop;
                remote->compare = arch_counter() + remote->timer_ticks;
                arch_timer_set(0, remote->compare, TIMER_ENABLE);
        }
        until = arch_counter() + remote->patience;
        arch_interrupts_unmask();
        remote->ready = 1;
        while (!irq->taken && arch_counter() < until)
                ;
        settle();
        (void)arch_interrupts_mask();
        if (remote->timer_ticks)
                timer_stop(irq);
        gic_line_close(&irq->port, &irq->line);
        gic_port_close(&irq->port);
}

struct shared {
        struct irq_remote remote;
        uint8_t rest[2048 - sizeof(struct irq_remote)]; /* no cache line with anything else in it */
} __attribute__((aligned(2048)));

static bool remote_ready(void *context)
{
        const struct secondary_work *work = context;

        secondary_look(work);
        return ((struct irq_remote *)work->context)->ready == 1;
}

bool irq_remote_run(struct guest *g, uint64_t mpidr, struct irq_remote *remote, void (*act)(struct irq_remote *remote))
{
        static struct shared shared;
        struct secondary_work work = {remote_enter, &shared.remote, sizeof(shared)};
        struct secondary run;

        shared.remote = *remote;
        expected_there = &shared.remote.irq;
        arch_secondary_interrupt_set(taken_there);
        if (!secondary_start(g, mpidr, &work, &run))
                return false;
        if (run.on == 0 && act && guest_wait(g, READY_MS, remote_ready, &work))
                act(&shared.remote);
        secondary_finish(g, mpidr, &run);
        *remote = shared.remote;
        return run.on == 0;
}
