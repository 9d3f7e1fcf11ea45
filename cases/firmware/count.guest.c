/* SPDX-License-Identifier: BSD-2-Clause */
/* The monotonic count only ever rises, and its high half does so at each reset. */
#include "guest.h"

enum { COUNTS = 16 };

void guest_monotonic_count_rises(struct guest *g)
{
        UINT64 before = 0, now = 0;
        unsigned stuck = 0;

        if (!CHECK_STATUS(g, g->bs->GetNextMonotonicCount(&before), EFI_SUCCESS))
                return;
        NOTE_NUMBER(g, "count", before);
        for (unsigned i = 1; i < COUNTS; i++, before = now) {
                if (!CHECK_STATUS(g, g->bs->GetNextMonotonicCount(&now), EFI_SUCCESS))
                        return;
                stuck += now <= before;
        }
        CHECK_SAY(g, stuck == 0, "a higher count each time", "%u of %u times not, now 0x%llx", stuck, COUNTS - 1u,
                  (unsigned long long)now);
}

/* The host half compares what the two parts saw. */
void guest_monotonic_high_half_rises_at_reset(struct guest *g)
{
        UINT64 count = 0;

        if (CHECK_STATUS(g, g->bs->GetNextMonotonicCount(&count), EFI_SUCCESS))
                NOTE_NUMBER(g, "high half", count >> 32);
}
