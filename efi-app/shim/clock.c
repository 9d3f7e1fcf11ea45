/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The real time clock answers as a broken firmware would:
 *
 *   stands           GetTime says the same time always        month-0     GetTime has a month 0
 *   set-deaf         SetTime is SUCCESS, and nothing is set   set-any     month 13 is SUCCESS, and nothing is set
 *   wakeup-odd       the alarm's services answer NOT_READY
 */
#include "shim.h"

#include <string.h>

static const char *habit;
static EFI_GET_TIME get_time;
static EFI_SET_TIME set_time;

static EFI_STATUS EFIAPI odd_get(EFI_TIME *time, EFI_TIME_CAPABILITIES *capabilities)
{
        static EFI_TIME always;
        EFI_STATUS status = get_time(time, capabilities);

        if (strcmp(habit, "month-0") == 0) {
                time->Month = 0;
                return status;
        }
        if (!always.Year)
                always = *time;
        *time = always;
        return status;
}

static EFI_STATUS EFIAPI odd_set(EFI_TIME *time)
{
        bool any = strcmp(habit, "set-any") == 0;

        return (any && time->Month == 13) || (!any && time->Month <= 12) ? EFI_SUCCESS : set_time(time);
}

static EFI_STATUS EFIAPI odd_get_wakeup(BOOLEAN *enabled, BOOLEAN *pending, EFI_TIME *time)
{
        (void)enabled;
        (void)pending;
        (void)time;
        return EFI_NOT_READY;
}

static EFI_STATUS EFIAPI odd_set_wakeup(BOOLEAN enable, EFI_TIME *time)
{
        (void)enable;
        (void)time;
        return EFI_NOT_READY;
}

EFI_STATUS clock_defect(struct shim *shim, struct words *words)
{
        static const char *const habits[] = {"stands", "month-0", "set-deaf", "set-any", "wakeup-odd"};

        habit = word_among(words, habits, sizeof(habits) / sizeof(habits[0]));
        if (!habit)
                return EFI_INVALID_PARAMETER;
        get_time = shim->rt->GetTime;
        set_time = shim->rt->SetTime;
        if (strcmp(habit, "stands") == 0 || strcmp(habit, "month-0") == 0) {
                shim->rt->GetTime = odd_get;
        } else if (strcmp(habit, "wakeup-odd") == 0) {
                shim->rt->GetWakeupTime = odd_get_wakeup;
                shim->rt->SetWakeupTime = odd_set_wakeup;
        } else {
                shim->rt->SetTime = odd_set;
        }
        table_sign(&shim->rt->Hdr);
        return EFI_SUCCESS;
}
