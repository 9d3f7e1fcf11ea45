/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes may be a file \NvVars, or a variable store behind a volume's header that is right. */
#include "fuzz.h"

#include <string.h>

#include "blob.h"

static void variable_look(void *context, const struct blob_variable *variable)
{
        unsigned *told = context;

        fuzz_expect(memchr(variable->name, 0, BLOB_NAME) != NULL);
        (*told)++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct blob_volume volume = {.size = size, .header = 72, .variables = true};
        struct blob_fault fault = {.at = 0};
        struct bytes bytes = {data, size};
        struct blob_store store;
        unsigned count, told = 0;

        if (blob_nvvars_read(bytes, &count, variable_look, &told, &fault))
                fuzz_expect(count == told);
        else
                fuzz_expect(fault.found[0] && fault.expected[0] && fault.at <= size);
        told = 0;
        if (size <= volume.header)
                return 0;
        if (blob_store_read(bytes, &volume, &store, variable_look, &told, &fault))
                fuzz_expect(store.live <= store.variables && told <= store.variables);
        else
                fuzz_expect(fault.found[0] && fault.expected[0]);
        return 0;
}
