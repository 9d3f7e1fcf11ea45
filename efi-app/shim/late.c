/* SPDX-License-Identifier: BSD-2-Clause */
/* A byte goes on changing while the application runs, and the sum of its table stays right. */
#include "shim.h"

enum { EVERY_100NS = 10 * 10000 };

struct change {
        uint8_t *at;
        uint8_t *sum; /* NULL: none */
};

static void EFIAPI change_once(EFI_EVENT event, void *context)
{
        const struct change *change = context;

        (void)event;
        ++*change->at;
        if (change->sum)
                --*change->sum;
}

EFI_STATUS late_change(struct shim *shim, uint8_t *at, uint8_t *sum)
{
        static struct change change;
        EFI_EVENT event;
        EFI_STATUS status;

        change = (struct change){at, sum};
        status = shim->bs->CreateEvent(EVT_TIMER | EVT_NOTIFY_SIGNAL, TPL_CALLBACK, change_once, &change, &event);
        return EFI_ERROR(status) ? status : shim->bs->SetTimer(event, TimerPeriodic, EVERY_100NS);
}
