/* SPDX-License-Identifier: BSD-2-Clause */
/* The application came up on the first start of a blank instance, and nobody had typed anything. */
#include "host.h"

void host_boots_from_removable_path(struct host *h)
{
        unsigned boot = h->boot_of_part[1];
        const struct history_event *start = host_event(h, boot, "start", NULL);
        const struct history_event *begin = host_event(h, boot, "begin", start);
        const struct history_event *given_up = host_event(h, boot, "given-up", start);

        if (!start || strstr(start->text, "arrival=first") == NULL) {
                SUITE_ERROR(h, "the boot was not the first one of a blank instance");
                return;
        }
        if (!CHECK_SAY(h, begin != NULL, "the application's first record", "%s",
                       begin      ? "it came"
                       : given_up ? given_up->text
                                  : "it never came"))
                return;
        NOTE_NUMBER(h, "milliseconds from VMM start to the first record", (begin->ns - start->ns) / 1000000);
}

/* The application came up in the boot of a part; where it did not, what the boot came to instead. */
static bool boot_came(struct host *h, unsigned part)
{
        unsigned boot = h->boot_of_part[part];
        const struct history_event *start = host_event(h, boot, "start", NULL);
        const struct history_event *begin = host_event(h, boot, "begin", start);
        const struct history_event *missed = host_event(h, boot, "no-boot", start);

        if (!start) {
                SUITE_ERROR(h, "no VM was started for part %u", part);
                return false;
        }
        return CHECK_SAY(h, begin && (!missed || begin < missed), "the application starts", "%s",
                         missed  ? missed->text
                         : begin ? "it did"
                                 : "it did not");
}

void host_boots_from_virtio_mmio(struct host *h)
{
        (void)boot_came(h, 1);
}

void host_boots_from_virtio_scsi(struct host *h)
{
        (void)boot_came(h, 1);
}

void host_boots_from_nvme(struct host *h)
{
        (void)boot_came(h, 1);
}

void host_boots_from_usb(struct host *h)
{
        (void)boot_came(h, 1);
}

void host_boots_from_ahci(struct host *h)
{
        (void)boot_came(h, 1);
}

void host_boots_from_large_blocks(struct host *h)
{
        (void)boot_came(h, 1);
}

void host_boots_by_backup_gpt(struct host *h)
{
        (void)boot_came(h, 1);
}
