/* SPDX-License-Identifier: BSD-2-Clause */
/* Contexts, the way out of an exception, where a started processor begins, and a floating-point multiplication. */
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
        .macro  guard_entry level
        .globl  arch_guard_el\level
        .balign 16
arch_guard_el\level:
        mrs     x0, esr_el\level
        mrs     x1, far_el\level
        mrs     x2, elr_el\level
        adrp    x3, arch_fault
        add     x3, x3, :lo12:arch_fault
        stp     x0, x1, [x3]
        str     x2, [x3, #16]
        adrp    x4, arch_guard_landed
        add     x4, x4, :lo12:arch_guard_landed
        msr     elr_el\level, x4
        eret
        .endm

        guard_entry 1
        guard_entry 2

/* x0 = context id, MMU off, no stack yet: note the one and take the other, both in arch_secondary_mailbox. */
        .globl  arch_secondary_start
        .balign 16
arch_secondary_start:
        adrp    x1, arch_secondary_mailbox
        add     x1, x1, :lo12:arch_secondary_mailbox
        ldr     x1, [x1]
        str     x0, [x1, #8]
        ldr     x2, [x1]
        mov     sp, x2
        mov     x0, x1
        b       secondary_main

/* x0, x1: bits of two doubles; their product's bits to x0. The C code around uses general registers only. */
        .globl  arch_multiply_doubles
        .balign 16
arch_multiply_doubles:
        .arch_extension fp
        fmov    d0, x0
        fmov    d1, x1
        fmul    d0, d0, d1
        fmov    x0, d0
        ret

/*
 * An interrupt: x16 and x17 are on the stack already, by the slot that came here. What the C code may change is kept;
 * where it answers false, IRQs stay masked in what is returned to.
 */
        .macro  interrupt_entry name, level, which
        .globl  \name
        .balign 16
\name:
        stp     x29, x30, [sp, #-176]!
        stp     x0, x1, [sp, #16]
        stp     x2, x3, [sp, #32]
        stp     x4, x5, [sp, #48]
        stp     x6, x7, [sp, #64]
        stp     x8, x9, [sp, #80]
        stp     x10, x11, [sp, #96]
        stp     x12, x13, [sp, #112]
        stp     x14, x15, [sp, #128]
        mrs     x0, elr_el\level
        mrs     x1, spsr_el\level
        stp     x0, x1, [sp, #144]
        str     x18, [sp, #160]
        adrp    x0, arch_interrupt_handler
        add     x0, x0, :lo12:arch_interrupt_handler
        ldr     x0, [x0, #8 * \which]
        blr     x0
        ldp     x1, x2, [sp, #144]
        tbnz    w0, #0, 1f
        orr     x2, x2, #0x80
1:      msr     elr_el\level, x1
        msr     spsr_el\level, x2
        ldr     x18, [sp, #160]
        ldp     x14, x15, [sp, #128]
        ldp     x12, x13, [sp, #112]
        ldp     x10, x11, [sp, #96]
        ldp     x8, x9, [sp, #80]
        ldp     x6, x7, [sp, #64]
        ldp     x4, x5, [sp, #48]
        ldp     x2, x3, [sp, #32]
        ldp     x0, x1, [sp, #16]
        ldp     x29, x30, [sp], #176
        ldp     x16, x17, [sp], #16
        eret
        .endm

        interrupt_entry arch_interrupt_el1, 1, 0
        interrupt_entry arch_interrupt_el2, 2, 0
        interrupt_entry arch_secondary_interrupt_el1, 1, 1
        interrupt_entry arch_secondary_interrupt_el2, 2, 1

/* The vectors of a started processor: an IRQ on its own stack, and whatever else comes stops it there. */
        .macro  vectors_stop count
        .rept   \count
        .balign 128
        b       .
        .endr
        .balign 128
        .endm

        .macro  secondary_vectors level
        .globl  arch_secondary_vectors_el\level
        .balign 2048
arch_secondary_vectors_el\level:
        vectors_stop 5
        stp     x16, x17, [sp, #-16]!
        b       arch_secondary_interrupt_el\level
        vectors_stop 10
        .endm

        secondary_vectors 1
        secondary_vectors 2
