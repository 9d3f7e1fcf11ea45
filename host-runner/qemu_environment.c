/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A translated guest makes its VMM allocate and free without end, and page faults are dear where the host is a VM
 * itself: glibc is told to ask for huge pages. What a user has told it stands.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "qemu_private.h"

static char tunables[] = "GLIBC_TUNABLES=glibc.malloc.hugetlb=1";

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
