/* SPDX-License-Identifier: BSD-2-Clause */
/* An interrupt that is really taken: through the vector, acknowledged, ended; here or on another processor. */
#pragma once

#include "gic/port.h"

/* One interrupt expected on one processor. Fill port and id; the rest is what came. */
struct irq {
        struct gic_port port;
        uint32_t id;
        void (*quench)(struct irq *irq); /* in the handler, before the end of the interrupt: its source goes quiet */
        uint64_t source;                 /* quench's own */

        struct gic_line line;
        volatile uint32_t taken;        /* times that id was acknowledged */
        volatile uint32_t acknowledged; /* what the acknowledge register read then, the last time */
        volatile uint32_t strange;      /* times that another id was, or none though an interrupt came */
        volatile uint32_t strange_id;
        volatile uint32_t active;   /* 1: still active after its end */
        volatile uint32_t running;  /* the running priority after its end */
        volatile uint64_t taken_at; /* the counter, in the handler the first time */
};

/*
 * Runs work(context) with the interrupt's line open on this processor, IRQs masked and diverted to its handler; it is
 * off until gic_line_enable(). All is put back. False where it cannot be done or work ended in an exception, which is
 * the case's failed fact.
 */
bool irq_tried(struct guest *g, struct irq *irq, void (*work)(struct guest *g, struct irq *irq));

/* Takes interrupts until irq->taken is count, at most for so long, and then a little longer for one too many. */
void irq_take(struct guest *g, struct irq *irq, uint32_t count, unsigned milliseconds);

/*
 * The interrupt was taken so many times on processor mpidr, by its own id, and no other was; its last end left nothing
 * active and the processor idle. All as facts of the case.
 */
void irq_judge(struct guest *g, uint64_t mpidr, const struct irq *irq, uint32_t count);

/* Fills port for processor mpidr; where that cannot be, the case is told so as its failed fact. */
bool irq_port_found(struct guest *g, uint64_t mpidr, struct gic_port *ret);

/* The other processor's part: it makes itself ready, and takes what comes until the interrupt or the end of patience.
 */
struct irq_remote {
        struct irq irq;
        uint64_t patience;    /* ticks of the counter */
        uint64_t timer_ticks; /* its virtual timer is set that far ahead; 0: it is left alone */
        volatile uint64_t compare;
        volatile uint32_t target; /* its GICv2 target mask */
        volatile uint32_t ready;  /* 1: it would take the interrupt now */
};

/*
 * Starts processor mpidr, calls act() once it is ready (NULL: nothing to do), and waits for its end. False where the
 * processor cannot be started; one that was and did not get that far has nothing taken.
 */
bool irq_remote_run(struct guest *g, uint64_t mpidr, struct irq_remote *remote, void (*act)(struct irq_remote *remote));
