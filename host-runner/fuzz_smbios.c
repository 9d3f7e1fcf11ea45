/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes may stand where the SMBIOS is: every judge comes to an end, and its facts are whole. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const char config[] = "b1b621d5-f19c-41a5-830b-d9152c69aae0=0x48000000\n"
                                     "8868e871-e4f1-11d3-bc22-0080c73c8881=0x5f000018\n"
                                     "f2fd1544-9794-4a2c-992e-e5bbcf20e394=0x5fed0000\n";
        struct evidence evidence = {.of[EVIDENCE_CONFIG] = {(const uint8_t *)config, sizeof(config) - 1}};

        evidence.of[EVIDENCE_SMBIOS] = (struct bytes){data, size};
        fuzz_judge(&evidence);
        return 0;
}
