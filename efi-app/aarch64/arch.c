/* SPDX-License-Identifier: BSD-2-Clause */
/* AArch64 at EL1 or EL2: registers, contexts, vectors, PSCI, timers. */
#include "arch.h"

#include <stddef.h>

#include "registers.h"

const char *const arch_name = "aarch64";

uint64_t arch_counter(void)
{
        __asm__ volatile("isb" : : : "memory");
        return READ_REGISTER(cntvct_el0);
}

uint64_t arch_physical_counter(void)
{
        __asm__ volatile("isb" : : : "memory");
        return READ_REGISTER(cntpct_el0);
}

uint64_t arch_counter_frequency(void)
{
        return READ_REGISTER(cntfrq_el0);
}

/* Reading FPCR where floating point is trapped would end the reading of all registers. */
static bool floating_point_trapped(unsigned level)
{
        const uint64_t e2h = 1ull << 34, tfp = 1 << 10, fpen_own = 1 << 20;

        if (level == 2)
                return READ_REGISTER(hcr_el2) & e2h ? !(READ_REGISTER(cptr_el2) & fpen_own)
                                                    : READ_REGISTER(cptr_el2) & tfp;
        return !(READ_REGISTER(cpacr_el1) & fpen_own);
}

#define TELL(name, register) told(context, name, READ_REGISTER(register))

uint8_t arch_port_read(uint16_t port)
{
        (void)port;
        return 0xff;
}

void arch_port_write(uint16_t port, uint8_t value)
{
        (void)port;
        (void)value;
}

void arch_port_write16(uint16_t port, uint16_t value)
{
        (void)port;
        (void)value;
}

void arch_registers(arch_register_told *told, void *context)
{
        unsigned level = exception_level();
        uint64_t sp;

        __asm__ volatile("mov %0, sp" : "=r"(sp));
        told(context, "CurrentEL", level);
        told(context, "SP", sp);
        TELL("DAIF", daif);
        TELL("SPSel", spsel);
        TELL("CNTFRQ_EL0", cntfrq_el0);
        TELL("MPIDR_EL1", mpidr_el1);
        TELL("MIDR_EL1", midr_el1);
        TELL("ID_AA64PFR0_EL1", id_aa64pfr0_el1);
        TELL("ID_AA64MMFR0_EL1", id_aa64mmfr0_el1);
        TELL("CTR_EL0", ctr_el0);
        if (level == 2) {
                TELL("SCTLR", sctlr_el2);
                TELL("TCR", tcr_el2);
                TELL("TTBR0", ttbr0_el2);
                TELL("CPTR_EL2", cptr_el2);
                TELL("HCR_EL2", hcr_el2);
        } else if (level == 1) {
                TELL("SCTLR", sctlr_el1);
                TELL("TCR", tcr_el1);
                TELL("TTBR0", ttbr0_el1);
                TELL("TTBR1", ttbr1_el1);
                TELL("CPACR_EL1", cpacr_el1);
        }
        if (!floating_point_trapped(level))
                TELL("FPCR", fpcr);
}

/* Exceptions ------------------------------------------------------------------------------------------------------ */

void arch_guard_el1(void);
void arch_guard_el2(void);
void arch_guard_landed(void);

struct arch_fault arch_fault;
static struct arch_context *landing;
static uint64_t firmware_vectors;

enum { VECTORS = 16, VECTOR_WORDS = 32, BRANCH_REACH = 128 * 1024 * 1024 };

static uint64_t vectors_read(void)
{
        return exception_level() == 2 ? READ_REGISTER(vbar_el2) : READ_REGISTER(vbar_el1);
}

static void vectors_write(uint64_t vectors)
{
        if (exception_level() == 2)
                WRITE_REGISTER(vbar_el2, vectors);
        else
                WRITE_REGISTER(vbar_el1, vectors);
}

uint64_t arch_guard_near(void)
{
        return vectors_read();
}

/* The stack pointer is the one of the moment of the fault: go to the saved context at once. */
void arch_guard_landed(void)
{
        arch_context_restore(landing);
}

void arch_cache_clean(const volatile void *at, uint64_t size)
{
        uint64_t line = 4u << (READ_REGISTER(ctr_el0) >> 16 & 15);
        uint64_t end = (uintptr_t)at + size;

        for (uint64_t a = (uintptr_t)at & ~(line - 1); a < end; a += line)
                __asm__ volatile("dc civac, %0" : : "r"(a) : "memory");
        __asm__ volatile("dsb sy" : : : "memory");
}

void arch_cache_invalidate(const volatile void *at, uint64_t size)
{
        arch_cache_clean(at, size);
}

bool arch_guard_install(void *page, struct arch_context *context)
{
        uint32_t *table = page;
        uint64_t handler = (uintptr_t)(exception_level() == 2 ? arch_guard_el2 : arch_guard_el1);

        firmware_vectors = vectors_read();
        for (unsigned v = 0; v < VECTORS; v++) {
                uint32_t *slot = table + v * VECTOR_WORDS;
                int64_t away = (int64_t)(firmware_vectors + v * VECTOR_WORDS * 4) - (int64_t)(uintptr_t)slot;

                if (away < -BRANCH_REACH || away >= BRANCH_REACH)
                        return false;
                slot[0] = 0x14000000 | ((uint64_t)away >> 2 & 0x3ffffff); /* b firmware's slot */
                if (v != 0 && v != 4)
                        continue;
                slot[0] = 0x58000050; /* ldr x16, slot + 8 */
                slot[1] = 0xd61f0200; /* br x16 */
                slot[2] = (uint32_t)handler;
                slot[3] = (uint32_t)(handler >> 32);
        }
        arch_cache_clean(page, VECTORS * VECTOR_WORDS * 4);
        __asm__ volatile("ic iallu\n\tdsb sy\n\tisb" : : : "memory");
        landing = context;
        vectors_write((uintptr_t)page);
        return true;
}

void arch_guard_target(struct arch_context *context)
{
        landing = context;
}

void arch_guard_remove(void)
{
        vectors_write(firmware_vectors);
}

/* PSCI and secondaries -------------------------------------------------------------------------------------------- */

int64_t arch_psci_call(enum conduit conduit, uint32_t function, uint64_t a, uint64_t b, uint64_t c)
{
        register uint64_t x0 __asm__("x0") = function;
        register uint64_t x1 __asm__("x1") = a;
        register uint64_t x2 __asm__("x2") = b;
        register uint64_t x3 __asm__("x3") = c;

        if (conduit == CONDUIT_HVC)
                __asm__ volatile("hvc #0"
                                 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)
                                 :
                                 : "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16",
                                   "x17", "memory");
        else
                __asm__ volatile("smc #0"
                                 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)
                                 :
                                 : "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16",
                                   "x17", "memory");
        return (int32_t)x0;
}

const uint32_t arch_psci_wide = 0x40000000;

uint64_t arch_mpidr(void)
{
        return READ_REGISTER(mpidr_el1) & 0xff00ffffff;
}

uint64_t arch_level(void)
{
        return exception_level();
}

uint64_t arch_sctlr(void)
{
        return exception_level() == 2 ? READ_REGISTER(sctlr_el2) : READ_REGISTER(sctlr_el1);
}

uint64_t arch_translate(uint64_t address)
{
        if (exception_level() == 2)
                __asm__ volatile("at s1e2r, %0\n\tisb" : : "r"(address) : "memory");
        else
                __asm__ volatile("at s1e1r, %0\n\tisb" : : "r"(address) : "memory");
        return READ_REGISTER(par_el1);
}

void arch_secondary_start(void);

uint64_t arch_secondary_entry(void)
{
        return (uintptr_t)arch_secondary_start;
}

/* Timers ---------------------------------------------------------------------------------------------------------- */

uint32_t arch_timer_control(unsigned which)
{
        return (uint32_t)(which ? READ_REGISTER(cntp_ctl_el0) : READ_REGISTER(cntv_ctl_el0));
}

uint64_t arch_timer_compare(unsigned which)
{
        return which ? READ_REGISTER(cntp_cval_el0) : READ_REGISTER(cntv_cval_el0);
}

void arch_timer_set(unsigned which, uint64_t compare, uint32_t control)
{
        if (which) {
                WRITE_REGISTER(cntp_cval_el0, compare);
                WRITE_REGISTER(cntp_ctl_el0, control);
        } else {
                WRITE_REGISTER(cntv_cval_el0, compare);
                WRITE_REGISTER(cntv_ctl_el0, control);
        }
}

uint64_t arch_interrupts_mask(void)
{
        uint64_t state = READ_REGISTER(daif);

        __asm__ volatile("msr daifset, #3" : : : "memory");
        return state;
}

void arch_interrupts_restore(uint64_t state)
{
        __asm__ volatile("msr daif, %0" : : "r"(state) : "memory");
}

/* Translation tables ---------------------------------------------------------------------------------------------- */

enum { MAIR_WRITE_BACK = 0xff, MAIR_DEVICE = 0x00, MAIR_DEVICE_EARLY = 0x04, TCR_SIZE = 63, TCR_GRANULE_0 = 3 << 14 };

/* The index in MAIR of one of two kinds of memory; 8: neither is there. */
static unsigned memory_index(unsigned kind, unsigned other)
{
        uint64_t mair = READ_REGISTER(mair_el1);
        unsigned i = 0;

        for (; i < 8; i++)
                if ((mair >> 8 * i & 0xff) == kind || (mair >> 8 * i & 0xff) == other)
                        break;
        return i;
}

unsigned arch_space_shift(void)
{
        uint64_t tcr;

        if (exception_level() != 1)
                return 0; /* EL2 has no second range of addresses */
        tcr = READ_REGISTER(tcr_el1);
        if (tcr & TCR_GRANULE_0 || (tcr & TCR_SIZE) < 16 || (tcr & TCR_SIZE) > 33 ||
            memory_index(MAIR_WRITE_BACK, MAIR_WRITE_BACK) == 8 || memory_index(MAIR_DEVICE, MAIR_DEVICE_EARLY) == 8)
                return 0;
        return (tcr & TCR_SIZE) < 25 ? 39 : 30;
}

uint64_t arch_space_table(uint64_t table)
{
        return table | 3;
}

uint64_t arch_space_leaf(uint64_t physical, bool block, bool device)
{
        const uint64_t accessed = 1 << 10, inner_shareable = 3 << 8;
        unsigned index =
                device ? memory_index(MAIR_DEVICE, MAIR_DEVICE_EARLY) : memory_index(MAIR_WRITE_BACK, MAIR_WRITE_BACK);

        return physical | accessed | inner_shareable | (uint64_t)index << 2 | (block ? 1 : 3);
}

bool arch_space_keeps(unsigned index, uint64_t *ret_base, uint64_t *ret_size)
{
        (void)index, (void)ret_base, (void)ret_size;
        return false;
}

/* 39 bits of high addresses in pages of 4 KiB, walked through the caches; TTBR0 stays of the size that it has. */
void arch_space_enter(const struct arch_space *space, bool both)
{
        static uint64_t firmware;
        uint64_t tcr = READ_REGISTER(tcr_el1) & ~(0xffffull << 16);

        if (!firmware)
                firmware = READ_REGISTER(ttbr0_el1);
        __asm__ volatile("dsb sy" : : : "memory");
        WRITE_REGISTER(ttbr1_el1, (uintptr_t)space->high);
        WRITE_REGISTER(tcr_el1, tcr | 25ull << 16 | 1ull << 24 | 1ull << 26 | 3ull << 28 | 2ull << 30);
        WRITE_REGISTER(ttbr0_el1, both ? firmware : (uintptr_t)space->low);
        __asm__ volatile("tlbi vmalle1\n\tdsb sy\n\tic iallu\n\tdsb sy\n\tisb" : : : "memory");
}

int64_t arch_xen_call(unsigned number, uint64_t a, uint64_t b, uint64_t c)
{
        register uint64_t x0 __asm__("x0") = a;
        register uint64_t x1 __asm__("x1") = b;
        register uint64_t x2 __asm__("x2") = c;
        register uint64_t x16 __asm__("x16") = number;

        __asm__ volatile("hvc #0xea1" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x16) : : "x3", "x4", "x5", "memory");
        return (int64_t)x0;
}
