/* SPDX-License-Identifier: BSD-2-Clause */
/* UEFI 2.4A section 2.3.6: the stack that an application is entered on is aligned and has 128 KiB below it. */
#include "map.h"
#include "judge.h"

/* Where the register is read, the application itself stands on at most OWN bytes of the stack. */
enum { ALIGNMENT = 16, ROOM = 128 * 1024, OWN = 4096 };

void judge_stack_has_128_kib(struct judge *j)
{
        struct bytes map = j->evidence->of[EVIDENCE_MEMORY_MAP];
        struct map_range range;
        uint64_t sp, base = 0, size = 0;
        bool found;

        if (!judge_register(j, "SP", &sp))
                return;
        CHECK_EQ(j, sp % ALIGNMENT, 0);
        found = map_find(map, sp - 1, &range);
        if (CHECK_SAY(j, found, "SP lies in a range of the memory map", "0x%llx", (unsigned long long)sp))
                CHECK_GE(j, sp - range.base + OWN, ROOM);
        /* Ranges of one type are one range of the map, whoever they are for: PI firmware knows its stack by itself. */
        (void)evidence_number(j->evidence, EVIDENCE_REGISTERS, "HobStack.Base", &base);
        if (evidence_number(j->evidence, EVIDENCE_REGISTERS, "HobStack.Length", &size) && sp > base &&
            sp - base <= size)
                CHECK_SAY(j, size >= ROOM, "a stack of 128 KiB, as the firmware's HOB list has it", "0x%llx bytes",
                          (unsigned long long)size);
}
