/* SPDX-License-Identifier: BSD-2-Clause */
/* A software generated interrupt, the one that needs no device: to the processor itself, and to each other one. */
#include "gic/irq.h"
#include "guest.h"
#include "secondary.h"

enum {
        SGIS = 8, /* 8 to 15 belong to the secure world where there is one */
        SENT = 2,
        PATIENCE_MS = 1000,
        LOST_MS = 10, /* once one did not come: the others are tried all the same */
        REMOTE_MS = 2000,
        REMOTE_ID = 5,
};

static bool own_lost;

/* The second one comes only where the first one ended. */
static void own_send(struct guest *g, struct irq *irq)
{
        gic_line_enable(&irq->port, irq->id);
        for (uint32_t i = 1; i <= SENT; i++) {
                gic_send_self(&irq->port, irq->id);
                irq_take(g, irq, i, own_lost ? LOST_MS : PATIENCE_MS);
                own_lost |= irq->taken < i;
                irq_judge(g, arch_mpidr(), irq, i);
        }
}

void guest_own_sgi_is_taken(struct guest *g)
{
        struct gic_port port;

        own_lost = false;
        if (!irq_port_found(g, arch_mpidr(), &port))
                return;
        for (uint32_t id = 0; id < SGIS; id++) {
                struct irq irq = {.port = port, .id = id};

                if (!irq_tried(g, &irq, own_send))
                        return;
        }
}

static void remote_send(struct irq_remote *remote)
{
        gic_send(&remote->irq.port, REMOTE_ID, remote->irq.port.affinity, remote->target);
}

static void remote_judge(struct guest *g, uint64_t mpidr, const struct irq_remote *there, const struct irq *here)
{
        bool elsewhere = here->taken || here->strange;

        irq_judge(g, mpidr, &there->irq, 1);
        CHECK_SAY(g, !elsewhere, "nothing taken by the sender", "%u for processor 0x%llx", here->taken,
                  (unsigned long long)mpidr);
}

/* The sender is open for the same SGI, so that one that goes astray shows. */
static struct irq_remote remote;
static uint64_t remote_mpidr;
static bool remote_started;

static void remote_try(struct guest *g, struct irq *irq)
{
        gic_line_enable(&irq->port, irq->id);
        remote_started = irq_remote_run(g, remote_mpidr, &remote, remote_send);
        irq_take(g, irq, 1, 0);
}

static void remote_case(struct guest *g, uint64_t mpidr, const struct gic_port *own)
{
        struct irq here = {.port = *own, .id = REMOTE_ID};

        remote = (struct irq_remote){.irq.id = REMOTE_ID, .patience = arch_counter_frequency() / 1000 * REMOTE_MS};
        remote_mpidr = mpidr;
        if (!irq_port_found(g, mpidr, &remote.irq.port))
                return;
        if (!irq_tried(g, &here, remote_try))
                return;
        if (!remote_started)
                SKIP(g, "processor 0x%llx cannot be started", (unsigned long long)mpidr);
        else
                remote_judge(g, mpidr, &remote, &here);
}

void guest_sgi_reaches_every_processor(struct guest *g)
{
        const struct hw_cpu *cpu;
        struct gic_port own;
        unsigned at = 0;

        if (!secondary_next(g, &at)) {
                NOT_APPLICABLE(g, "one processor is described");
                return;
        }
        if (!irq_port_found(g, arch_mpidr(), &own))
                return;
        at = 0;
        while ((cpu = secondary_next(g, &at)))
                remote_case(g, cpu->mpidr, &own);
}
