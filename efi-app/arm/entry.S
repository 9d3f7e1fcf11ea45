/* SPDX-License-Identifier: BSD-2-Clause */
/* Saving and restoring a context, leaving an exception, and where a started processor begins. */
        .syntax unified
        .thumb
        .text

        .globl  arch_context_save
        .thumb_func
        .p2align 4
arch_context_save:
        mov     r1, r0
        stmia   r1!, {r4-r11}
        str     sp, [r1], #4
        str     lr, [r1]
        movs    r0, #0
        bx      lr

        .globl  arch_context_restore
        .thumb_func
        .p2align 4
arch_context_restore:
        ldmia   r0!, {r4-r11}
        ldr     sp, [r0], #4
        ldr     lr, [r0]
        movs    r0, #1
        bx      lr

/* Exception entries, Thumb; no stack of this mode is touched. Return in Thumb state into arch_guard_landed(). */
        .globl  arch_guard_undefined
        .thumb_func
        .p2align 4
arch_guard_undefined:
        movs    r0, #0
        movs    r1, #0
        b       keep

        .globl  arch_guard_prefetch
        .thumb_func
        .p2align 4
arch_guard_prefetch:
        mrc     p15, 0, r0, c5, c0, 1
        mrc     p15, 0, r1, c6, c0, 2
        b       keep

        .globl  arch_guard_data
        .thumb_func
        .p2align 4
arch_guard_data:
        mrc     p15, 0, r0, c5, c0, 0
        mrc     p15, 0, r1, c6, c0, 0
keep:
        ldr     r2, =arch_fault
        movs    r3, #0
        str     r0, [r2]
        str     r3, [r2, #4]
        str     r1, [r2, #8]
        str     r3, [r2, #12]
        str     lr, [r2, #16]
        str     r3, [r2, #20]
        mrs     r0, spsr
        ldr     r1, =0x0600fc20
        bic     r0, r0, r1
        orr     r0, r0, #0x20
        msr     spsr_cxsf, r0
        ldr     lr, =arch_guard_landed
        bic     lr, lr, #1
        subs    pc, lr, #0
        .ltorg

/* r0 = context id, MMU off, no stack yet: note the one and take the other, both in arch_secondary_mailbox. */
        .globl  arch_secondary_start
        .thumb_func
        .p2align 4
arch_secondary_start:
        ldr     r1, =arch_secondary_mailbox
        ldr     r1, [r1]
        movs    r2, #0
        str     r0, [r1, #8]
        str     r2, [r1, #12]
        ldr     r2, [r1]
        mov     sp, r2
        mov     r0, r1
        bl      secondary_main
        .ltorg

/*
 * An interrupt, Thumb: on to the Supervisor stack, where what the C code may change is kept; where it answers false,
 * IRQs stay masked in what is returned to.
 */
        .macro  interrupt_entry name, which
        .globl  \name
        .thumb_func
        .p2align 4
\name:
        sub     lr, lr, #4
        srsdb   sp!, #0x13
        cps     #0x13
        push    {r0-r3, r12, lr}
        mov     r1, sp
        and     r1, r1, #4
        sub     sp, sp, r1
        push    {r1, r2}
        ldr     r0, =arch_interrupt_handler
        ldr     r0, [r0, #4 * \which]
        orr     r0, r0, #1
        blx     r0
        pop     {r1, r2}
        add     sp, sp, r1
        tst     r0, #1
        bne     1f
        ldr     r0, [sp, #28]
        orr     r0, r0, #0x80
        str     r0, [sp, #28]
1:      pop     {r0-r3, r12, lr}
        rfeia   sp!
        .ltorg
        .endm

        interrupt_entry arch_interrupt, 0
        interrupt_entry arch_secondary_interrupt, 1

/* The vectors of a started processor, in Thumb: whatever comes but an IRQ stops it there. */
        .globl  arch_secondary_vectors
        .p2align 5
arch_secondary_vectors:
        .rept   6
        b.w     .
        .endr
        b.w     arch_secondary_interrupt
        b.w     .
