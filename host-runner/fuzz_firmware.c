/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes may be a firmware: what its reader tells lies inside them, and what it refuses it refuses with a reason. */
#include "fuzz.h"

#include "firmware_file.h"

static void variable_look(void *context, const struct blob_variable *variable)
{
        const struct bytes *bytes = context;

        fuzz_expect(variable->at < bytes->size);
        fuzz_expect(!variable->data.size ||
                    (variable->data.data >= bytes->data &&
                     variable->data.size <= (size_t)(bytes->data + bytes->size - variable->data.data)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct bytes bytes = {data, size};
        struct firmware_about about;
        struct blob_fault fault = {.at = 0};

        if (size == 0)
                return 0;
        if (!firmware_about_read(bytes, &about, variable_look, &bytes, &fault) ||
            !firmware_is_for_pvh(bytes, &about, &fault)) {
                fuzz_expect(fault.found[0] && fault.expected[0]);
                return 0;
        }
        fuzz_expect(about.pvh.entry < UINT64_C(1) << 32);
        return 0;
}
