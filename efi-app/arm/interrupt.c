/* SPDX-License-Identifier: BSD-2-Clause */
/* An IRQ in Supervisor mode is the application's where it asked for it; GICv3's CPU interface and the ID registers. */
#include <stddef.h>

#include "arch.h"
#include "registers.h"

void arch_interrupt(void);
extern const uint8_t arch_secondary_vectors[];
extern arch_interrupt_taken *volatile arch_interrupt_handler[2];

/* Here, and on a started processor; entry.S looks in. */
arch_interrupt_taken *volatile arch_interrupt_handler[2];

enum { VECTORS = 8, VECTOR_IRQ = 6, MODE_SVC = 0x13, SCTLR_V = 1 << 13, SCTLR_TE = 1 << 30 };

static uint32_t target_before;

/* The vectors load where they go from the second half of the page's table. */
static void target_write(void *page, uint32_t target)
{
        ((uint32_t *)page)[VECTORS + VECTOR_IRQ] = target;
        arch_cache_clean(page, 2 * VECTORS * 4);
}

/* Elsewhere the stack of the interrupted code is not the one that the entry takes. */
bool arch_interrupt_divert(void *page, arch_interrupt_taken *taken)
{
        if (arch_level() != MODE_SVC)
                return false;
        arch_interrupt_handler[0] = taken;
        target_before = ((uint32_t *)page)[VECTORS + VECTOR_IRQ];
        target_write(page, (uintptr_t)arch_interrupt | 1);
        return true;
}

void arch_interrupt_undivert(void *page)
{
        target_write(page, target_before);
}

void arch_interrupts_unmask(void)
{
        __asm__ volatile("cpsie i\n\tisb" : : : "memory");
}

void arch_secondary_interrupt_set(arch_interrupt_taken *taken)
{
        arch_interrupt_handler[1] = taken;
}

void arch_secondary_interrupt_divert(void)
{
        WRITE_CP15(0, 12, 0, 0, (uintptr_t)arch_secondary_vectors & ~(uintptr_t)1);
        WRITE_CP15(0, 1, 0, 0, (READ_CP15(0, 1, 0, 0) | SCTLR_TE) & ~(uint32_t)SCTLR_V);
}

uint32_t arch_icc_read(enum arch_icc which)
{
        switch (which) {
        case ICC_SRE:
                return READ_CP15(0, 12, 12, 5);
        case ICC_CTLR:
                return READ_CP15(0, 12, 12, 4);
        case ICC_PMR:
                return READ_CP15(0, 4, 6, 0);
        case ICC_BPR1:
                return READ_CP15(0, 12, 12, 3);
        case ICC_IGRPEN1:
                return READ_CP15(0, 12, 12, 7);
        case ICC_RPR:
                return READ_CP15(0, 12, 11, 3);
        case ICC_IAR1:
                return READ_CP15(0, 12, 12, 0);
        case ICC_EOIR1:
                break; /* can only be written */
        }
        return 0;
}

void arch_icc_write(enum arch_icc which, uint32_t value)
{
        switch (which) {
        case ICC_SRE:
                WRITE_CP15(0, 12, 12, 5, value);
                break;
        case ICC_CTLR:
                WRITE_CP15(0, 12, 12, 4, value);
                break;
        case ICC_PMR:
                WRITE_CP15(0, 4, 6, 0, value);
                break;
        case ICC_BPR1:
                WRITE_CP15(0, 12, 12, 3, value);
                break;
        case ICC_IGRPEN1:
                WRITE_CP15(0, 12, 12, 7, value);
                break;
        case ICC_EOIR1:
                WRITE_CP15(0, 12, 12, 1, value);
                break;
        case ICC_RPR:
        case ICC_IAR1:
                break; /* can only be read */
        }
}

void arch_icc_send(uint64_t value)
{
        __asm__ volatile("dsb sy" : : : "memory");
        WRITE_CP15_64(0, 12, value);
}

/* As for AArch64: who a processor is (MIDR, MPIDR) is left out, and its instruction cache policy (CTR.L1Ip). */
#define IDS(IN)                                                                                                        \
        IN("ID_PFR0", 0, 0, 1, 0, UINT32_MAX)                                                                          \
        IN("ID_PFR1", 0, 0, 1, 1, UINT32_MAX)                                                                          \
        IN("ID_DFR0", 0, 0, 1, 2, UINT32_MAX)                                                                          \
        IN("ID_MMFR0", 0, 0, 1, 4, UINT32_MAX)                                                                         \
        IN("ID_MMFR1", 0, 0, 1, 5, UINT32_MAX)                                                                         \
        IN("ID_MMFR2", 0, 0, 1, 6, UINT32_MAX)                                                                         \
        IN("ID_MMFR3", 0, 0, 1, 7, UINT32_MAX)                                                                         \
        IN("ID_ISAR0", 0, 0, 2, 0, UINT32_MAX)                                                                         \
        IN("ID_ISAR1", 0, 0, 2, 1, UINT32_MAX)                                                                         \
        IN("ID_ISAR2", 0, 0, 2, 2, UINT32_MAX)                                                                         \
        IN("ID_ISAR3", 0, 0, 2, 3, UINT32_MAX)                                                                         \
        IN("ID_ISAR4", 0, 0, 2, 4, UINT32_MAX)                                                                         \
        IN("ID_ISAR5", 0, 0, 2, 5, UINT32_MAX)                                                                         \
        IN("CTR", 0, 0, 0, 1, ~(3u << 14))
#define ID_ROW(name, op1, crn, crm, op2, mask) {name, mask},
#define ID_READ(name, op1, crn, crm, op2, mask) *value++ = READ_CP15(op1, crn, crm, op2);

const struct arch_id arch_ids[] = {IDS(ID_ROW){NULL, 0}};

void arch_ids_read(uint64_t value[ARCH_IDS_MAX])
{
        IDS(ID_READ)
}
