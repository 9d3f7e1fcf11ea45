/* SPDX-License-Identifier: BSD-2-Clause */
/* After ExitBootServices the clock goes on, and a service that is no longer there was said not to be. */
#include "clock.h"

static void clock_judge(struct guest *g)
{
        struct reading now;
        EFI_TIME time;

        if (!clock_read(g, &time, &now))
                return;
        clock_fields_judge(g, &time);
        clock_judge_advance(g, &now);
}

void guest_clock_goes_on_at_runtime(struct guest *g)
{
        clock_judge(g);
}

void guest_clock_goes_on_in_virtual_mode(struct guest *g)
{
        if (CHECK_STATUS(g, g->map_taken, EFI_SUCCESS))
                clock_judge(g);
}

/* EFI_RT_PROPERTIES_TABLE: u16 version, u16 length, u32 what is supported. */
enum { PROPERTIES_SIZE = 8, PROPERTIES_VERSION = 1, EVERYTHING = 0x3fff };

static const char *const guid_properties = "eb66918a-7eef-402a-842e-931d21c38ae9";

/* What the firmware says that it supports at runtime; false where what it says cannot be read. */
static bool promise_read(struct guest *g, uint32_t *ret)
{
        uint64_t address;
        const uint8_t *table;

        *ret = EVERYTHING;
        if (!evidence_config_table(g->evidence, guid_properties, &address)) {
                NOTE(g, "EFI_RT_PROPERTIES_TABLE", "none");
                return true;
        }
        table = (const uint8_t *)(uintptr_t)address;
        if (!CHECK(g, table != NULL) || !CHECK_EQ(g, wire_get16(table), PROPERTIES_VERSION) ||
            !CHECK_GE(g, wire_get16(table + 2), PROPERTIES_SIZE))
                return false;
        *ret = wire_get32(table + 4);
        NOTE_NUMBER(g, "EFI_RT_PROPERTIES_TABLE", *ret);
        return true;
}

static EFI_STATUS time_get(struct guest *g)
{
        EFI_TIME time;

        return g->rt->GetTime(&time, NULL);
}

/* A month that there is not, so nothing is set. */
static EFI_STATUS time_set(struct guest *g)
{
        EFI_TIME time = {.Year = 2020, .Month = 13, .Day = 1};

        return g->rt->SetTime(&time);
}

static EFI_STATUS variable_get(struct guest *g)
{
        uint64_t got;

        return var_read(g, L"VmspecNever", &got, sizeof(got));
}

static EFI_STATUS name_get(struct guest *g)
{
        static struct var_name name;

        memset(&name, 0, sizeof(name));
        return var_next(g, &name);
}

static EFI_STATUS variable_set(struct guest *g)
{
        return var_delete(g, L"VmspecNever");
}

static EFI_STATUS count_get(struct guest *g)
{
        UINT32 high = 0;

        return g->rt->GetNextHighMonotonicCount(&high);
}

static EFI_STATUS room_get(struct guest *g)
{
        UINT64 most = 0, left = 0, one = 0;

        return g->rt->QueryVariableInfo(VAR_NV_BS_RT, &most, &left, &one);
}

/*
 * The services whose UNSUPPORTED can only mean that the service is not there. That of the alarm and of capsules may be
 * about the platform's clock or the capsule, and SetVirtualAddressMap is FW-15.
 */
static const struct service {
        const char *name;
        uint32_t bit;
        EFI_STATUS (*call)(struct guest *g);
} services[] = {
        {"GetTime", 0x1, time_get},
        {"SetTime", 0x2, time_set},
        {"GetVariable", 0x10, variable_get},
        {"GetNextVariableName", 0x20, name_get},
        {"SetVariable", 0x40, variable_set},
        {"GetNextHighMonotonicCount", 0x200, count_get},
        {"QueryVariableInfo", 0x2000, room_get},
};

void guest_unsupported_services_are_announced(struct guest *g)
{
        uint32_t promised;

        if (!promise_read(g, &promised))
                return;
        for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++) {
                EFI_STATUS status = services[i].call(g);

                CHECK_SAY(g, status != EFI_UNSUPPORTED || !(promised & services[i].bit),
                          "not UNSUPPORTED, or its bit clear in EFI_RT_PROPERTIES_TABLE", "%s: %s, supported: 0x%x",
                          services[i].name, status_name(status).text, promised);
        }
}
