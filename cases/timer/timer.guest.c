/* SPDX-License-Identifier: BSD-2-Clause */
/* The virtual timer raises the interrupt that the description gives it, and holds it as long as its condition holds. */
#include "gic/gic.h"
#include "guest.h"
#include "secondary.h"

enum { AHEAD_MS = 1, LATE_MS = 50, TRIES = 5, PPI_FIRST = 16, PPI_LAST = 31, STEADY_READS = 100 };

/* The firmware's own use of the timer, put aside. */
struct quiet {
        EFI_TPL level;
        uint64_t interrupts;
        uint64_t compare;
        uint32_t control;
};

static struct quiet quiet_begin(struct guest *g)
{
        struct quiet quiet = {.level = g->bs->RaiseTPL(TPL_HIGH_LEVEL)};

        quiet.interrupts = arch_interrupts_mask();
        quiet.compare = arch_timer_compare(0);
        quiet.control = arch_timer_control(0);
        arch_timer_set(0, quiet.compare, 0);
        return quiet;
}

static void quiet_end(struct guest *g, const struct quiet *quiet)
{
        arch_timer_set(0, quiet->compare, quiet->control & (TIMER_ENABLE | TIMER_IMASK));
        arch_interrupts_restore(quiet->interrupts);
        g->bs->RestoreTPL(quiet->level);
}

/* A watch on the timer of processor mpidr; false where its interrupt cannot be seen, and the case is told so. */
static bool watch_begin(struct guest *g, uint64_t mpidr, struct timer_watch *ret)
{
        uint64_t ms = arch_counter_frequency() / 1000, pending = 0;

        if (!gic_pending_find(g, mpidr, &pending)) {
                SKIP(g, "the pending interrupts of processor 0x%llx cannot be read", (unsigned long long)mpidr);
                return false;
        }
        *ret = (struct timer_watch){.pending = pending, .ticks = AHEAD_MS * ms, .patience = LATE_MS * ms};
        return true;
}

static uint32_t fresh_ppis(const struct timer_watch *watch)
{
        return (uint32_t)(watch->seen & ~watch->before) & 0xffff0000;
}

/* Nothing came, or it came late: a host that is busy for a moment does that too, but not each time. */
static bool watch_again(const struct timer_watch *watch)
{
        return !fresh_ppis(watch) || watch->seen_at > watch->compare + watch->patience;
}

static void watch_judge(struct guest *g, uint64_t mpidr, const struct timer_watch *watch)
{
        uint32_t raised = fresh_ppis(watch);
        bool described_ppi_raised = raised == 1u << g->hw->timer_virtual;

        CHECK_SAY(g, described_ppi_raised, "the described PPI alone", "bits 0x%x of processor 0x%llx, PPI %u described",
                  raised, (unsigned long long)mpidr, g->hw->timer_virtual);
        CHECK_NE(g, watch->control & TIMER_ISTATUS, 0);
        if (raised)
                CHECK_IN(g, watch->seen_at, watch->compare, watch->compare + watch->patience);
}

static void own_timer_judge(struct guest *g)
{
        struct timer_watch watch;
        struct quiet quiet;

        if (!watch_begin(g, arch_mpidr(), &watch))
                return;
        quiet = quiet_begin(g);
        timer_watch(&watch);
        for (unsigned i = 1; i < TRIES && watch_again(&watch); i++)
                timer_watch(&watch);
        quiet_end(g, &quiet);
        watch_judge(g, arch_mpidr(), &watch);
}

static void secondary_timer_judge(struct guest *g, uint64_t mpidr)
{
        struct secondary run = {0};
        struct timer_watch watch;
        bool done;

        if (!watch_begin(g, mpidr, &watch))
                return;
        done = secondary_run(g, mpidr, &watch, &run) && run.done;
        for (unsigned i = 1; i < TRIES && done && watch_again(&run.mailbox->timer); i++)
                done = secondary_run(g, mpidr, &watch, &run) && run.done;
        if (done)
                watch_judge(g, mpidr, &run.mailbox->timer);
        else
                SKIP(g, "processor 0x%llx cannot be started to try its timer", (unsigned long long)mpidr);
}

static bool timer_described(struct guest *g)
{
        return CHECK(g, g->hw->timer) && CHECK_IN(g, g->hw->timer_virtual, PPI_FIRST, PPI_LAST) &&
               CHECK_NE(g, arch_counter_frequency(), 0);
}

void guest_virtual_timer_fires_as_described(struct guest *g)
{
        const struct hw_cpu *cpu;
        unsigned at = 0;

        if (!timer_described(g))
                return;
        own_timer_judge(g);
        while ((cpu = secondary_next(g, &at)))
                secondary_timer_judge(g, cpu->mpidr);
}

/* The pending bit of the timer's interrupt on this processor. */
struct line {
        uint64_t pending;
        uint32_t bit;
        bool want;
};

static bool line_is(void *context)
{
        const struct line *line = context;

        return !!(mmio_read32(line->pending) & line->bit) == line->want;
}

/* Sets the timer and waits for the interrupt line to follow. */
static bool line_raised(struct guest *g, struct line *line, uint64_t compare, uint32_t control)
{
        line->want = true;
        arch_timer_set(0, compare, control);
        return guest_wait(g, LATE_MS, line_is, line);
}

static bool line_dropped(struct guest *g, struct line *line, uint64_t compare, uint32_t control)
{
        line->want = false;
        arch_timer_set(0, compare, control);
        return guest_wait(g, LATE_MS, line_is, line);
}

static bool line_stays_raised(struct line *line)
{
        bool raised = true;

        line->want = true;
        for (unsigned i = 0; i < STEADY_READS; i++)
                raised &= line_is(line);
        return raised;
}

static void line_judge(struct guest *g, struct line *line)
{
        uint64_t past = arch_counter(), future = past + 3600 * arch_counter_frequency();

        if (!line_raised(g, line, past, TIMER_ENABLE)) {
                SKIP(g, "the timer does not raise the described PPI %u at all", g->hw->timer_virtual);
                return;
        }
        CHECK(g, line_stays_raised(line));
        CHECK_EQ(g, arch_timer_control(0), TIMER_ENABLE | TIMER_ISTATUS);
        CHECK(g, line_dropped(g, line, past, TIMER_ENABLE | TIMER_IMASK));
        CHECK_EQ(g, arch_timer_control(0), TIMER_ENABLE | TIMER_IMASK | TIMER_ISTATUS);
        CHECK(g, line_raised(g, line, past, TIMER_ENABLE));
        CHECK(g, line_dropped(g, line, future, TIMER_ENABLE));
        CHECK_EQ(g, arch_timer_control(0), TIMER_ENABLE);
        CHECK(g, line_raised(g, line, past, TIMER_ENABLE));
        CHECK(g, line_dropped(g, line, past, 0));
}

void guest_virtual_timer_is_level_sensitive(struct guest *g)
{
        struct timer_watch watch;
        struct line line;
        struct quiet quiet;

        if (!timer_described(g) || !watch_begin(g, arch_mpidr(), &watch))
                return;
        line = (struct line){.pending = watch.pending, .bit = 1u << g->hw->timer_virtual};
        quiet = quiet_begin(g);
        line_judge(g, &line);
        quiet_end(g, &quiet);
}
