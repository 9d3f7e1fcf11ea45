/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes may stand where text evidence and the memory map are: the first one says which kind it is. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const enum evidence_kind kinds[] = {EVIDENCE_TOLD, EVIDENCE_REGISTERS, EVIDENCE_CONFIG,
                                                   EVIDENCE_DISK, EVIDENCE_VARIABLES, EVIDENCE_MEMORY_MAP};
        struct evidence evidence = {0};

        if (size == 0)
                return 0;
        evidence.of[kinds[data[0] % (sizeof(kinds) / sizeof(kinds[0]))]] = (struct bytes){data + 1, size - 1};
        fuzz_judge(&evidence);
        return 0;
}
