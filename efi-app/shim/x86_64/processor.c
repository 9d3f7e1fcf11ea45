/* SPDX-License-Identifier: BSD-2-Clause */
/* No defect of the processor itself can be seeded here: the AArch64 machines have them. */
#include "../minimal.h"

EFI_STATUS processor_defect(struct shim *shim, struct words *words)
{
        (void)shim;
        (void)words;
        return EFI_UNSUPPORTED;
}

/* 32 bytes above the stack pointer are the callee's. */
void processor_enter(uintptr_t address, EFI_HANDLE image, EFI_SYSTEM_TABLE *st, unsigned skew, bool backward)
{
        uint64_t room = 32 + skew;

        __asm__ volatile("movq %%rsp, %%rbx\n\t"
                         "andq $-16, %%rsp\n\t"
                         "subq %2, %%rsp\n\t"
                         "testl %3, %3\n\t"
                         "jz 1f\n\t"
                         "std\n"
                         "1:\tcallq *%4\n\t"
                         "cld\n\t"
                         "movq %%rbx, %%rsp"
                         : "+c"(image), "+d"(st)
                         : "r"(room), "r"((unsigned)backward), "a"(address)
                         : "rbx", "r8", "r9", "r10", "r11", "memory", "cc");
}
