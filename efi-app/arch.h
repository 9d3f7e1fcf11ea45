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

enum { RATE_LEAST = 1000 }; /* Hz: a register with less in it was never set */

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

/* I/O ports, on x86 only; elsewhere every read is 0xff. */
uint8_t arch_port_read(uint16_t port);
void arch_port_write(uint16_t port, uint8_t value);
void arch_port_write16(uint16_t port, uint16_t value);

/* PSCI, on Arm only: one call through the conduit. */
enum conduit { CONDUIT_NONE, CONDUIT_HVC, CONDUIT_SMC }; /* as enum hw_conduit */
enum {
        PSCI_VERSION = 0x84000000,
        PSCI_CPU_OFF = 0x84000002,
        PSCI_CPU_ON = 0x84000003,
        PSCI_AFFINITY_INFO = 0x84000004,
        PSCI_SYSTEM_OFF = 0x84000008,
        PSCI_SYSTEM_RESET = 0x84000009,
};
extern const uint32_t arch_psci_wide; /* goes onto CPU_ON and AFFINITY_INFO where addresses have 64 bits */
int64_t arch_psci_call(enum conduit conduit, uint32_t function, uint64_t a, uint64_t b, uint64_t c);

/* Who runs, on Arm only: the affinity fields as CPU_ON takes them, the exception level or mode, its SCTLR. */
uint64_t arch_mpidr(void);
uint64_t arch_level(void);
uint64_t arch_sctlr(void);

/*
 * PAR_EL1 after a translation of an address for a privileged read at the current level (AArch64), or what a walk of the
 * tables of x86-64 would make of it: bit 0 says that there
 * is none, bits 47 to 12 are the physical page, bits 63 to 56 its attributes as in MAIR.
 */
uint64_t arch_translate(uint64_t address);

/* The product of two numbers given and returned as the bits of a double, by floating-point instructions (AArch64). */
uint64_t arch_multiply_doubles(uint64_t a, uint64_t b);

/*
 * Where a processor started by CPU_ON begins, on Arm only: it notes its context id in arch_secondary_mailbox, takes the
 * stack named there and calls secondary_main().
 */
struct secondary_mailbox;
extern struct secondary_mailbox *volatile arch_secondary_mailbox;
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

/*
 * Translation tables of the application's own, with 512 entries of 8 bytes, as AArch64 with pages of 4 KiB and x86-64
 * have them: one root for the addresses from 0 on, one for those from ARCH_SPACE_HIGH on, whose entries cover 1 GiB.
 */
#define ARCH_SPACE_HIGH 0xffffff8000000000ull
struct arch_space {
        uint64_t *low, *high;
        uint64_t *both; /* a page to work in */
};
/* What an entry of the low root covers, as a power of two; 0: this processor's tables are left as they are. */
unsigned arch_space_shift(void);
uint64_t arch_space_table(uint64_t table);
uint64_t arch_space_leaf(uint64_t physical, bool block, bool device);
/* Memory that the processor itself reads by its address: the index-th range, false behind the last. */
bool arch_space_keeps(unsigned index, uint64_t *ret_base, uint64_t *ret_size);
/* From now on the high addresses are those of the space, and the low ones too, or with both the firmware's. */
void arch_space_enter(const struct arch_space *space, bool both);

/*
 * Interrupts, on Arm only. Between divert and undivert an IRQ of this processor goes to taken() instead of the
 * firmware; where taken() answers false, IRQs are masked where it returns to. Only while the guard is installed, on its
 * page. False where they cannot be diverted; then nothing changed.
 */
typedef bool arch_interrupt_taken(void);
bool arch_interrupt_divert(void *page, arch_interrupt_taken *taken);
void arch_interrupt_undivert(void *page);
void arch_interrupts_unmask(void);
/* The same for a processor just started by CPU_ON, which has no vectors yet: set up by the one, taken by the other. */
void arch_secondary_interrupt_set(arch_interrupt_taken *taken);
void arch_secondary_interrupt_divert(void);

/* The GICv3 CPU interface, on Arm only. */
enum arch_icc { ICC_SRE, ICC_CTLR, ICC_PMR, ICC_BPR1, ICC_IGRPEN1, ICC_RPR, ICC_IAR1, ICC_EOIR1 };
uint32_t arch_icc_read(enum arch_icc which);
void arch_icc_write(enum arch_icc which, uint32_t value);
void arch_icc_send(uint64_t value); /* ICC_SGI1R */

/* The ID registers that are the same on all processors of a system, by name; the last one has no name. */
struct arch_id {
        const char *name;
        uint64_t mask; /* the fields that must be the same */
};
extern const struct arch_id arch_ids[];
enum { ARCH_IDS_MAX = 32 };
void arch_ids_read(uint64_t value[ARCH_IDS_MAX]);

/* A hypercall of Xen's, on Arm only; elsewhere, and where no Xen answers, nobody calls it. */
int64_t arch_xen_call(unsigned number, uint64_t a, uint64_t b, uint64_t c);
