/* SPDX-License-Identifier: BSD-2-Clause */
/* What a guest half sees. Umbrella for *.guest.c. */
#pragma once

#include <string.h>

#include <efi.h>

#include "arch.h"
#include "case.h"
#include "check.h"
#include "evidence.h"
#include "hw.h"
#include "text.h"
#include "vars.h"
#include "wire.h"

struct guest {
        struct check check;
        EFI_HANDLE image;
        EFI_SYSTEM_TABLE *st;
        EFI_BOOT_SERVICES *bs; /* NULL in a RUNTIME or VIRTUAL case */
        EFI_RUNTIME_SERVICES *rt;
        unsigned part;             /* of the case, from 1: see enum route */
        unsigned waited;           /* milliseconds in guest_wait() for what did not come, since the half began */
        uint64_t nonce;            /* of the run: what no other run and no other instance knows */
        bool attended;             /* a runner answers guest_ask() */
        EFI_STATUS watchdog_set;   /* in a RUNTIME case: what SetWatchdogTimer said right before ExitBootServices */
        EFI_STATUS exit_wrong_key; /* in a RUNTIME case: what ExitBootServices said to a key that is none */
        EFI_STATUS exit_right_key; /* and to the right one */
        EFI_STATUS map_taken;      /* in a VIRTUAL case: what SetVirtualAddressMap said, but for the route ASIDE */
        uint64_t map_offset;       /* of the new addresses to the old; 0: they are the same */
        const struct evidence *evidence;
        const struct hw *hw; /* the machine as ACPI or the FDT describes it; source is NULL where neither does */
};

/* Prototypes of every guest half. */
#define CASE(id, clause, stage, route, needs, halves, claim) void guest_##id(struct guest *g);
#define WAIVED(clause, reason)
#include "catalogue.def"
#undef WAIVED
#undef CASE

typedef void guest_function(struct guest *g);
extern guest_function *const guest_halves[CASE_COUNT]; /* NULL: the case has no guest half */

/*
 * Asks the runner for something ("plug blk", "type TOKEN", "type-late MS TOKEN", "clock", "time", "migrate", "stores")
 * and waits for its answer, at most 10 s. False where nobody answers or the runner could not do it; answer then says
 * why. A runner that stays silent is not asked again: attended is false from then on. After ExitBootServices the
 * request goes out over the console's UART.
 */
bool guest_ask(struct guest *g, char answer[MAILBOX_TEXT], const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* True once holds(context) is true; false after milliseconds without. Looks every 100 us. */
bool guest_wait(struct guest *g, unsigned milliseconds, bool (*holds)(void *context), void *context);

/* Writes down what was told so far: the runner takes a guest for dead that says nothing for long. */
void guest_flush(struct guest *g);

/* The watchdog that runs where ExitBootServices is called, for a case that asks for it; codes below are the firmware's.
 */
enum { GUEST_WATCHDOG_S = 60, GUEST_WATCHDOG_CODE = 0x10000 };

/*
 * Waits without work, as long as the clock of the boot services says; a status that is no success is theirs. And the
 * seconds since the counter had a value: by its rate or, where nobody knows that, by what it counted in such waits.
 */
EFI_STATUS guest_idle(struct guest *g, unsigned seconds);
uint64_t guest_seconds(uint64_t since);
/* Some 10 ms in which the processor has nothing to do, where the firmware's timer events come. */
void guest_rest(struct guest *g);

/* Pages that are the application's until the boot ends, zeroed; NULL where there are none. */
void *guest_pages(struct guest *g, size_t pages);

/*
 * PSCI through the described conduit, its result as a signed number. False where no conduit is described or the call
 * ended in an exception; *ret is untouched then.
 */
bool guest_psci(struct guest *g, uint32_t function, uint64_t a, uint64_t b, uint64_t c, int64_t *ret);

/* Reads a register; false where that ends in an exception, which is told nowhere. */
bool guest_peek32(struct guest *g, uint64_t address, uint32_t *ret);

/* SetVirtualAddressMap with the old addresses before ExitBootServices: nothing must follow that needs the firmware. */
EFI_STATUS guest_map_too_early(struct guest *g);
/* In a VIRTUAL case: SetVirtualAddressMap once more; for the first time, but for one range, whose address it tells. */
EFI_STATUS guest_map_again(struct guest *g);
EFI_STATUS guest_map_with_gap(struct guest *g, uint64_t *ret_gap);
/* True where an address lies in runtime memory as SetVirtualAddressMap was given it. */
bool guest_is_mapped(struct guest *g, uintptr_t address);

/* Ticks of the counter in a millisecond: as the architecture says, or as Stall measures; 0 where neither can be had. */
uint64_t guest_ticks_per_millisecond(struct guest *g);

/* Runs a function; false where it ends in an exception, which is told nowhere. */
bool guest_try(struct guest *g, void (*function)(void *context), void *context);

/*
 * From divert to undivert an IRQ of this processor, once unmasked, goes to taken(): see arch.h. Only in a RUNTIME case,
 * where no firmware waits for its own. False where it cannot be diverted; then there is nothing to undivert.
 */
bool guest_interrupts_divert(struct guest *g, arch_interrupt_taken *taken);
void guest_interrupts_undivert(struct guest *g);
