/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes may stand where the SMBIOS is: every judge comes to an end, and its facts are whole. */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        return fuzz_tables(EVIDENCE_SMBIOS, data, size);
}
