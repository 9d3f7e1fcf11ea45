/* SPDX-License-Identifier: BSD-2-Clause */
/* Entry, saving and restoring a context, and leaving an exception. Microsoft calling convention: first argument in rcx. */
        .text

/* What the firmware enters: its registers are kept, and the direction flag is as C code wants it. */
        .globl  arch_entry
        .p2align 4
arch_entry:
        leaq    arch_entry_state(%rip), %rax
        movq    %rsp, (%rax)
        pushfq
        popq    8(%rax)
        cld
        jmp     efi_main

        .data
        .globl  arch_entry_state
        .p2align 3
arch_entry_state:
        .quad   0, 0
        .text

        .globl  arch_context_save
        .p2align 4
arch_context_save:
        movq    %rbx, (%rcx)
        movq    %rbp, 8(%rcx)
        movq    %rdi, 16(%rcx)
        movq    %rsi, 24(%rcx)
        movq    %r12, 32(%rcx)
        movq    %r13, 40(%rcx)
        movq    %r14, 48(%rcx)
        movq    %r15, 56(%rcx)
        movq    %rsp, 64(%rcx)
        movq    (%rsp), %rax
        movq    %rax, 72(%rcx)
        xorl    %eax, %eax
        ret

        .globl  arch_context_restore
        .p2align 4
arch_context_restore:
        movq    (%rcx), %rbx
        movq    8(%rcx), %rbp
        movq    16(%rcx), %rdi
        movq    24(%rcx), %rsi
        movq    32(%rcx), %r12
        movq    40(%rcx), %r13
        movq    48(%rcx), %r14
        movq    56(%rcx), %r15
        movq    64(%rcx), %rsp
        movq    72(%rcx), %rax
        movq    %rax, (%rsp)
        movl    $1, %eax
        ret

/* Exceptions 0 to 31: with an error code on top, or without. Keep the facts, go to arch_guard_landed(). */
        .macro  guard_entry number, has_code
        .p2align 4
        .if \has_code
        popq    %rax
        .else
        xorl    %eax, %eax
        .endif
        movl    $\number, %ecx
        jmp     guard_keep
        .endm

        .globl  arch_guard_entries
        .p2align 4
arch_guard_entries:
        guard_entry 0, 0
        guard_entry 1, 0
        guard_entry 2, 0
        guard_entry 3, 0
        guard_entry 4, 0
        guard_entry 5, 0
        guard_entry 6, 0
        guard_entry 7, 0
        guard_entry 8, 1
        guard_entry 9, 0
        guard_entry 10, 1
        guard_entry 11, 1
        guard_entry 12, 1
        guard_entry 13, 1
        guard_entry 14, 1
        guard_entry 15, 0
        guard_entry 16, 0
        guard_entry 17, 1
        guard_entry 18, 0
        guard_entry 19, 0
        .p2align 4

guard_keep:
        shlq    $32, %rax
        orq     %rax, %rcx
        leaq    arch_fault(%rip), %rdx
        movq    %rcx, (%rdx)
        movq    %cr2, %rax
        movq    %rax, 8(%rdx)
        movq    (%rsp), %rax
        movq    %rax, 16(%rdx)
        leaq    arch_guard_landed(%rip), %rax
        movq    %rax, (%rsp)
        iretq
