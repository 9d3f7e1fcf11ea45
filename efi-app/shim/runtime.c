/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runtime services answer as a broken firmware would:
 *
 *   clock-gone    GetTime is UNSUPPORTED after ExitBootServices     clock-stands   it says the same time from then on
 *   clock-lost    GetTime is DEVICE_ERROR after SetVirtualAddressMap                clock-stops    the same from then
 * on map-early     SetVirtualAddressMap before ExitBootServices is SUCCESS, and does nothing map-refused   it is
 * NOT_FOUND after it                          map-deaf       SUCCESS, and nothing is moved map-twice     it is SUCCESS
 * once more                           map-checked    NO_MAPPING where a range is missing map-any       as the firmware
 * has it, whatever was said before count-stands  GetNextMonotonicCount gives the same count always count-low      one
 * without a high half timer-slow, timer-fast    a periodic event comes a quarter later, or earlier stall-short,
 * stall-long   Stall takes a tenth less, or more
 */
#include "shim.h"

#include <string.h>

enum { MAP_ROOM = 64 * 1024 };

static const char *habit;
static bool exited;
static EFI_TIME always;
static EFI_RUNTIME_SERVICES *rt;
static EFI_GET_TIME get_time;
static EFI_SET_VIRTUAL_ADDRESS_MAP set_map;
static EFI_GET_NEXT_MONOTONIC_COUNT get_count;
static EFI_SET_TIMER set_timer;
static EFI_STALL stall;
static UINTN ranges; /* of the runtime, in the map as it stands */

static bool is_habit(const char *word)
{
        return strcmp(habit, word) == 0;
}

static void EFIAPI exit_seen(EFI_EVENT event, void *context)
{
        (void)event;
        (void)context;
        exited = true;
        (void)get_time(&always, NULL);
}

static EFI_STATUS EFIAPI odd_time(EFI_TIME *time, EFI_TIME_CAPABILITIES *capabilities)
{
        if (!exited)
                return get_time(time, capabilities);
        *time = always;
        return is_habit("clock-gone") ? EFI_UNSUPPORTED : is_habit("clock-lost") ? EFI_DEVICE_ERROR : EFI_SUCCESS;
}

static EFI_STATUS EFIAPI odd_map(UINTN size, UINTN step, UINT32 version, EFI_MEMORY_DESCRIPTOR *map)
{
        EFI_STATUS status;

        if ((is_habit("map-early") && !exited) || (is_habit("map-deaf") && exited))
                return EFI_SUCCESS;
        if (exited && is_habit("map-refused"))
                return EFI_NOT_FOUND;
        if (exited && is_habit("map-checked") && size / step < ranges)
                return EFI_NO_MAPPING;
        status = set_map(size, step, version, map);
        if (EFI_ERROR(status))
                return is_habit("map-twice") && exited ? EFI_SUCCESS : status;
        if (is_habit("clock-lost") || is_habit("clock-stops"))
                rt->GetTime = odd_time;
        return status;
}

static EFI_STATUS EFIAPI odd_count(UINT64 *count)
{
        static UINT64 first;
        EFI_STATUS status = get_count(count);

        first = first ? first : *count;
        *count = is_habit("count-stands") ? first : *count & 0xffffffff;
        return status;
}

static EFI_STATUS EFIAPI odd_timer(EFI_EVENT event, EFI_TIMER_DELAY type, UINT64 time)
{
        if (type == TimerPeriodic)
                time = is_habit("timer-slow") ? time + time / 4 : time - time / 4;
        return set_timer(event, type, time);
}

static EFI_STATUS EFIAPI odd_stall(UINTN microseconds)
{
        return stall(is_habit("stall-long") ? microseconds + microseconds / 10 : microseconds - microseconds / 10);
}

static void ranges_count(struct shim *shim)
{
        static uint8_t map[MAP_ROOM] __attribute__((aligned(16)));
        UINTN size = sizeof(map), key = 0, step = 0;
        UINT32 version = 0;

        if (EFI_ERROR(shim->bs->GetMemoryMap(&size, (void *)map, &key, &step, &version)))
                return;
        for (UINTN at = 0; at + step <= size; at += step)
                ranges += !!(((EFI_MEMORY_DESCRIPTOR *)(void *)(map + at))->Attribute & EFI_MEMORY_RUNTIME);
}

static void services_hook(struct shim *shim)
{
        if (is_habit("clock-gone") || is_habit("clock-stands"))
                shim->rt->GetTime = odd_time;
        else if (strncmp(habit, "map-", 4) == 0 || strncmp(habit, "clock-", 6) == 0)
                shim->rt->SetVirtualAddressMap = odd_map;
        else if (strncmp(habit, "count-", 6) == 0)
                shim->bs->GetNextMonotonicCount = odd_count;
        else if (strncmp(habit, "timer-", 6) == 0)
                shim->bs->SetTimer = odd_timer;
        else
                shim->bs->Stall = odd_stall;
        table_sign(&shim->bs->Hdr);
        table_sign(&shim->rt->Hdr);
}

EFI_STATUS runtime_defect(struct shim *shim, struct words *words)
{
        static const char *const habits[] = {"clock-gone",  "clock-stands", "clock-lost",   "clock-stops",
                                             "map-early",   "map-refused",  "map-deaf",     "map-twice",
                                             "map-checked", "map-any",      "count-stands", "count-low",
                                             "timer-slow",  "timer-fast",   "stall-short",  "stall-long"};
        EFI_EVENT event;

        habit = word_among(words, habits, sizeof(habits) / sizeof(habits[0]));
        if (!habit)
                return EFI_INVALID_PARAMETER;
        if (rt) /* hooked already: the habit is another one now */
                return EFI_SUCCESS;
        rt = shim->rt;
        get_time = rt->GetTime;
        set_map = rt->SetVirtualAddressMap;
        get_count = shim->bs->GetNextMonotonicCount;
        set_timer = shim->bs->SetTimer;
        stall = shim->bs->Stall;
        ranges_count(shim);
        services_hook(shim);
        return shim->bs->CreateEvent(EVT_SIGNAL_EXIT_BOOT_SERVICES, TPL_NOTIFY, exit_seen, NULL, &event);
}
