/* SPDX-License-Identifier: BSD-2-Clause */
/* The virtual counter goes forward, on every processor the same, and at the rate that CNTFRQ says. */
#include "guest.h"
#include "secondary.h"

enum {
        READS = 2000000,
        RATE_PERCENT = 5,
        RATE_FIRST_MS = 50,
        TIGHT_MS = 1, /* a reading this tight is as good as any */
        TIGHT_TRIES = 12,
        RATE_LAST_MS = 800,
};

void guest_counter_never_goes_back(struct guest *g)
{
        uint64_t first = arch_counter(), last = first, back = 0, furthest = 0;
        bool went_back, went_on;

        for (unsigned i = 0; i < READS; i++) {
                uint64_t now = arch_counter();

                if (now < last) {
                        back++;
                        furthest = last - now > furthest ? last - now : furthest;
                }
                last = now;
        }
        went_back = back != 0;
        went_on = last > first;
        CHECK_SAY(g, !went_back, "no read below the one before", "%llu of %u reads, by up to %llu ticks",
                  (unsigned long long)back, READS, (unsigned long long)furthest);
        CHECK_SAY(g, went_on, "more than 0 ticks for all reads", "%llu", (unsigned long long)(last - first));
}

void guest_counter_frequency_is_set(struct guest *g)
{
        uint64_t frequency = arch_counter_frequency();
        const struct hw_cpu *cpu;
        unsigned at = 0;

        NOTE_NUMBER(g, "CNTFRQ", frequency);
        CHECK_NE(g, frequency, 0);
        while ((cpu = secondary_next(g, &at))) {
                struct secondary run = {0};

                if (secondary_run(g, cpu->mpidr, NULL, &run) && run.done)
                        CHECK_EQ(g, run.mailbox->frequency, frequency);
                else
                        SKIP(g, "processor 0x%llx cannot be started to read its CNTFRQ",
                             (unsigned long long)cpu->mpidr);
        }
}

/* A moment of the host's clock, and the counter before and after it was asked for. */
struct moment {
        uint64_t before;
        uint64_t host; /* ns */
        uint64_t after;
};

static bool host_clock(struct guest *g, struct moment *ret)
{
        struct moment moment = {.before = arch_counter()};
        char answer[MAILBOX_TEXT], line[MAILBOX_TEXT + 2];
        struct evidence evidence = {0};

        if (!guest_ask(g, answer, "clock")) {
                SKIP(g, "the host's clock could not be read: %s", answer);
                return false;
        }
        moment.after = arch_counter();
        text_format(line, sizeof(line), "%s\n", answer);
        evidence.of[EVIDENCE_TOLD] = (struct bytes){(const uint8_t *)line, strlen(line)};
        if (!evidence_number(&evidence, EVIDENCE_TOLD, "ns", &moment.host)) {
                SUITE_ERROR(g, "the runner's clock is no number: %s", answer);
                return false;
        }
        *ret = moment;
        return true;
}

struct patience {
        uint64_t until;
};

/* The tightest of a few readings: a host that is busy for a moment widens one of them, not all. */
static bool host_clock_tight(struct guest *g, struct moment *ret)
{
        uint64_t enough = arch_counter_frequency() / 1000 * TIGHT_MS;
        struct moment best = {0}, now;

        for (unsigned i = 0; i < TIGHT_TRIES; i++) {
                if (!host_clock(g, &now))
                        return false;
                if (i == 0 || now.after - now.before < best.after - best.before)
                        best = now;
                if (best.after - best.before <= enough)
                        break;
        }
        *ret = best;
        return true;
}

static bool counter_reached(void *context)
{
        return arch_counter() >= ((struct patience *)context)->until;
}

/* The counter's interval by CNTFRQ against the host's, in thousandths. */
static uint64_t rate_of(uint64_t ticks, uint64_t host)
{
        return ticks * 1000000000 / arch_counter_frequency() * 1000 / (host ? host : 1);
}

/* True once the question is settled: both bounds of the guest's interval lie within 5 percent, or both on one side. */
static bool rate_settled(struct guest *g, const struct moment *a, const struct moment *b)
{
        const uint64_t least = 1000 - 10 * RATE_PERCENT, most = 1000 + 10 * RATE_PERCENT;
        uint64_t host = b->host - a->host;
        uint64_t low = rate_of(b->before - a->after, host), high = rate_of(b->after - a->before, host);
        bool rate_is_true = low >= least && high <= most;

        if (!rate_is_true && high >= least && low <= most)
                return false;
        CHECK_SAY(g, rate_is_true, "950 to 1050 thousandths of the host's clock", "%llu to %llu over %llu us",
                  (unsigned long long)low, (unsigned long long)high, (unsigned long long)host / 1000);
        return true;
}

void guest_counter_rate_is_true(struct guest *g)
{
        uint64_t frequency = arch_counter_frequency();
        struct moment first, last;

        if (!CHECK_NE(g, frequency, 0) || !host_clock_tight(g, &first))
                return;
        for (unsigned ms = RATE_FIRST_MS; ms <= RATE_LAST_MS; ms *= 2) {
                struct patience patience = {first.after + frequency / 1000 * ms};

                (void)guest_wait(g, 2 * ms, counter_reached, &patience);
                if (!host_clock_tight(g, &last) || rate_settled(g, &first, &last))
                        return;
        }
        SKIP(g, "the rate could not be measured: the host's clock was read in %llu to %llu ticks",
             (unsigned long long)(first.after - first.before), (unsigned long long)(last.after - last.before));
}

void guest_counter_is_the_same_everywhere(struct guest *g)
{
        const struct hw_cpu *cpu;
        unsigned at = 0;

        if (!secondary_next(g, &at)) {
                NOT_APPLICABLE(g, "one processor is described");
                return;
        }
        at = 0;
        while ((cpu = secondary_next(g, &at))) {
                struct secondary run = {0};
                uint64_t before = arch_counter(), after;

                if (!secondary_run(g, cpu->mpidr, NULL, &run) || !run.done) {
                        SKIP(g, "processor 0x%llx cannot be started to read its counter",
                             (unsigned long long)cpu->mpidr);
                        continue;
                }
                after = arch_counter();
                CHECK_IN(g, run.mailbox->counter, before, after);
        }
}
