/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The processor's state is changed before the application starts:
 *
 *   REGISTER set|clear|write VALUE  sctlr, dacr
 */
#include "../minimal.h"

#include <string.h>

static uint32_t changed(uint32_t old, const char *how, uint64_t value)
{
        uint32_t bits = (uint32_t)value;

        return strcmp(how, "set") == 0 ? old | bits : strcmp(how, "clear") == 0 ? old & ~bits : bits;
}

EFI_STATUS processor_defect(struct shim *shim, struct words *words)
{
        struct word name = word_next(words), how = word_next(words);
        uint64_t value = 0;
        uint32_t old;

        (void)shim;
        if (!word_number(words, &value))
                return EFI_INVALID_PARAMETER;
        if (strcmp(name.text, "sctlr") == 0) {
                __asm__ volatile("mrc p15, 0, %0, c1, c0, 0" : "=r"(old));
                __asm__ volatile("mcr p15, 0, %0, c1, c0, 0\n\tisb" : : "r"(changed(old, how.text, value)) : "memory");
        } else if (strcmp(name.text, "dacr") == 0) {
                __asm__ volatile("mrc p15, 0, %0, c3, c0, 0" : "=r"(old));
                __asm__ volatile("mcr p15, 0, %0, c3, c0, 0\n\tisb" : : "r"(changed(old, how.text, value)) : "memory");
        } else {
                return EFI_UNSUPPORTED;
        }
        return EFI_SUCCESS;
}

/* Stack and flags are as they are: what is wrong with them is seeded on x86 alone. */
void processor_enter(uintptr_t address, EFI_HANDLE image, EFI_SYSTEM_TABLE *st, unsigned skew, bool backward)
{
        EFI_STATUS(EFIAPI * start)(EFI_HANDLE, EFI_SYSTEM_TABLE *);

        (void)skew, (void)backward;
        memcpy(&start, &address, sizeof(start));
        (void)start(image, st);
}
