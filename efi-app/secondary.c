/* SPDX-License-Identifier: BSD-2-Clause */
/* A started processor runs with its MMU and caches off: all it touches was cleaned out of the caches before. */
#include "secondary.h"

#include "guest.h"

enum { PAGE = 4096, DONE_MS = 3000, OFF_MS = 2000, AFFINITY_OFF = 1, PE_OFFSET = 0x3c, PE_IMAGE_SIZE = 0x50 };

extern const uint8_t __ImageBase[]; /* the linker's */

struct secondary_mailbox *volatile arch_secondary_mailbox;
static bool late_taken; /* the mailbox used after ExitBootServices */

void timer_watch(struct timer_watch *watch)
{
        uint64_t compare, counter, seen;
        uint64_t before = mmio_read32(watch->pending);

        watch->before = before;
        compare = arch_counter() + watch->ticks;
        watch->compare = compare;
        arch_timer_set(0, compare, TIMER_ENABLE);
        do {
                seen = mmio_read32(watch->pending);
                counter = arch_counter();
        } while (!(seen & ~before) && counter < compare + watch->patience);
        watch->control = arch_timer_control(0);
        watch->seen = seen;
        watch->seen_at = counter;
        arch_timer_set(0, compare, 0);
        watch->after = mmio_read32(watch->pending);
}

void secondary_main(struct secondary_mailbox *mailbox)
{
        mailbox->counter = arch_counter();
        mailbox->arrivals = mailbox->arrivals + 1;
        mailbox->interrupts = arch_interrupts_mask();
        mailbox->mpidr = arch_mpidr();
        mailbox->level = arch_level();
        mailbox->sctlr = arch_sctlr();
        mailbox->frequency = arch_counter_frequency();
        if (mailbox->timer.pending)
                timer_watch(&mailbox->timer);
        if (mailbox->work.run)
                mailbox->work.run(mailbox->work.context);
        mailbox->done = 1;
        arch_cache_clean(mailbox, sizeof(*mailbox));
        mailbox->returned = arch_psci_call((enum conduit)mailbox->conduit, PSCI_CPU_OFF, 0, 0, 0);
        for (;;)
                (void)arch_counter();
}

static void image_clean(void)
{
        uint32_t pe = wire_get32(__ImageBase + PE_OFFSET);

        arch_cache_clean(__ImageBase, wire_get32(__ImageBase + pe + PE_IMAGE_SIZE));
}

const struct hw_cpu *secondary_next(const struct guest *g, unsigned *at)
{
        while (*at < g->hw->cpus && *at < HW_CPUS) {
                const struct hw_cpu *cpu = &g->hw->cpu[(*at)++];

                if (cpu->enabled && cpu->mpidr != arch_mpidr())
                        return cpu;
        }
        return NULL;
}

static bool mailbox_done(void *context)
{
        struct secondary_mailbox *mailbox = context;

        arch_cache_invalidate(mailbox, sizeof(*mailbox));
        return mailbox->done == 1;
}

struct affinity {
        struct guest *g;
        uint64_t mpidr;
};

static bool affinity_off(void *context)
{
        struct affinity *affinity = context;
        int64_t state = 0;

        return guest_psci(affinity->g, PSCI_AFFINITY_INFO + arch_psci_wide, affinity->mpidr, 0, 0, &state) &&
               state == AFFINITY_OFF;
}

/* After ExitBootServices nobody gives memory: one mailbox, free while the processor that had it last is off. */
static uint8_t *mailbox_pages(struct guest *g)
{
        static uint8_t late[2 * PAGE] __attribute__((aligned(PAGE)));

        if (g->bs)
                return guest_pages(g, 2);
        if (late_taken)
                return NULL;
        return memset(late, 0, sizeof(late));
}

static bool processor_start(struct guest *g, uint64_t mpidr, const struct timer_watch *timer,
                            const struct secondary_work *work, struct secondary *ret)
{
        uint8_t *pages = mailbox_pages(g);
        struct secondary_mailbox *mailbox = (struct secondary_mailbox *)pages;
        struct secondary run = {.mailbox = mailbox};

        if (!pages)
                return false;
        mailbox->stack_top = (uintptr_t)pages + 2 * PAGE;
        mailbox->conduit = g->hw->conduit;
        if (timer)
                mailbox->timer = *timer;
        if (work)
                mailbox->work = *work;
        arch_secondary_mailbox = mailbox;
        arch_cache_clean(pages, 2 * PAGE);
        image_clean();
        if (work)
                arch_cache_clean(work->context, work->size);
        if (!guest_psci(g, PSCI_CPU_ON + arch_psci_wide, mpidr, arch_secondary_entry(), (uintptr_t)mailbox, &run.on))
                return false;
        late_taken = !g->bs && run.on == 0;
        *ret = run;
        return true;
}

bool secondary_start(struct guest *g, uint64_t mpidr, const struct secondary_work *work, struct secondary *ret)
{
        return processor_start(g, mpidr, NULL, work, ret);
}

void secondary_finish(struct guest *g, uint64_t mpidr, struct secondary *run)
{
        struct affinity affinity = {g, mpidr};

        run->done = run->on == 0 && guest_wait(g, DONE_MS, mailbox_done, run->mailbox);
        run->off = run->done && guest_wait(g, OFF_MS, affinity_off, &affinity);
        arch_cache_invalidate(run->mailbox, sizeof(*run->mailbox));
        if (run->mailbox->work.run)
                secondary_look(&run->mailbox->work);
        if (run->off)
                late_taken = false;
}

void secondary_look(const struct secondary_work *work)
{
        arch_cache_invalidate(work->context, work->size);
}

bool secondary_run(struct guest *g, uint64_t mpidr, const struct timer_watch *timer, struct secondary *ret)
{
        struct secondary run;

        if (!processor_start(g, mpidr, timer, NULL, &run))
                return false;
        secondary_finish(g, mpidr, &run);
        *ret = run;
        return true;
}
