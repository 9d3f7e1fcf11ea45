/* SPDX-License-Identifier: BSD-2-Clause */
/* What differs between the processors, behind one set of names; aarch64/, arm/ and x86_64/ define it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* "aarch64", "arm" or "x86_64". */
extern const char *const arch_name;

/* A free-running counter and its rate in Hz: CNTVCT on Arm, the TSC on x86 (rate 0: unknown). */
uint64_t arch_counter(void);
uint64_t arch_counter_frequency(void);

/* Every system register that a judge reads, as name and value. */
typedef void arch_register_told(void *context, const char *name, uint64_t value);
void arch_registers(arch_register_told *told, void *context);

/* A place to come back to. Save returns false at first, and true each time that restore comes back to it. */
struct arch_context {
        uint64_t word[32];
};
bool arch_context_save(struct arch_context *context) __attribute__((returns_twice));
void arch_context_restore(struct arch_context *context) __attribute__((noreturn));

/*
 * Exceptions. Between install and remove a synchronous exception fills arch_fault and goes to the context given here
 * instead of the firmware; interrupts go on to the firmware. False where the firmware's vectors are out of reach; then
 * nothing changed.
 */
struct arch_fault {
        uint64_t syndrome; /* ESR, FSR or vector number and error code */
        uint64_t address;  /* FAR or CR2 */
        uint64_t at;       /* the instruction */
};
extern struct arch_fault arch_fault;
/* page: 4 KiB of executable memory of the application's, written here. near: where such a page should lie. */
uint64_t arch_guard_near(void);
bool arch_guard_install(void *page, struct arch_context *context);
void arch_guard_target(struct arch_context *context); /* where the next exception goes, while installed */
void arch_guard_remove(void);

/* Memory-mapped registers. */
static inline uint32_t mmio_read32(uint64_t address)
{
        return *(volatile uint32_t *)(uintptr_t)address;
}
static inline void mmio_write32(uint64_t address, uint32_t value)
{
        *(volatile uint32_t *)(uintptr_t)address = value;
}

/* PSCI, on Arm only: one call through the conduit. */
enum conduit { CONDUIT_NONE, CONDUIT_HVC, CONDUIT_SMC }; /* as enum hw_conduit */
int64_t arch_psci_call(enum conduit conduit, uint32_t function, uint64_t a, uint64_t b, uint64_t c);

/*
 * A secondary processor, on Arm only. mailbox points at words the started processor fills before it turns itself off:
 * see arch_secondary. entry is the physical address for CPU_ON.
 */
struct arch_secondary {
        uint64_t stack_top;    /* filled by the caller: the secondary's own stack */
        uint64_t conduit;      /* filled by the caller: enum conduit, for its CPU_OFF */
        volatile uint64_t arrivals; /* counted up by each arrival */
        volatile uint64_t context;  /* the context id it was given */
        volatile uint64_t mpidr;
        volatile uint64_t level;    /* CurrentEL or the processor mode */
        volatile uint64_t sctlr;
        volatile uint64_t frequency; /* CNTFRQ */
        volatile uint64_t counter;   /* CNTVCT on arrival */
        volatile uint64_t interrupts; /* DAIF or CPSR */
        volatile uint64_t done;      /* set last, just before CPU_OFF */
};
uint64_t arch_secondary_entry(void);
/* Makes memory that the caches of this processor hold visible to one whose caches are off, and back. */
void arch_cache_clean(const volatile void *at, uint64_t size);
void arch_cache_invalidate(const volatile void *at, uint64_t size);

/* Timers, on Arm only. which: 0 virtual (CNTV), 1 physical (CNTP). */
uint32_t arch_timer_control(unsigned which);
void arch_timer_set(unsigned which, uint64_t compare, uint32_t control);
uint64_t arch_timer_compare(unsigned which);
uint64_t arch_physical_counter(void);

/* Interrupts of this processor masked and put back, around work that firmware must not see. */
uint64_t arch_interrupts_mask(void);
void arch_interrupts_restore(uint64_t state);
