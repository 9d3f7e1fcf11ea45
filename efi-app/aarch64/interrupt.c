/* SPDX-License-Identifier: BSD-2-Clause */
/* An IRQ at EL1 or EL2 is the application's where it asked for it; GICv3's CPU interface and the ID registers. */
#include <stddef.h>

#include "arch.h"
#include "registers.h"

void arch_interrupt_el1(void);
void arch_interrupt_el2(void);
extern const uint8_t arch_secondary_vectors_el1[], arch_secondary_vectors_el2[];
extern arch_interrupt_taken *volatile arch_interrupt_handler[2];

/* Here, and on a started processor; entry.S looks in. */
arch_interrupt_taken *volatile arch_interrupt_handler[2];

enum { VECTOR_IRQ = 5, SLOT_SIZE = 128, SLOT_WORDS = 6 };
#define HCR_TO_EL2 (1ull << 3 | 1ull << 4) /* FMO, IMO: at EL2 nothing is taken that is not routed there */

static uint32_t slot_before[SLOT_WORDS];
static uint64_t hcr_before;

static uint32_t *slot_of(void *page)
{
        return (uint32_t *)page + VECTOR_IRQ * SLOT_SIZE / 4;
}

static void slot_write(uint32_t *slot, const uint32_t words[SLOT_WORDS])
{
        for (unsigned i = 0; i < SLOT_WORDS; i++)
                slot[i] = words[i];
        arch_cache_clean(slot, SLOT_SIZE);
        __asm__ volatile("ic iallu\n\tdsb sy\n\tisb" : : : "memory");
}

bool arch_interrupt_divert(void *page, arch_interrupt_taken *taken)
{
        uint64_t entry = (uintptr_t)(exception_level() == 2 ? arch_interrupt_el2 : arch_interrupt_el1);
        const uint32_t words[SLOT_WORDS] = {0xa9bf47f0 /* stp x16, x17, [sp, #-16]! */,
                                            0x58000070 /* ldr x16, slot + 16 */,
                                            0xd61f0200 /* br x16 */,
                                            0xd503201f /* nop */,
                                            (uint32_t)entry,
                                            (uint32_t)(entry >> 32)};
        uint32_t *slot = slot_of(page);

        if (!(READ_REGISTER(spsel) & 1)) /* the stack of an exception would be another one, of nobody */
                return false;
        arch_interrupt_handler[0] = taken;
        for (unsigned i = 0; i < SLOT_WORDS; i++)
                slot_before[i] = slot[i];
        slot_write(slot, words);
        if (exception_level() == 2) {
                hcr_before = READ_REGISTER(hcr_el2);
                WRITE_REGISTER(hcr_el2, hcr_before | HCR_TO_EL2);
        }
        return true;
}

void arch_interrupt_undivert(void *page)
{
        slot_write(slot_of(page), slot_before);
        if (exception_level() == 2)
                WRITE_REGISTER(hcr_el2, hcr_before);
}

void arch_interrupts_unmask(void)
{
        __asm__ volatile("msr daifclr, #2\n\tisb" : : : "memory");
}

void arch_secondary_interrupt_set(arch_interrupt_taken *taken)
{
        arch_interrupt_handler[1] = taken;
}

void arch_secondary_interrupt_divert(void)
{
        if (exception_level() == 2) {
                WRITE_REGISTER(hcr_el2, READ_REGISTER(hcr_el2) | HCR_TO_EL2);
                WRITE_REGISTER(vbar_el2, (uintptr_t)arch_secondary_vectors_el2);
        } else {
                WRITE_REGISTER(vbar_el1, (uintptr_t)arch_secondary_vectors_el1);
        }
}

/* The GICv3 CPU interface, by encodings that every assembler knows. */
uint32_t arch_icc_read(enum arch_icc which)
{
        switch (which) {
        case ICC_SRE:
                return (uint32_t)(exception_level() == 2 ? READ_REGISTER(s3_4_c12_c9_5)
                                                         : READ_REGISTER(s3_0_c12_c12_5));
        case ICC_CTLR:
                return (uint32_t)READ_REGISTER(s3_0_c12_c12_4);
        case ICC_PMR:
                return (uint32_t)READ_REGISTER(s3_0_c4_c6_0);
        case ICC_BPR1:
                return (uint32_t)READ_REGISTER(s3_0_c12_c12_3);
        case ICC_IGRPEN1:
                return (uint32_t)READ_REGISTER(s3_0_c12_c12_7);
        case ICC_RPR:
                return (uint32_t)READ_REGISTER(s3_0_c12_c11_3);
        case ICC_IAR1:
                return (uint32_t)READ_REGISTER(s3_0_c12_c12_0);
        case ICC_EOIR1:
                break; /* can only be written */
        }
        return 0;
}

void arch_icc_write(enum arch_icc which, uint32_t value)
{
        switch (which) {
        case ICC_SRE:
                if (exception_level() == 2)
                        WRITE_REGISTER(s3_4_c12_c9_5, value);
                else
                        WRITE_REGISTER(s3_0_c12_c12_5, value);
                break;
        case ICC_CTLR:
                WRITE_REGISTER(s3_0_c12_c12_4, value);
                break;
        case ICC_PMR:
                WRITE_REGISTER(s3_0_c4_c6_0, value);
                break;
        case ICC_BPR1:
                WRITE_REGISTER(s3_0_c12_c12_3, value);
                break;
        case ICC_IGRPEN1:
                WRITE_REGISTER(s3_0_c12_c12_7, value);
                break;
        case ICC_EOIR1:
                WRITE_REGISTER(s3_0_c12_c12_1, value);
                break;
        case ICC_RPR:
        case ICC_IAR1:
                break; /* can only be read */
        }
}

void arch_icc_send(uint64_t value)
{
        __asm__ volatile("dsb sy" : : : "memory");
        WRITE_REGISTER(s3_0_c12_c11_5, value);
}

/*
 * What a system register tells of features. Left out are the fields that say who or where a processor is (MIDR, MPIDR),
 * which instruction cache policy it has (CTR.L1Ip), and its caches.
 */
#define IDS(IN)                                                                                                        \
        IN("ID_AA64PFR0_EL1", id_aa64pfr0_el1, UINT64_MAX)                                                             \
        IN("ID_AA64PFR1_EL1", id_aa64pfr1_el1, UINT64_MAX)                                                             \
        IN("ID_AA64DFR0_EL1", id_aa64dfr0_el1, UINT64_MAX)                                                             \
        IN("ID_AA64DFR1_EL1", id_aa64dfr1_el1, UINT64_MAX)                                                             \
        IN("ID_AA64ISAR0_EL1", id_aa64isar0_el1, UINT64_MAX)                                                           \
        IN("ID_AA64ISAR1_EL1", id_aa64isar1_el1, UINT64_MAX)                                                           \
        IN("ID_AA64ISAR2_EL1", s3_0_c0_c6_2, UINT64_MAX)                                                               \
        IN("ID_AA64MMFR0_EL1", id_aa64mmfr0_el1, UINT64_MAX)                                                           \
        IN("ID_AA64MMFR1_EL1", id_aa64mmfr1_el1, UINT64_MAX)                                                           \
        IN("ID_AA64MMFR2_EL1", s3_0_c0_c7_2, UINT64_MAX)                                                               \
        IN("ID_AA64ZFR0_EL1", s3_0_c0_c4_4, UINT64_MAX)                                                                \
        IN("CTR_EL0", ctr_el0, ~(3ull << 14))                                                                          \
        IN("DCZID_EL0", dczid_el0, UINT64_MAX)

#define ID_ROW(name, register, mask) {name, mask},
#define ID_READ(name, register, mask) *value++ = READ_REGISTER(register);

const struct arch_id arch_ids[] = {IDS(ID_ROW){NULL, 0}};

void arch_ids_read(uint64_t value[ARCH_IDS_MAX])
{
        IDS(ID_READ)
}
