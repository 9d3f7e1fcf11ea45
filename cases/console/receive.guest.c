/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A byte typed at the console is read from the UART itself. After ExitBootServices the runner cannot be asked to type,
 * so this is tried before, at a task priority at which the firmware does not look at its console.
 */
#include "console/uart.h"
#include "guest.h"

enum { TOKEN = 32, DELAY_FIRST_MS = 100, DELAY_LAST_MS = 1600, BEYOND_MS = 300, DR_ERRORS = 0xf00 };

struct received {
        char text[TOKEN];
        size_t length;
        uint32_t errors;
};

/* Until the end of a line, or for so long. */
static void line_receive(uint64_t base, uint64_t milliseconds, struct received *ret)
{
        uint64_t until = arch_counter() + arch_counter_frequency() / 1000 * milliseconds;
        struct received received = {0};

        while (arch_counter() < until) {
                uint32_t data;

                if (mmio_read32(base + UART_FR) & UART_FR_RXFE)
                        continue;
                data = mmio_read32(base + UART_DR);
                if ((data & 0xff) == '\r')
                        break;
                received.errors |= data & DR_ERRORS;
                if (received.length + 1 < sizeof(received.text))
                        received.text[received.length++] = (char)(data & 0xff);
        }
        *ret = received;
}

/* Keys that the firmware took, because they came before the guest was ready for them, are nobody's. */
static void keys_forget(struct guest *g)
{
        EFI_INPUT_KEY key;

        while (g->st->ConIn && g->st->ConIn->ReadKeyStroke(g->st->ConIn, &key) == EFI_SUCCESS)
                ;
}

/*
 * Each try waits longer: where the guest heard the answer too late, the firmware may have taken the bytes already. Once
 * they came whole, they are readable.
 */
void guest_typed_byte_is_read_from_uart(struct guest *g)
{
        struct received received = {0};
        char token[TOKEN], answer[MAILBOX_TEXT];
        uint64_t base;

        if (!uart_found(g, &base))
                return;
        if (!g->attended) {
                SKIP(g, "no runner is there to type");
                return;
        }
        text_format(token, sizeof(token), "rx-%08llx", (unsigned long long)(g->nonce & 0xffffffff));
        for (unsigned delay = DELAY_FIRST_MS; delay <= DELAY_LAST_MS; delay *= 2) {
                EFI_TPL level;

                if (!guest_ask(g, answer, "type-late %u %s", delay, token)) {
                        SKIP(g, "nothing could be typed: %s", answer);
                        return;
                }
                level = g->bs->RaiseTPL(TPL_HIGH_LEVEL);
                line_receive(base, delay + BEYOND_MS, &received);
                g->bs->RestoreTPL(level);
                if (strcmp(received.text, token) == 0)
                        break;
                keys_forget(g);
        }
        CHECK_TEXT(g, received.text, token);
        CHECK_EQ(g, received.errors, 0);
}
