/* SPDX-License-Identifier: BSD-2-Clause */
/* SPCR, stdout-path and ConOut lead to one UART: by their addresses, and by what comes out of the VM. */
#include "console/uart.h"
#include "guest.h"
#include "map.h"

enum { LINE = 48 };

static bool conout_write(struct guest *g)
{
        char line[LINE];
        CHAR16 wide[LINE];
        size_t i = 0;

        text_format(line, sizeof(line), "VMSPEC-SAME-CONOUT-%016llx\r\n", (unsigned long long)g->nonce);
        for (; line[i]; i++)
                wide[i] = (CHAR16)(uint8_t)line[i];
        wide[i] = 0;
        return CHECK(g, g->st->ConOut != NULL) &&
               CHECK_STATUS(g, g->st->ConOut->OutputString(g->st->ConOut, wide), EFI_SUCCESS);
}

/* Nobody else writes meanwhile. */
static void uart_sign(struct guest *g, uint64_t base)
{
        EFI_TPL level = g->bs->RaiseTPL(TPL_HIGH_LEVEL);
        char line[LINE];

        text_format(line, sizeof(line), "VMSPEC-SAME-UART-%016llx\r\n", (unsigned long long)g->nonce);
        (void)uart_write(g, base, line);
        g->bs->RestoreTPL(level);
}

/* The UART that a description names as console; false where it names none. */
static bool named_by_acpi(struct guest *g, uint64_t *ret)
{
        static struct hw hw;

        if (!hw_from_acpi(g->evidence->of[EVIDENCE_ACPI], &hw) || !hw.console_resolves)
                return false;
        *ret = hw.uart_range.base;
        NOTE_NUMBER(g, "UART by SPCR", *ret);
        return true;
}

static bool named_by_fdt(struct guest *g, uint64_t *ret)
{
        static struct hw hw;

        if (!hw_from_fdt(g->evidence->of[EVIDENCE_FDT], &hw) || !hw.console_is_uart)
                return false;
        *ret = hw.uart_range.base;
        NOTE_NUMBER(g, "UART by stdout-path", *ret);
        return true;
}

void guest_one_console_is_named(struct guest *g)
{
        uint64_t acpi = 0, fdt = 0, base;
        bool by_acpi = named_by_acpi(g, &acpi), by_fdt = named_by_fdt(g, &fdt), in_ram;
        struct map_range range = {0};

        if (!by_acpi && !by_fdt) {
                NOT_APPLICABLE(g, "neither SPCR nor stdout-path names a UART");
                return;
        }
        if (by_acpi && by_fdt)
                CHECK_EQ(g, acpi, fdt);
        base = by_acpi ? acpi : fdt;
        in_ram = map_find(g->evidence->of[EVIDENCE_MEMORY_MAP], base, &range) && map_is_ram(&range);
        if (!CHECK_SAY(g, !in_ram, "a UART that does not lie in RAM", "0x%llx", (unsigned long long)base))
                return;
        if (!uart_is_listed(g)) {
                SKIP(g, "the UART is none that the suite can write to, so where ConOut goes cannot be compared");
                return;
        }
        if (!uart_found(g, &base) || !conout_write(g))
                return;
        uart_sign(g, base);
        NOTE_NUMBER(g, "lines written", 2);
}
