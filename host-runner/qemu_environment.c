/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A translated guest makes its VMM allocate and free without end. glibc gives each bit of it back to the kernel, and
 * has it faulted in again: a tenth of a boot. This tells it to keep what it has; what a user has told it stands.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "qemu_private.h"

static char tunables[] = "GLIBC_TUNABLES=glibc.malloc.trim_threshold=268435456:glibc.malloc.top_pad=4194304:"
                         "glibc.malloc.mmap_threshold=134217728";

char **qemu_environment(void)
{
        char **all;
        size_t count = 0;

        while (environ[count])
                count++;
        all = calloc(count + 2, sizeof(*all));
        if (!all)
                return NULL;
        memcpy(all, environ, count * sizeof(*all));
        if (!getenv("GLIBC_TUNABLES"))
                all[count] = tunables;
        return all;
}
