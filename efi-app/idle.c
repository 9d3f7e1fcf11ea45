/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting with nothing to do: for minutes, with few ticks of the firmware's clock, and for a moment. */
#include "app.h"

/*
 * A firmware of the PI specification counts its time by a periodic interrupt (volume 2, section 12.11) and says the
 * length of a period to whoever counts: with four a second instead of a hundred, minutes pass as they did, only in
 * coarser steps, and a VMM whose clock leaps over idle time has less to do. Where there is no such
 * protocol, or it refuses, the ticks are the firmware's own.
 */
struct timer_arch {
        EFI_STATUS(EFIAPI *RegisterHandler)(struct timer_arch *self, void *handler);
        EFI_STATUS(EFIAPI *SetTimerPeriod)(struct timer_arch *self, UINT64 period);
        EFI_STATUS(EFIAPI *GetTimerPeriod)(struct timer_arch *self, UINT64 *period);
        EFI_STATUS(EFIAPI *GenerateSoftInterrupt)(struct timer_arch *self);
};

enum { SECOND = 10000000, COARSE = SECOND / 4 }; /* in units of 100 ns */
static EFI_GUID timer_arch_guid = {0x26baccb3, 0x6f42, 0x11d4, {0xbc, 0xe7, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81}};
static uint64_t idle_ticks, idle_seconds;

/* The protocol, with the firmware's own period, once it counts by COARSE; NULL where nothing was changed. */
static struct timer_arch *slow_ticks(struct guest *g, UINT64 *period)
{
        struct timer_arch *timer = NULL;

        if (EFI_ERROR(g->bs->LocateProtocol(&timer_arch_guid, NULL, (void **)&timer)) || !timer)
                return NULL;
        if (EFI_ERROR(timer->GetTimerPeriod(timer, period)) || *period == 0 || *period >= COARSE)
                return NULL;
        if (EFI_ERROR(timer->SetTimerPeriod(timer, COARSE))) {
                (void)timer->SetTimerPeriod(timer, *period);
                return NULL;
        }
        return timer;
}

EFI_STATUS guest_idle(struct guest *g, unsigned seconds)
{
        uint64_t start = arch_counter();
        UINT64 period = 0;
        EFI_EVENT event = NULL;
        UINTN index = 0;
        EFI_STATUS status = g->bs->CreateEvent(EVT_TIMER, TPL_CALLBACK, NULL, NULL, &event);
        struct timer_arch *timer;

        if (EFI_ERROR(status))
                return status;
        timer = slow_ticks(g, &period);
        status = g->bs->SetTimer(event, TimerRelative, seconds * (UINT64)SECOND);
        if (!EFI_ERROR(status))
                status = g->bs->WaitForEvent(1, &event, &index);
        if (timer)
                (void)timer->SetTimerPeriod(timer, period);
        (void)g->bs->CloseEvent(event);
        idle_ticks += arch_counter() - start;
        idle_seconds += seconds;
        return status;
}

uint64_t guest_seconds(uint64_t since)
{
        uint64_t rate = arch_counter_frequency();

        if (rate < RATE_LEAST)
                rate = idle_seconds ? idle_ticks / idle_seconds : 0;
        return rate ? (arch_counter() - since) / rate : 0;
}

/* A moment ----------------------------------------------------------------------------------------------------------
 */

enum { MOMENT = 100000, MOMENT_US = 10000, LOOKS = 100, LOOK_US = 1000 };

/* Whether a timer event of 10 ms comes within 100 ms: to wait for one that does not would be for ever. */
static bool moment_comes(const EFI_BOOT_SERVICES *bs, EFI_EVENT event)
{
        if (EFI_ERROR(bs->SetTimer(event, TimerRelative, MOMENT)))
                return false;
        for (unsigned i = 0; i < LOOKS; i++) {
                if (bs->CheckEvent(event) == EFI_SUCCESS)
                        return true;
                (void)bs->Stall(LOOK_US);
        }
        return false;
}

void guest_rest(struct guest *g)
{
        static enum { UNKNOWN, COMES, COMES_NOT } moment;
        static EFI_EVENT event;
        UINTN index = 0;

        if (moment == UNKNOWN)
                moment = !EFI_ERROR(g->bs->CreateEvent(EVT_TIMER, TPL_CALLBACK, NULL, NULL, &event)) &&
                                         moment_comes(g->bs, event)
                                 ? COMES
                                 : COMES_NOT;
        if (moment == COMES_NOT || EFI_ERROR(g->bs->SetTimer(event, TimerRelative, MOMENT)) ||
            EFI_ERROR(g->bs->WaitForEvent(1, &event, &index)))
                (void)g->bs->Stall(MOMENT_US);
}
