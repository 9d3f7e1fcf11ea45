/* SPDX-License-Identifier: BSD-2-Clause */
/* The other processors, started one at a time by CPU_ON, each with a stack and a mailbox of its own. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "arch.h"

struct guest;
struct hw_cpu;

/* One shot of the virtual timer, watched at the register that holds the pending bits of this processor's PPIs. */
struct timer_watch {
        uint64_t pending;  /* the register's address; 0: no timer is tried */
        uint64_t ticks;    /* the timer is set that far ahead */
        uint64_t patience; /* and waited for that long beyond */

        volatile uint64_t compare;
        volatile uint64_t before;  /* pending bits before */
        volatile uint64_t seen;    /* pending bits when a new one showed, or when patience ended */
        volatile uint64_t seen_at; /* the counter, read just after them */
        volatile uint64_t control; /* CNTV_CTL then */
        volatile uint64_t after;   /* pending bits after the timer was turned off again */
};

enum { TIMER_ENABLE = 1, TIMER_IMASK = 2, TIMER_ISTATUS = 4 };

/* Fills the rest of watch and leaves the timer off. No interrupt must be taken meanwhile. */
void timer_watch(struct timer_watch *watch);

/*
 * Something to do on another processor, with its MMU and caches off. The context is shared: it lies in memory that
 * nothing else writes to, and is looked at through secondary_look().
 */
struct secondary_work {
        void (*run)(void *context); /* NULL: nothing */
        void *context;
        uint64_t size;
};

/* What a started processor finds, and what it leaves before it turns itself off. */
struct secondary_mailbox {
        uint64_t stack_top; /* first, and context second: arch_secondary_entry() knows them */
        volatile uint64_t context;
        uint64_t conduit;
        struct timer_watch timer;
        struct secondary_work work;

        volatile uint64_t arrivals;
        volatile uint64_t mpidr;
        volatile uint64_t level;
        volatile uint64_t sctlr;
        volatile uint64_t frequency;
        volatile uint64_t counter;    /* on arrival */
        volatile uint64_t interrupts; /* DAIF or CPSR */
        volatile uint64_t done;       /* 1: all the above is written */
        volatile int64_t returned;    /* by CPU_OFF, which must not return */
};

void secondary_main(struct secondary_mailbox *mailbox) __attribute__((noreturn));

struct secondary {
        struct secondary_mailbox *mailbox;
        int64_t on; /* what CPU_ON said */
        bool done;  /* it wrote all it had to, in time */
        bool off;   /* and AFFINITY_INFO says OFF */
};

/* The next described and enabled processor but this one, from *at (0 begins) on; NULL at the end. */
const struct hw_cpu *secondary_next(const struct guest *g, unsigned *at);

/*
 * Starts processor mpidr with something to do; secondary_finish() waits for its end, at most 0.7 s. False where there
 * is no conduit or no memory for it. After ExitBootServices one that did not end leaves no room for the next.
 */
bool secondary_start(struct guest *g, uint64_t mpidr, const struct secondary_work *work, struct secondary *ret);
void secondary_finish(struct guest *g, uint64_t mpidr, struct secondary *run);
/* What the other processor wrote so far is in its context. */
void secondary_look(const struct secondary_work *work);

/* Starts processor mpidr and waits for its end, at most 0.7 s. False where there is no conduit or no memory for it. */
bool secondary_run(struct guest *g, uint64_t mpidr, const struct timer_watch *timer, struct secondary *ret);
