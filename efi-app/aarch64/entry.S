/* SPDX-License-Identifier: BSD-2-Clause */
/* Saving and restoring a context, leaving an exception, and what a started secondary processor runs. */
        .text

        .globl  arch_context_save
        .balign 16
arch_context_save:
        stp     x19, x20, [x0]
        stp     x21, x22, [x0, #16]
        stp     x23, x24, [x0, #32]
        stp     x25, x26, [x0, #48]
        stp     x27, x28, [x0, #64]
        stp     x29, x30, [x0, #80]
        mov     x1, sp
        str     x1, [x0, #96]
        str     x18, [x0, #104]
        mov     w0, #0
        ret

        .globl  arch_context_restore
        .balign 16
arch_context_restore:
        ldp     x19, x20, [x0]
        ldp     x21, x22, [x0, #16]
        ldp     x23, x24, [x0, #32]
        ldp     x25, x26, [x0, #48]
        ldp     x27, x28, [x0, #64]
        ldp     x29, x30, [x0, #80]
        ldr     x1, [x0, #96]
        mov     sp, x1
        ldr     x18, [x0, #104]
        mov     w0, #1
        ret

/* Synchronous exception: keep the facts, then return from it into arch_guard_landed() on the same stack. */
        .globl  arch_guard_el1
        .balign 16
arch_guard_el1:
        mrs     x0, esr_el1
        mrs     x1, far_el1
        mrs     x2, elr_el1
        adrp    x3, arch_fault
        add     x3, x3, :lo12:arch_fault
        stp     x0, x1, [x3]
        str     x2, [x3, #16]
        adrp    x4, arch_guard_landed
        add     x4, x4, :lo12:arch_guard_landed
        msr     elr_el1, x4
        eret

        .globl  arch_guard_el2
        .balign 16
arch_guard_el2:
        mrs     x0, esr_el2
        mrs     x1, far_el2
        mrs     x2, elr_el2
        adrp    x3, arch_fault
        add     x3, x3, :lo12:arch_fault
        stp     x0, x1, [x3]
        str     x2, [x3, #16]
        adrp    x4, arch_guard_landed
        add     x4, x4, :lo12:arch_guard_landed
        msr     elr_el2, x4
        eret

/* x0 = struct arch_secondary *, MMU off, no stack yet. Tell where it arrived and how, then CPU_OFF. */
        .globl  arch_secondary_start
        .balign 16
arch_secondary_start:
        ldr     x1, [x0]
        mov     sp, x1
        str     x0, [x0, #24]           /* context: what x0 held */
        mrs     x1, mpidr_el1
        str     x1, [x0, #32]
        mrs     x1, currentel
        lsr     x1, x1, #2
        and     x1, x1, #3
        str     x1, [x0, #40]
        cmp     x1, #2
        b.eq    1f
        mrs     x1, sctlr_el1
        b       2f
1:      mrs     x1, sctlr_el2
2:      str     x1, [x0, #48]
        mrs     x1, cntfrq_el0
        str     x1, [x0, #56]
        isb
        mrs     x1, cntvct_el0
        str     x1, [x0, #64]
        mrs     x1, daif
        str     x1, [x0, #72]
        ldr     x1, [x0, #16]
        add     x1, x1, #1
        str     x1, [x0, #16]           /* arrivals */
        dsb     sy
        mov     x1, #1
        str     x1, [x0, #80]           /* done */
        dsb     sy
        ldr     x9, [x0, #8]
        movz    w0, #0x8400, lsl #16    /* CPU_OFF 0x84000002 */
        movk    w0, #0x0002
        mov     x1, #0
        mov     x2, #0
        mov     x3, #0
        cmp     x9, #1
        b.eq    3f
        smc     #0
        b       4f
3:      hvc     #0
4:      wfi
        b       4b
