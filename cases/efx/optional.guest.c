/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Source 003: what a guest may need, and what it does not: each is there to be called, does its work or says that it is
 * UNSUPPORTED. A SUCCESS without the work is a lie.
 */
#include "firmware/clock.h"

enum { WRONG_MONTH = 13, FAR_TOO_MUCH = 0xff };

static bool is_there(struct guest *g, const char *name, bool there)
{
        return CHECK_SAY(g, there, "a function", "%s %s", name, there ? "is one" : "is NULL");
}

/* Done where it is refused as UNSUPPORTED; else it must be SUCCESS. */
static bool works(struct guest *g, const char *name, EFI_STATUS status)
{
        NOTE(g, name, "%s", status_name(status).text);
        CHECK_SAY(g, status == EFI_SUCCESS || status == EFI_UNSUPPORTED, "SUCCESS or UNSUPPORTED", "%s: %s", name,
                  status_name(status).text);
        return status == EFI_SUCCESS;
}

/* Variables -------------------------------------------------------------------------------------------------------- */

static CHAR16 variable_name[] = L"VmspecEntry";

static bool variable_services_are_there(struct guest *g)
{
        bool get = is_there(g, "GetVariable", g->rt->GetVariable != NULL);
        bool set = is_there(g, "SetVariable", g->rt->SetVariable != NULL);
        bool next = is_there(g, "GetNextVariableName", g->rt->GetNextVariableName != NULL);

        return get && set && next && is_there(g, "QueryVariableInfo", g->rt->QueryVariableInfo != NULL);
}

static void variable_judge(struct guest *g, UINT32 attributes)
{
        uint64_t got = 0;
        EFI_STATUS status = var_read(g, variable_name, &got, sizeof(got));

        CHECK_SAY(g, status == EFI_NOT_FOUND || status == EFI_UNSUPPORTED, "NOT_FOUND or UNSUPPORTED",
                  "GetVariable of what there is not: %s", status_name(status).text);
        if (!works(g, "SetVariable", var_write(g, variable_name, attributes, &g->nonce, sizeof(g->nonce))))
                return;
        CHECK_STATUS(g, var_read(g, variable_name, &got, sizeof(got)), EFI_SUCCESS);
        CHECK_EQ(g, got, g->nonce);
        CHECK_STATUS(g, var_delete(g, variable_name), EFI_SUCCESS);
        CHECK_STATUS(g, var_read(g, variable_name, &got, sizeof(got)), EFI_NOT_FOUND);
}

static void list_judge(struct guest *g)
{
        static struct var_name name;
        UINT64 most = 0, left = 0, one = 0;
        EFI_STATUS status;

        memset(&name, 0, sizeof(name));
        status = var_next(g, &name);
        CHECK_SAY(g, status == EFI_UNSUPPORTED || status == EFI_NOT_FOUND || (status == EFI_SUCCESS && name.text[0]),
                  "a name, NOT_FOUND or UNSUPPORTED", "GetNextVariableName: %s", status_name(status).text);
        status = g->rt->QueryVariableInfo(VAR_NV_BS_RT, &most, &left, &one);
        CHECK_SAY(g, status == EFI_UNSUPPORTED || (status == EFI_SUCCESS && most && left <= most),
                  "sizes that fit together, or UNSUPPORTED", "QueryVariableInfo: %s, 0x%llx of 0x%llx",
                  status_name(status).text, (unsigned long long)left, (unsigned long long)most);
}

void guest_variables_work_or_are_refused(struct guest *g)
{
        if (!variable_services_are_there(g))
                return;
        variable_judge(g, VAR_BS_RT);
        variable_judge(g, VAR_NV_BS_RT);
        list_judge(g);
}

void guest_variables_work_or_are_refused_at_runtime(struct guest *g)
{
        if (!variable_services_are_there(g))
                return;
        variable_judge(g, VAR_NV_BS_RT);
        list_judge(g);
}

/* Clock ------------------------------------------------------------------------------------------------------------ */

/* True where there is a clock; its time is not to be what stood there before. */
static bool clock_judge(struct guest *g)
{
        EFI_TIME time, wrong = {.Year = 2020, .Month = WRONG_MONTH, .Day = 1};
        EFI_STATUS status;

        memset(&time, FAR_TOO_MUCH, sizeof(time));
        if (!is_there(g, "GetTime", g->rt->GetTime != NULL) || !is_there(g, "SetTime", g->rt->SetTime != NULL))
                return false;
        status = g->rt->SetTime(&wrong);
        CHECK_SAY(g, status == EFI_INVALID_PARAMETER || status == EFI_UNSUPPORTED, "INVALID_PARAMETER or UNSUPPORTED",
                  "SetTime of month 13: %s", status_name(status).text);
        if (!works(g, "GetTime", g->rt->GetTime(&time, NULL)))
                return false;
        clock_fields_judge(g, &time);
        return status != EFI_UNSUPPORTED;
}

void guest_clock_works_or_is_refused(struct guest *g)
{
        if (clock_judge(g) && clock_move(g, false))
                (void)clock_move(g, true);
}

void guest_clock_works_or_is_refused_at_runtime(struct guest *g)
{
        (void)clock_judge(g);
}

/* Virtual addresses ------------------------------------------------------------------------------------------------ */

/* Where the map is refused, the services go on at the addresses that they had. */
void guest_virtual_map_works_or_is_refused(struct guest *g)
{
        uint64_t got = 0;
        EFI_STATUS status;

        if (g->map_taken != EFI_UNSUPPORTED) {
                guest_virtual_map_moves_services(g);
                return;
        }
        status = var_read(g, L"VmspecNever", &got, sizeof(got));
        CHECK_SAY(g, status == EFI_NOT_FOUND || status == EFI_UNSUPPORTED, "NOT_FOUND or UNSUPPORTED",
                  "GetVariable at its old address: %s", status_name(status).text);
}

void guest_reset_works_or_comes_back(struct guest *g)
{
        (void)is_there(g, "ResetSystem", g->rt->ResetSystem != NULL);
}
