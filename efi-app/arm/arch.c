/* SPDX-License-Identifier: BSD-2-Clause */
/* AArch32 in a privileged mode: registers, contexts, vectors, PSCI, timers, and the division the compiler calls. */
#include "arch.h"

#include <stddef.h>

#include "registers.h"

const char *const arch_name = "arm";

uint64_t arch_counter(void)
{
        __asm__ volatile("isb" : : : "memory");
        return READ_CP15_64(1, 14);
}

uint64_t arch_physical_counter(void)
{
        __asm__ volatile("isb" : : : "memory");
        return READ_CP15_64(0, 14);
}

uint64_t arch_counter_frequency(void)
{
        return READ_CP15(0, 14, 0, 0);
}

static uint32_t cpsr_read(void)
{
        uint32_t cpsr;

        __asm__ volatile("mrs %0, cpsr" : "=r"(cpsr));
        return cpsr;
}

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
        uint32_t sp;

        __asm__ volatile("mov %0, sp" : "=r"(sp));
        told(context, "SP", sp);
        told(context, "CPSR", cpsr_read());
        told(context, "SCTLR", READ_CP15(0, 1, 0, 0));
        told(context, "DACR", READ_CP15(0, 3, 0, 0));
        told(context, "TTBCR", READ_CP15(0, 2, 0, 2));
        told(context, "MPIDR", READ_CP15(0, 0, 0, 5));
        told(context, "MIDR", READ_CP15(0, 0, 0, 0));
        told(context, "ID_PFR1", READ_CP15(0, 0, 1, 1));
        told(context, "CPACR", READ_CP15(0, 1, 0, 2));
        told(context, "CNTFRQ", READ_CP15(0, 14, 0, 0));
}

/* Exceptions ------------------------------------------------------------------------------------------------------ */

void arch_guard_undefined(void);
void arch_guard_prefetch(void);
void arch_guard_data(void);
void arch_guard_landed(void);

struct arch_fault arch_fault;
static struct arch_context *landing;
static uint32_t firmware_vectors;

enum { VECTORS = 8, VECTOR_UNDEFINED = 1, VECTOR_PREFETCH = 3, VECTOR_DATA = 4, SCTLR_V = 1 << 13, SCTLR_TE = 1 << 30 };

uint64_t arch_guard_near(void)
{
        return UINT64_MAX; /* the vectors load their targets: any page will do */
}

void arch_guard_landed(void)
{
        arch_context_restore(landing);
}

void arch_cache_clean(const volatile void *at, uint64_t size)
{
        uint32_t line = 4u << (READ_CP15(0, 0, 0, 1) >> 16 & 15);
        uint32_t end = (uintptr_t)at + (uint32_t)size;

        for (uint32_t a = (uintptr_t)at & ~(line - 1); a < end; a += line)
                __asm__ volatile("mcr p15, 0, %0, c7, c14, 1" : : "r"(a) : "memory"); /* DCCIMVAC */
        __asm__ volatile("dsb sy" : : : "memory");
}

void arch_cache_invalidate(const volatile void *at, uint64_t size)
{
        arch_cache_clean(at, size);
}

bool arch_guard_install(void *page, struct arch_context *context)
{
        uint32_t *table = page;
        uint32_t sctlr = READ_CP15(0, 1, 0, 0);
        uint32_t jump = sctlr & SCTLR_TE ? 0xf01cf8df : 0xe59ff018; /* ldr pc, [pc, #...] to the word 32 bytes on */

        if (sctlr & SCTLR_V)
                return false;
        firmware_vectors = READ_CP15(0, 12, 0, 0);
        for (uint32_t v = 0; v < VECTORS; v++) {
                table[v] = jump;
                table[VECTORS + v] = (firmware_vectors + 4 * v) | !!(sctlr & SCTLR_TE);
        }
        table[VECTORS + VECTOR_UNDEFINED] = (uintptr_t)arch_guard_undefined | 1;
        table[VECTORS + VECTOR_PREFETCH] = (uintptr_t)arch_guard_prefetch | 1;
        table[VECTORS + VECTOR_DATA] = (uintptr_t)arch_guard_data | 1;
        arch_cache_clean(page, 2 * VECTORS * 4);
        __asm__ volatile("mcr p15, 0, %0, c7, c5, 0\n\tdsb sy\n\tisb" : : "r"(0) : "memory"); /* ICIALLU */
        landing = context;
        WRITE_CP15(0, 12, 0, 0, (uintptr_t)page);
        return true;
}

void arch_guard_target(struct arch_context *context)
{
        landing = context;
}

void arch_guard_remove(void)
{
        WRITE_CP15(0, 12, 0, 0, firmware_vectors);
}

/* PSCI and secondaries -------------------------------------------------------------------------------------------- */

int64_t arch_psci_call(enum conduit conduit, uint32_t function, uint64_t a, uint64_t b, uint64_t c)
{
        register uint32_t r0 __asm__("r0") = function;
        register uint32_t r1 __asm__("r1") = (uint32_t)a;
        register uint32_t r2 __asm__("r2") = (uint32_t)b;
        register uint32_t r3 __asm__("r3") = (uint32_t)c;

        if (conduit == CONDUIT_HVC)
                __asm__ volatile(".inst.w 0xf7e08000" : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3) : : "r12", "memory");
        else
                __asm__ volatile(".inst.w 0xf7f08000" : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3) : : "r12", "memory");
        return (int32_t)r0;
}

const uint32_t arch_psci_wide = 0;

enum { MODE = 0x1f, MODE_HYP = 0x1a };

uint64_t arch_mpidr(void)
{
        return READ_CP15(0, 0, 0, 5) & 0xffffff;
}

uint64_t arch_level(void)
{
        return cpsr_read() & MODE;
}

uint64_t arch_sctlr(void)
{
        return arch_level() == MODE_HYP ? READ_CP15(4, 1, 0, 0) : READ_CP15(0, 1, 0, 0);
}

uint64_t arch_translate(uint64_t address)
{
        return address;
}

uint64_t arch_multiply_doubles(uint64_t a, uint64_t b)
{
        (void)a, (void)b;
        return 0;
}

void arch_secondary_start(void);

uint64_t arch_secondary_entry(void)
{
        return (uintptr_t)arch_secondary_start | 1; /* Thumb */
}

/* Timers ---------------------------------------------------------------------------------------------------------- */

uint32_t arch_timer_control(unsigned which)
{
        return which ? READ_CP15(0, 14, 2, 1) : READ_CP15(0, 14, 3, 1);
}

uint64_t arch_timer_compare(unsigned which)
{
        return which ? READ_CP15_64(2, 14) : READ_CP15_64(3, 14);
}

void arch_timer_set(unsigned which, uint64_t compare, uint32_t control)
{
        if (which) {
                WRITE_CP15_64(2, 14, compare);
                WRITE_CP15(0, 14, 2, 1, control);
        } else {
                WRITE_CP15_64(3, 14, compare);
                WRITE_CP15(0, 14, 3, 1, control);
        }
}

uint64_t arch_interrupts_mask(void)
{
        uint32_t state = cpsr_read();

        __asm__ volatile("cpsid if" : : : "memory");
        return state;
}

void arch_interrupts_restore(uint64_t state)
{
        __asm__ volatile("msr cpsr_c, %0" : : "r"((uint32_t)state) : "memory");
}

/* Translation tables: those of AArch32 have another form, and stay as they are ------------------------------------ */

unsigned arch_space_shift(void)
{
        return 0;
}

uint64_t arch_space_table(uint64_t table)
{
        return table;
}

uint64_t arch_space_leaf(uint64_t physical, bool block, bool device)
{
        (void)block, (void)device;
        return physical;
}

bool arch_space_keeps(unsigned index, uint64_t *ret_base, uint64_t *ret_size)
{
        (void)index, (void)ret_base, (void)ret_size;
        return false;
}

void arch_space_enter(const struct arch_space *space, bool both)
{
        (void)space, (void)both;
}

int64_t arch_xen_call(unsigned number, uint64_t a, uint64_t b, uint64_t c)
{
        register uint32_t r0 __asm__("r0") = (uint32_t)a;
        register uint32_t r1 __asm__("r1") = (uint32_t)b;
        register uint32_t r2 __asm__("r2") = (uint32_t)c;
        register uint32_t r12 __asm__("r12") = number;

        __asm__ volatile(".arch_extension virt\n\thvc #0xea1"
                         : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r12)
                         :
                         : "r3", "r4", "memory");
        return (int32_t)r0;
}
