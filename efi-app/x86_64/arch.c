/* SPDX-License-Identifier: BSD-2-Clause */
/* x86_64 in long mode: contexts and exceptions. What only Arm has answers that it is not there. */
#include "arch.h"

#include <stddef.h>
#include <string.h>

const char *const arch_name = "x86_64";

uint64_t arch_counter(void)
{
        uint32_t low, high;

        __asm__ volatile("lfence\n\trdtsc" : "=a"(low), "=d"(high) : : "memory");
        return low | (uint64_t)high << 32;
}

uint64_t arch_physical_counter(void)
{
        return arch_counter();
}

uint64_t arch_counter_frequency(void)
{
        return 0;
}

uint8_t arch_port_read(uint16_t port)
{
        uint8_t value;

        __asm__ volatile("inb %w1, %b0" : "=a"(value) : "Nd"(port));
        return value;
}

void arch_port_write(uint16_t port, uint8_t value)
{
        __asm__ volatile("outb %b0, %w1" : : "a"(value), "Nd"(port));
}

void arch_port_write16(uint16_t port, uint16_t value)
{
        __asm__ volatile("outw %w0, %w1" : : "a"(value), "Nd"(port));
}

static uint64_t arch_efer(void)
{
        uint32_t low, high;

        __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(0xc0000080u));
        return low | (uint64_t)high << 32;
}

extern uint64_t arch_entry_state[2]; /* RSP and RFLAGS as the firmware left them */

void arch_registers(arch_register_told *told, void *context)
{
        uint64_t value;

        __asm__ volatile("movq %%rsp, %0" : "=r"(value));
        told(context, "SP", value);
        __asm__ volatile("movq %%cr0, %0" : "=r"(value));
        told(context, "CR0", value);
        __asm__ volatile("movq %%cr4, %0" : "=r"(value));
        told(context, "CR4", value);
        __asm__ volatile("pushfq\n\tpopq %0" : "=r"(value));
        told(context, "RFLAGS", value);
        __asm__ volatile("movq %%cs, %0" : "=r"(value));
        told(context, "CS", value);
        told(context, "EFER", arch_efer());
        told(context, "Entry.RSP", arch_entry_state[0]);
        told(context, "Entry.RFLAGS", arch_entry_state[1]);
}

/* Exceptions ------------------------------------------------------------------------------------------------------ */

extern const uint8_t arch_guard_entries[];
void arch_guard_landed(void);

struct arch_fault arch_fault;
static struct arch_context *landing;

struct __attribute__((packed)) idt_register {
        uint16_t limit;
        uint64_t base;
};
static struct idt_register firmware_idt;

enum { GUARDED = 20, ENTRY_SIZE = 16, GATE_SIZE = 16, PAGE = 4096 };

uint64_t arch_guard_near(void)
{
        return UINT64_MAX;
}

void arch_guard_landed(void)
{
        arch_context_restore(landing);
}

static bool is_guarded(unsigned vector)
{
        return vector != 1 && vector != 2 && vector != 3; /* debug, NMI and breakpoint stay the firmware's */
}

bool arch_guard_install(void *page, struct arch_context *context)
{
        struct idt_register ours;

        __asm__ volatile("sidt %0" : "=m"(firmware_idt));
        if (firmware_idt.limit + 1u > PAGE || firmware_idt.limit + 1u < GUARDED * GATE_SIZE)
                return false;
        memcpy(page, (const void *)(uintptr_t)firmware_idt.base, firmware_idt.limit + 1u);
        for (unsigned vector = 0; vector < GUARDED; vector++) {
                uint8_t *gate = (uint8_t *)page + vector * GATE_SIZE;
                uint64_t entry = (uintptr_t)arch_guard_entries + vector * ENTRY_SIZE;
                uint16_t selector;

                if (!is_guarded(vector))
                        continue;
                __asm__ volatile("movw %%cs, %0" : "=r"(selector));
                memset(gate, 0, GATE_SIZE);
                memcpy(gate, &(uint16_t){(uint16_t)entry}, 2);
                memcpy(gate + 2, &selector, 2);
                gate[5] = 0x8e;
                memcpy(gate + 6, &(uint16_t){(uint16_t)(entry >> 16)}, 2);
                memcpy(gate + 8, &(uint32_t){(uint32_t)(entry >> 32)}, 4);
        }
        landing = context;
        ours = (struct idt_register){firmware_idt.limit, (uintptr_t)page};
        __asm__ volatile("lidt %0" : : "m"(ours) : "memory");
        return true;
}

void arch_guard_target(struct arch_context *context)
{
        landing = context;
}

void arch_guard_remove(void)
{
        __asm__ volatile("lidt %0" : : "m"(firmware_idt) : "memory");
}

/* Arm only -------------------------------------------------------------------------------------------------------- */

int64_t arch_psci_call(enum conduit conduit, uint32_t function, uint64_t a, uint64_t b, uint64_t c)
{
        (void)conduit, (void)function, (void)a, (void)b, (void)c;
        return -1;
}

const uint32_t arch_psci_wide = 0;

uint64_t arch_mpidr(void)
{
        return 0;
}

uint64_t arch_level(void)
{
        return 0;
}

uint64_t arch_sctlr(void)
{
        return 0;
}

/* Write-through and cache-disable bits of an entry as MAIR would have them: write-back where neither is set. */
uint64_t arch_translate(uint64_t address)
{
        const uint64_t page = 0x000ffffffffff000;
        uint64_t entry;

        __asm__ volatile("movq %%cr3, %0" : "=r"(entry));
        for (unsigned shift = arch_space_shift(); shift >= 12; shift -= 9) {
                uint64_t mask = (1ull << shift) - 1;

                entry = ((const uint64_t *)(uintptr_t)(entry & page))[address >> shift & 511];
                if (!(entry & 1))
                        return 1;
                if (shift == 12 || (shift < 39 && entry & 0x80))
                        return ((entry & page & ~mask) | (address & mask & page)) |
                               (uint64_t)(entry & 0x18 ? 0x00 : 0xff) << 56;
        }
        return 1;
}

uint64_t arch_multiply_doubles(uint64_t a, uint64_t b)
{
        (void)a, (void)b;
        return 0;
}

uint64_t arch_secondary_entry(void)
{
        return 0;
}

void arch_cache_clean(const volatile void *at, uint64_t size)
{
        (void)at, (void)size;
}

void arch_cache_invalidate(const volatile void *at, uint64_t size)
{
        (void)at, (void)size;
}

uint32_t arch_timer_control(unsigned which)
{
        (void)which;
        return 0;
}

uint64_t arch_timer_compare(unsigned which)
{
        (void)which;
        return 0;
}

void arch_timer_set(unsigned which, uint64_t compare, uint32_t control)
{
        (void)which, (void)compare, (void)control;
}

uint64_t arch_interrupts_mask(void)
{
        uint64_t flags;

        __asm__ volatile("pushfq\n\tpopq %0\n\tcli" : "=r"(flags) : : "memory");
        return flags;
}

void arch_interrupts_restore(uint64_t state)
{
        __asm__ volatile("pushq %0\n\tpopfq" : : "r"(state) : "memory", "cc");
}

/* Translation tables ---------------------------------------------------------------------------------------------- */

enum { CR4_LA57 = 1 << 12 };

unsigned arch_space_shift(void)
{
        uint64_t cr4;

        __asm__ volatile("movq %%cr4, %0" : "=r"(cr4));
        return cr4 & CR4_LA57 ? 0 : 39;
}

uint64_t arch_space_table(uint64_t table)
{
        return table | 3;
}

uint64_t arch_space_leaf(uint64_t physical, bool block, bool device)
{
        return physical | 3 | (block ? 0x80 : 0) | (device ? 0x18 : 0);
}

/* The tables of segments and of interrupts, which firmware may keep in runtime memory. */
bool arch_space_keeps(unsigned index, uint64_t *ret_base, uint64_t *ret_size)
{
        struct idt_register table;

        if (index == 0)
                __asm__ volatile("sgdt %0" : "=m"(table));
        else
                __asm__ volatile("sidt %0" : "=m"(table));
        *ret_base = table.base;
        *ret_size = table.limit + 1ull;
        return index < 2;
}

/* The last entry of the root is the one of the high addresses, in the tables of the space and beside the firmware's. */
void arch_space_enter(const struct arch_space *space, bool both)
{
        static uint64_t firmware;
        uint64_t root = (uintptr_t)(both ? space->both : space->low);

        if (!firmware) {
                __asm__ volatile("movq %%cr3, %0" : "=r"(firmware));
                memcpy(space->both, (const void *)(uintptr_t)(firmware & ~0xfffull), 4096);
                space->both[511] = space->low[511] = arch_space_table((uintptr_t)space->high);
        }
        __asm__ volatile("movq %0, %%cr3" : : "r"(root) : "memory");
}

/* Interrupts ------------------------------------------------------------------------------------------------------ */

bool arch_interrupt_divert(void *page, arch_interrupt_taken *taken)
{
        (void)page, (void)taken;
        return false;
}

void arch_interrupt_undivert(void *page)
{
        (void)page;
}

void arch_interrupts_unmask(void)
{
}

void arch_secondary_interrupt_set(arch_interrupt_taken *taken)
{
        (void)taken;
}

void arch_secondary_interrupt_divert(void)
{
}

uint32_t arch_icc_read(enum arch_icc which)
{
        (void)which;
        return 0;
}

void arch_icc_write(enum arch_icc which, uint32_t value)
{
        (void)which, (void)value;
}

void arch_icc_send(uint64_t value)
{
        (void)value;
}

const struct arch_id arch_ids[] = {{NULL, 0}};

void arch_ids_read(uint64_t value[ARCH_IDS_MAX])
{
        (void)value;
}

int64_t arch_xen_call(unsigned number, uint64_t a, uint64_t b, uint64_t c)
{
        (void)number;
        (void)a;
        (void)b;
        (void)c;
        return -38;
}
