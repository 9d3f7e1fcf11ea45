/* SPDX-License-Identifier: BSD-2-Clause */
/* What is written carries the nonce of the run: the host finds just this output, and no other. */
#include "console/uart.h"
#include "guest.h"
#include "xen.h"

enum { LINE = 96, KEY_MS = 3000 };

static bool console_write(struct guest *g, const char *line)
{
        CHAR16 wide[LINE + 3];
        size_t length = 0;

        if (!CHECK(g, g->st->ConOut != NULL))
                return false;
        for (; line[length] && length < LINE; length++)
                wide[length] = (CHAR16)(uint8_t)line[length];
        wide[length] = '\r';
        wide[length + 1] = '\n';
        wide[length + 2] = 0;
        return CHECK_STATUS(g, g->st->ConOut->OutputString(g->st->ConOut, wide), EFI_SUCCESS);
}

void guest_console_carries_output(struct guest *g)
{
        char line[LINE];

        text_format(line, sizeof(line), "VMSPEC-CONSOLE-%016llx", (unsigned long long)g->nonce);
        console_write(g, line);
}

/* All printable ASCII, in lines shorter than any terminal is wide: 80 columns. */
void guest_conout_is_byte_exact(struct guest *g)
{
        for (unsigned third = 0; third < 3; third++) {
                char line[LINE];
                size_t at = text_format(line, sizeof(line), "VMSPEC-CONOUT-%u-%016llx:", third,
                                        (unsigned long long)g->nonce);

                for (unsigned c = 0x20 + third * 0x20; c < 0x40 + third * 0x20 && c < 0x7f; c++)
                        line[at++] = (char)c;
                line[at] = 0;
                if (!console_write(g, line))
                        return;
        }
}

struct typed {
        struct guest *g;
        char text[LINE];
        size_t length;
};

static bool line_typed(void *context)
{
        struct typed *typed = context;
        EFI_INPUT_KEY key;

        while (typed->g->st->ConIn->ReadKeyStroke(typed->g->st->ConIn, &key) == EFI_SUCCESS) {
                if (key.UnicodeChar == '\r' || key.UnicodeChar == '\n')
                        return true;
                if (key.UnicodeChar >= 0x20 && key.UnicodeChar < 0x7f && typed->length + 1 < sizeof(typed->text))
                        typed->text[typed->length++] = (char)key.UnicodeChar;
        }
        return false;
}

void guest_conin_reads_typed_line(struct guest *g)
{
        struct typed typed = {.g = g};
        char token[40], answer[MAILBOX_TEXT];
        EFI_INPUT_KEY key;

        if (!CHECK(g, g->st->ConIn != NULL))
                return;
        if (!g->attended) {
                SKIP(g, "no runner is there to type");
                return;
        }
        while (g->st->ConIn->ReadKeyStroke(g->st->ConIn, &key) == EFI_SUCCESS)
                NOTE_NUMBER(g, "a key that nobody typed", key.UnicodeChar);
        text_format(token, sizeof(token), "typed-%016llx", (unsigned long long)g->nonce);
        if (!CHECK_SAY(g, guest_ask(g, answer, "type %s", token), "the console takes input", "%s", answer))
                return;
        CHECK_SAY(g, guest_wait(g, KEY_MS, line_typed, &typed), "a whole line within 3 s", "%u characters",
                  (unsigned)typed.length);
        CHECK_TEXT(g, typed.text, token);
}

static bool virtio_console_enumerated(struct guest *g)
{
        for (uint64_t device = 0; g->hw->root[0].ecam.base && device < 32; device++) {
                uint32_t id = 0;

                if (guest_peek32(g, g->hw->root[0].ecam.base + (device << 15), &id) &&
                    (id == 0x10031af4 || id == 0x10431af4))
                        return true;
        }
        return false;
}

/* A pl011 that is one in full counts as the minimal one that is asked for, and as one of the three. */
void guest_console_set_is_told(struct guest *g)
{
        bool full = g->hw->uart == HW_UART_PL011, virtio = virtio_console_enumerated(g), xen = g->hw->xen;
        bool one_of_three = full || virtio || xen;
        uint64_t base;

        NOTE(g, "consoles", "%s%s%s",
             full                ? "pl011"
             : uart_is_listed(g) ? "SBSA UART"
                                 : "no UART of the kind",
             virtio ? ", virtio-console" : "", xen ? ", Xen PV console" : "");
        CHECK_SAY(g, one_of_three, "a pl011, a virtio-console or a Xen PV console", "%s",
                  one_of_three ? "there" : "none");
        if (uart_found(g, &base))
                uart_interrupts_judge(g, base);
}

void guest_console_kind_is_listed(struct guest *g)
{
        static const char *const kinds[] = {"no UART", "pl011", "SBSA UART", "16550", "a UART of another kind"};
        bool pl011 = g->hw->uart == HW_UART_PL011 || g->hw->uart == HW_UART_SBSA;
        bool virtio = !pl011 && virtio_console_enumerated(g), xen = g->hw->xen && xen_console_find().page;

        CHECK_SAY(g, pl011 || virtio || xen, "a pl011, a virtio-console or a Xen PV console",
                  "%s described, %s virtio-console, %s Xen PV console", kinds[g->hw->uart], virtio ? "a" : "no",
                  xen ? "a" : "no");
}
