/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes may stand where text evidence and the memory map are: the first one says which kind it is, the second
 * which judge looks at it. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const enum evidence_kind kinds[] = {EVIDENCE_TOLD, EVIDENCE_REGISTERS, EVIDENCE_CONFIG, EVIDENCE_DISK,
                                                   EVIDENCE_MEMORY_MAP};
        struct evidence evidence = {0};
        enum evidence_kind kind;

        if (size < 2)
                return 0;
        kind = kinds[data[0] % (sizeof(kinds) / sizeof(kinds[0]))];
        evidence.of[kind] = (struct bytes){data + 2, size - 2};
        fuzz_judge(&evidence, kind, data[1]);
        return 0;
}
