/* SPDX-License-Identifier: BSD-2-Clause */
/* A firmware that a PVH loader starts has a clock of its own, and no place in which it could keep variables. */
#include "guest.h"

enum { PIC_MASK = 0x21, SECOND_MASK = 0xa1, PERIOD = 100000, TICKS = 10, TURNS = 1000, TURN_US = 1000, HEADER = 64 };

static const uint64_t loaded_at = 0x100000;

static bool started_by_pvh(struct guest *g)
{
        uint64_t pvh = 0;

        if (evidence_number(g->evidence, EVIDENCE_TOLD, "pvh", &pvh) && pvh)
                return true;
        NOT_APPLICABLE(g, "pvh=0x%llx: the machine's firmware is not started by a PVH loader", (unsigned long long)pvh);
        return false;
}

static void EFIAPI ticked(EFI_EVENT event, void *context)
{
        (void)event;
        ++*(volatile unsigned *)context;
}

/* The PIT's interrupt comes through the first PIC alone: what still ticks ticks without it. */
void guest_pvh_events_need_no_pit(struct guest *g)
{
        uint8_t first = arch_port_read(PIC_MASK), second = arch_port_read(SECOND_MASK);
        volatile unsigned ticks = 0;
        EFI_EVENT event;

        if (!started_by_pvh(g) ||
            !CHECK_STATUS(g,
                          g->bs->CreateEvent(EVT_TIMER | EVT_NOTIFY_SIGNAL, TPL_NOTIFY, ticked, (void *)&ticks, &event),
                          EFI_SUCCESS))
                return;
        if (CHECK_STATUS(g, g->bs->SetTimer(event, TimerPeriodic, PERIOD), EFI_SUCCESS)) {
                arch_port_write(PIC_MASK, 0xff);
                arch_port_write(SECOND_MASK, 0xff);
                for (unsigned turn = 0; turn < TURNS && ticks < TICKS; turn++)
                        (void)g->bs->Stall(TURN_US);
                arch_port_write(PIC_MASK, first);
                arch_port_write(SECOND_MASK, second);
                (void)g->bs->SetTimer(event, TimerCancel, 0);
        }
        (void)g->bs->CloseEvent(event);
        CHECK_GE(g, ticks, TICKS);
}

/* Its ELF header lies where the loader put it, and where a volume of variables would be in a firmware for flash. */
void guest_pvh_firmware_is_left_alone(struct guest *g)
{
        const uint8_t *header = (const uint8_t *)(uintptr_t)loaded_at;
        uint8_t before[HEADER];
        uint64_t got = 0;

        if (!started_by_pvh(g))
                return;
        if (g->part == 2) {
                NOTE_NUMBER(g, "there", var_read(g, L"VmspecPvh", &got, sizeof(got)) == EFI_SUCCESS && got == g->nonce);
                return;
        }
        memcpy(before, header, sizeof(before));
        NOTE_NUMBER(g, "status", var_write(g, L"VmspecPvh", VAR_NV_BS_RT, &g->nonce, sizeof(g->nonce)));
        CHECK(g, memcmp(before, header, sizeof(before)) == 0);
}

void guest_pvh_firmware_writes_no_nvvars(struct guest *g)
{
        if (started_by_pvh(g) && g->part == 1)
                NOTE_NUMBER(g, "status", var_write(g, L"VmspecPvhDisk", VAR_NV_BS_RT, &g->nonce, sizeof(g->nonce)));
}
