/* SPDX-License-Identifier: BSD-2-Clause */
/* The physical counter: a hypervisor may trap it, and then a guest that reads it dies. */
#include "guest.h"

enum { READS = 1000 };

struct counted {
        uint64_t first;
        uint64_t last;
        unsigned back;
};

static void physical_read(void *context)
{
        struct counted *counted = context;

        counted->first = counted->last = arch_physical_counter();
        for (unsigned i = 0; i < READS; i++) {
                uint64_t now = arch_physical_counter();

                counted->back += now < counted->last;
                counted->last = now;
        }
}

void guest_physical_counter_is_readable(struct guest *g)
{
        struct counted counted = {0};
        bool read = guest_try(g, physical_read, &counted), went_on;

        if (!CHECK_SAY(g, read, "CNTPCT can be read", "%s, syndrome 0x%llx", read ? "it can" : "an exception",
                       (unsigned long long)(read ? 0 : arch_fault.syndrome)))
                return;
        went_on = counted.last > counted.first && counted.back == 0;
        CHECK_SAY(g, went_on, "it goes forward", "from 0x%llx to 0x%llx, back %u times",
                  (unsigned long long)counted.first, (unsigned long long)counted.last, counted.back);
}
