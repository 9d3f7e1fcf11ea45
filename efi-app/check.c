/* SPDX-License-Identifier: BSD-2-Clause */
/* What a case says becomes records; what it does not survive becomes its failed fact. */
#include "app.h"
#include "guard.h"
#include "judge.h"
#include "line.h"

struct half_run {
        struct app *app;
        enum case_id id;
        enum half half;
        struct check *check;
        struct judge judge;
};

/* The application that the sink below speaks for: there is one. */
static struct app *speaker;

static unsigned waited_told; /* of what the half in progress has waited */

static void fact_record(const struct fact *fact)
{
        static uint8_t payload[WIRE_FACT_MAX];
        size_t size = wire_fact_put(payload, fact);

        (void)say_record(&speaker->say, WIRE_FACT, payload, size);
}

static void fact_told(struct check *check, const struct fact *fact)
{
        struct fact note = {.kind = FACT_NOTE, .what = FACT_WAITED};

        (void)check;
        if (fact->kind == FACT_FAILED && speaker->guest.waited != waited_told) {
                waited_told = speaker->guest.waited;
                text_copy(note.place, sizeof(note.place), fact->place);
                text_format(note.got, sizeof(note.got), "%u", waited_told);
                fact_record(&note);
        }
        fact_record(fact);
}

static void half_enter(void *context)
{
        struct half_run *run = context;

        if (run->half == HALF_G)
                guest_halves[run->id](&run->app->guest);
        else
                judge_halves[run->id](&run->judge);
}

static void fault_told(struct half_run *run)
{
        struct app *app = run->app;

        if (app->guest.bs) {
                EFI_TPL level = app->guest.bs->RaiseTPL(TPL_HIGH_LEVEL);

                (void)level;
                app->guest.bs->RestoreTPL(TPL_APPLICATION);
        }
        check_say(run->check, "exception", false, "the case runs without an exception", "none",
                  "syndrome 0x%llx, address 0x%llx, at 0x%llx (the application lies at 0x%llx)",
                  (unsigned long long)arch_fault.syndrome, (unsigned long long)arch_fault.address,
                  (unsigned long long)arch_fault.at, (unsigned long long)app->image_base);
}

void check_run_half(struct app *app, enum case_id id, unsigned part, enum half half)
{
        struct half_run run = {.app = app, .id = id, .half = half, .judge = {.evidence = &app->evidence}};
        struct say *say = &app->say;
        uint8_t counts[12];

        speaker = app;
        run.check = half == HALF_G ? &app->guest.check : &run.judge.check;
        *run.check = (struct check){.tell = fact_told};
        app->guest.part = part;
        app->guest.waited = waited_told = 0;
        say->case_id = (uint16_t)id;
        say->part = (uint8_t)part;
        say->half = (uint8_t)half;
        (void)say_record(say, WIRE_CASE_BEGIN, NULL, 0);
        (void)say_flush(say);
        if (!guard_run(half_enter, &run))
                fault_told(&run);
        wire_put32(counts, run.check->held);
        wire_put32(counts + 4, run.check->failed);
        wire_put32(counts + 8, run.check->other);
        (void)say_record(say, WIRE_CASE_END, counts, sizeof(counts));
        (void)say_flush(say);
        if (app->guest.bs)
                say_line(say, "VS1 %u %s.%u%c %u held %u failed %u other", say->attempt, cases[id].name, part,
                         half == HALF_G ? 'g' : 'j', run.check->held, run.check->failed, run.check->other);
        say->case_id = WIRE_NO_CASE;
        say->part = 0;
        say->half = 0;
}

/* What cases call ------------------------------------------------------------------------------------------------- */

static struct app *app_of(struct guest *g)
{
        return (struct app *)g;
}

enum { ANSWER_MS = 10000 };
enum { CALIBRATE_US = 2000, SPINS_MOST = 200000000 };

uint64_t guest_ticks_per_millisecond(struct guest *g)
{
        static uint64_t measured;
        uint64_t frequency = arch_counter_frequency(), start;

        if (frequency >= RATE_LEAST)
                return frequency / 1000;
        if (!measured && g->bs) {
                start = arch_counter();
                (void)g->bs->Stall(CALIBRATE_US);
                measured = (arch_counter() - start) / (CALIBRATE_US / 1000);
        }
        return measured;
}

/* Bounded twice: by the counter, and by how often it looks, should the counter stand still. */
bool guest_wait(struct guest *g, unsigned milliseconds, bool (*holds)(void *context), void *context)
{
        uint64_t ticks = guest_ticks_per_millisecond(g);
        uint64_t start = arch_counter();
        uint64_t most = g->bs ? 10ull * milliseconds : SPINS_MOST;

        for (uint64_t i = 0; i <= most; i++) {
                if (holds(context))
                        return true;
                if (g->bs)
                        (void)g->bs->Stall(100);
                if (ticks && (arch_counter() - start) / ticks > milliseconds)
                        break;
        }
        if (holds(context))
                return true;
        g->waited += milliseconds;
        return false;
}

struct mailbox_wait {
        struct app *app;
        uint32_t sequence;
        unsigned looks;
        struct wire_mailbox mailbox;
};

enum { BREATH = 20000, LOOKS_AWAKE = 200, LOOKS_AT_REST = 1000 };

/*
 * Instructions alone, for some tens or hundreds of microseconds. QEMU takes its one lock for each reading of the
 * counter and of a device, and a guest that did nothing else kept it for 10 s from what the runner waited for.
 */
static void breathe(void)
{
        for (volatile unsigned i = 0; i < BREATH; i++)
                ;
}

/*
 * An answer that does not come at once is awaited at rest: another instance may need the processor for it to come. As
 * long as the whole wait is to be, and no longer, should the counter stand still that ends it.
 */
static bool mailbox_answered(void *context)
{
        static uint8_t block[WIRE_MAILBOX_SIZE];
        struct mailbox_wait *wait = context;

        if (++wait->looks > LOOKS_AWAKE && wait->looks <= LOOKS_AWAKE + LOOKS_AT_REST)
                guest_rest(&wait->app->guest);
        else
                breathe();
        return !EFI_ERROR(disk_read(&wait->app->disk, WIRE_MAILBOX_OFFSET, block, sizeof(block))) &&
               wire_mailbox_get(block, wait->app->guest.nonce, &wait->mailbox) &&
               wait->mailbox.attempt == wait->app->say.attempt && wait->mailbox.sequence == wait->sequence;
}

/* After ExitBootServices --------------------------------------------------------------------------------------------
 */

struct line_wait {
        struct line line;
        char want[WIRE_LINE_MAX]; /* how the answer begins, but for whether it was done */
        char got[WIRE_LINE_MAX];
        size_t length;
};

/* Whatever else comes in is a line of somebody else's. */
static bool line_answered(void *context)
{
        struct line_wait *wait = context;
        size_t prefix = strlen(wait->want);
        char c;

        breathe();
        while (line_take(&wait->line, &c)) {
                if (c != '\r' && c != '\n') {
                        if (wait->length + 1 < sizeof(wait->got))
                                wait->got[wait->length++] = c;
                        continue;
                }
                wait->got[wait->length] = 0;
                if (wait->length >= prefix + 2 && memcmp(wait->got, wait->want, prefix) == 0)
                        return true;
                wait->length = 0;
        }
        return false;
}

static bool line_ask(struct app *app, char answer[MAILBOX_TEXT], const char *text)
{
        struct line_wait wait = {.line = line_find(app->guest.hw)};
        char request[WIRE_LINE_MAX];
        unsigned long long nonce = app->guest.nonce;
        size_t prefix;

        if (wait.line.kind == LINE_NONE) {
                text_copy(answer, MAILBOX_TEXT, "no UART is described that a request could go through");
                app->guest.attended = false;
                return false;
        }
        prefix = text_format(wait.want, sizeof(wait.want), WIRE_LINE_ANSWER, nonce, app->line_asked, 0) - 2;
        wait.want[prefix] = 0;
        text_format(request, sizeof(request), WIRE_LINE_REQUEST, nonce, app->line_asked++);
        if (!line_put(&wait.line, "\r\n") || !line_put(&wait.line, request) || !line_put(&wait.line, text) ||
            !line_put(&wait.line, "\r\n") || !guest_wait(&app->guest, ANSWER_MS, line_answered, &wait)) {
                app->guest.attended = false;
                text_copy(answer, MAILBOX_TEXT, "the runner did not answer over the UART within 10 s");
                return false;
        }
        text_copy(answer, MAILBOX_TEXT, wait.got + prefix + 2);
        return wait.got[prefix] == '1';
}

bool guest_ask(struct guest *g, char answer[MAILBOX_TEXT], const char *format, ...)
{
        struct app *app = app_of(g);
        struct mailbox_wait wait = {.app = app, .sequence = app->say.sequence};
        char text[MAILBOX_TEXT];
        va_list args;

        text_copy(answer, MAILBOX_TEXT, "nobody answers requests");
        if (!g->attended)
                return false;
        va_start(args, format);
        text_vformat(text, sizeof(text), format, args);
        va_end(args);
        if (!g->bs)
                return line_ask(app, answer, text);
        if (!say_text(&app->say, WIRE_REQUEST, text) || EFI_ERROR(say_flush(&app->say))) {
                g->attended = false;
                text_copy(answer, MAILBOX_TEXT, "the request could not be written to the journal");
                return false;
        }
        if (!guest_wait(g, ANSWER_MS, mailbox_answered, &wait)) {
                g->attended = false;
                text_copy(answer, MAILBOX_TEXT, "the runner did not answer within 10 s");
                return false;
        }
        text_copy(answer, MAILBOX_TEXT, wait.mailbox.text);
        return wait.mailbox.done == 1;
}

void guest_flush(struct guest *g)
{
        (void)say_flush(&app_of(g)->say);
}

void *guest_pages(struct guest *g, size_t pages)
{
        EFI_PHYSICAL_ADDRESS address = 0;

        if (!g->bs || EFI_ERROR(g->bs->AllocatePages(AllocateAnyPages, EfiLoaderData, pages, &address)))
                return NULL;
        return memset((void *)(uintptr_t)address, 0, pages * 4096);
}

struct psci {
        enum conduit conduit;
        uint32_t function;
        uint64_t argument[3];
        int64_t result;
};

static void psci_enter(void *context)
{
        struct psci *psci = context;

        psci->result =
                arch_psci_call(psci->conduit, psci->function, psci->argument[0], psci->argument[1], psci->argument[2]);
}

bool guest_psci(struct guest *g, uint32_t function, uint64_t a, uint64_t b, uint64_t c, int64_t *ret)
{
        struct psci psci = {(enum conduit)g->hw->conduit, function, {a, b, c}, 0};

        if (!g->hw->psci || psci.conduit == CONDUIT_NONE || !guard_run(psci_enter, &psci))
                return false;
        *ret = psci.result;
        return true;
}

struct peek {
        uint64_t address;
        uint32_t value;
};

static void peek_enter(void *context)
{
        struct peek *peek = context;

        peek->value = mmio_read32(peek->address);
}

bool guest_peek32(struct guest *g, uint64_t address, uint32_t *ret)
{
        struct peek peek = {address, 0};

        (void)g;
        if (!guard_run(peek_enter, &peek))
                return false;
        *ret = peek.value;
        return true;
}

bool guest_try(struct guest *g, void (*function)(void *context), void *context)
{
        (void)g;
        return guard_run(function, context);
}

bool guest_interrupts_divert(struct guest *g, arch_interrupt_taken *taken)
{
        return !g->bs && guard_divert(taken);
}

void guest_interrupts_undivert(struct guest *g)
{
        (void)g;
        guard_undivert();
}
