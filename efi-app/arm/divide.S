/* SPDX-License-Identifier: BSD-2-Clause */
/* The call that clang makes for a 64-bit division: divisor in r0:r1, dividend in r2:r3; quotient to r0:r1, rest to r2:r3. */
        .syntax unified
        .thumb
        .text

        .globl  __rt_udiv64
        .thumb_func
        .p2align 4
__rt_udiv64:
        push    {r4-r6, lr}
        sub     sp, sp, #8
        mov     r4, r0
        mov     r5, r1
        mov     r0, r2
        mov     r1, r3
        mov     r2, r4
        mov     r3, r5
        mov     r6, sp
        str     r6, [sp, #-8]!
        bl      arch_divide
        add     sp, sp, #8
        ldrd    r2, r3, [sp]
        add     sp, sp, #8
        pop     {r4-r6, pc}
