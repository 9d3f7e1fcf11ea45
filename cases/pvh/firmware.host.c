/* SPDX-License-Identifier: BSD-2-Clause */
/* A firmware that a PVH loader starts boots the disk, there and elsewhere, and its file stays as it is. */
#include "host.h"

/* True where the part's boot began with such a firmware. */
static bool started_by_pvh(struct host *h, unsigned part)
{
        if (host_event(h, h->boot_of_part[part], "pvh-blob", NULL))
                return true;
        NOT_APPLICABLE(h, "the machine's firmware is not started by a PVH loader");
        return false;
}

static void came(struct host *h)
{
        const struct history_event *why = host_event(h, h->boot_of_part[1], "no-boot", NULL);
        const struct history_event *given_up = host_event(h, h->boot_of_part[1], "given-up", NULL);

        CHECK_SAY(h, host_event(h, h->boot_of_part[1], "begin", NULL), "the application starts", "%s",
                  why        ? why->text
                  : given_up ? given_up->text
                             : "it did not");
}

void host_pvh_firmware_boots_the_disk(struct host *h)
{
        if (started_by_pvh(h, 1))
                came(h);
}

void host_pvh_firmware_starts_elsewhere(struct host *h)
{
        if (started_by_pvh(h, 1))
                came(h);
}

/* The guest has told where it does not apply. */
void host_pvh_firmware_is_left_alone(struct host *h)
{
        const struct history_event *before = host_event(h, h->boot_of_part[1], "pvh-blob", NULL);
        const struct history_event *after = host_event(h, h->boot_of_part[2], "pvh-blob", NULL);

        if (before && after)
                CHECK_TEXT(h, after->text, before->text);
        else if (before || host_event(h, h->boot_of_part[1], "pvh-unknown", NULL))
                SUITE_ERROR(h, "the firmware's file could not be read before each boot");
}

void host_pvh_firmware_writes_no_nvvars(struct host *h)
{
        const struct history_event *stores = NULL;
        uint64_t status = 0;

        if (!host_noted(h, 1, "status", &status))
                return;
        for (size_t i = h->history->events; i > 0 && !stores; i--)
                if (strcmp(h->history->event[i - 1].name, "stores") == 0)
                        stores = &h->history->event[i - 1];
        if (!stores) {
                SUITE_ERROR(h, "the runner did not look at the disk");
                return;
        }
        CHECK_SAY(h, strstr(stores->text, " nvvars=none("), "no file \\NvVars in the root of the ESP", "%s",
                  stores->text);
}
