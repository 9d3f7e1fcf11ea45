/* SPDX-License-Identifier: BSD-2-Clause */
/* The application came up where the route of a case says that it does, or another disk's did, as far as the host saw.
 */
#include <limits.h>

#include "host.h"

/* What the application of the other disk says before it powers off. */
static const char other_disk[] = "VS1 stop: this is the other disk";

void host_boots_from_removable_path(struct host *h)
{
        unsigned boot = h->boot_of_part[1];
        const struct history_event *start = host_event(h, boot, "start", NULL);
        const struct history_event *begin = host_event(h, boot, "begin", start);
        const struct history_event *given_up = host_event(h, boot, "given-up", start);
        const struct history_event *stopped = host_event(h, boot, "stopped", start);

        if (!start || strstr(start->text, "arrival=first") == NULL) {
                SUITE_ERROR(h, "the boot was not the first one of a blank instance");
                return;
        }
        /* By the VMM: whether its host, its configuration or the firmware was bad is not told. */
        if (!begin && stopped) {
                SUITE_ERROR(h, "the VM was stopped before the application ever started: %s", stopped->text);
                return;
        }
        if (!CHECK_SAY(h, begin != NULL, "the application's first record", "%s",
                       begin      ? "it came"
                       : given_up ? given_up->text
                                  : "it never came"))
                return;
        NOTE_NUMBER(h, "milliseconds from VMM start to the first record", (begin->ns - start->ns) / 1000000);
}

/* The console output of a boot, up to that of the next one. */
static struct bytes boot_console(const struct host *h, unsigned boot)
{
        const struct history *history = h->history;
        size_t from = history->console.size, to = history->console.size;

        for (size_t i = history->events; i > 0; i--) {
                const struct history_event *event = &history->event[i - 1];

                if (event->boot == boot && event->console < from)
                        from = (size_t)event->console;
                if (event->boot == boot + 1 && event->console < to)
                        to = (size_t)event->console;
        }
        return (struct bytes){history->console.data + from, to > from ? to - from : 0};
}

static bool console_says(const struct host *h, unsigned boot, const char *text)
{
        struct bytes console = boot_console(h, boot);

        return console.size && memmem(console.data, console.size, text, strlen(text));
}

/* What became of the boot of a part. */
struct arrival {
        bool tried; /* there was such a boot */
        bool ever;  /* the application started */
        bool came;  /* and that at the first attempt */
        bool other; /* that of the other disk did */
        const char *how;
};

static struct arrival boot_arrival(const struct host *h, unsigned part)
{
        unsigned boot = h->boot_of_part[part];
        const struct history_event *begin = host_event(h, boot, "begin", NULL);
        const struct history_event *missed = host_event(h, boot, "missed", NULL);
        const struct history_event *why = host_event(h, boot, "no-boot", NULL);
        struct arrival arrival = {.ever = begin != NULL, .came = begin && (!missed || begin < missed)};

        arrival.tried = begin || missed || host_event(h, boot, "start", NULL);
        arrival.other = !arrival.came && console_says(h, boot, other_disk);
        arrival.how = arrival.came    ? "it did"
                      : arrival.other ? "that of the other disk did"
                      : why           ? why->text
                                      : "the VM ended before it did";
        return arrival;
}

/* The application came up in the boot of a part; where it did not, what the boot came to instead. */
static bool boot_came(struct host *h, unsigned part)
{
        struct arrival arrival = boot_arrival(h, part);

        if (!arrival.tried) {
                SUITE_ERROR(h, "there was no boot for part %u", part);
                return false;
        }
        return CHECK_SAY(h, arrival.came, "the application starts", "%s", arrival.how);
}

/* The same in the second part of a case whose first one is but its beginning. */
static void boot_came_after(struct host *h)
{
        struct arrival first = boot_arrival(h, 1);

        if (first.ever)
                (void)boot_came(h, 2);
        else
                SKIP(h, "the boot before: %s", first.how);
}

/* Transports and disks --------------------------------------------------------------------------------------------- */

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
        const struct history *history = h->history;

        if (!boot_came(h, 1))
                return;
        for (size_t i = 0; i < history->events; i++)
                if (strcmp(history->event[i].name, "primary-gpt") == 0)
                        NOTE(h, "the primary GPT header afterwards", "%s", history->event[i].text);
}

void host_removable_medium_is_booted_first(struct host *h)
{
        (void)boot_came(h, 1);
}

void host_moved_disk_is_booted(struct host *h)
{
        boot_came_after(h);
}

void host_more_disks_do_not_change_the_boot(struct host *h)
{
        boot_came_after(h);
}

void host_boot_order_of_the_host_is_followed(struct host *h)
{
        struct arrival other = boot_arrival(h, 2);

        if (!boot_came(h, 1))
                return;
        if (!other.tried)
                SUITE_ERROR(h, "there was no boot for part 2");
        else
                CHECK_SAY(h, other.other, "the application of the other disk starts", "%s",
                          other.came ? "this disk's did" : other.how);
}

/* Boot options ----------------------------------------------------------------------------------------------------- */

void host_boots_without_boot_order(struct host *h)
{
        boot_came_after(h);
}

void host_boots_with_missing_options(struct host *h)
{
        boot_came_after(h);
}

void host_written_option_is_booted(struct host *h)
{
        boot_came_after(h);
}

void host_boot_next_is_used_once(struct host *h)
{
        boot_came_after(h);
}

void host_missing_file_falls_through(struct host *h)
{
        boot_came_after(h);
}

/* FW: the firmware itself ------------------------------------------------------------------------------------------ */

enum { BANNER = 16 };

void host_suite_runs_at_all(struct host *h)
{
        unsigned boot = h->boot_of_part[1];
        const struct history_event *begin = host_event(h, boot, "begin", NULL);
        const struct history_event *given_up = host_event(h, boot, "given-up", NULL);

        CHECK_SAY(h, begin != NULL, "the application starts within the boot's time", "%s",
                  begin      ? "it did"
                  : given_up ? given_up->text
                             : "it did not");
        NOTE(h, "start marker on the console", "%s", console_says(h, boot, "VS1 0 begin boot") ? "it came" : "none");
}

/* Without a disk nothing but the firmware can speak, and it came from the host. */
void host_firmware_comes_from_the_host(struct host *h)
{
        struct bytes console = boot_console(h, h->boot_of_part[1]);
        struct text_terminal terminal = {0};
        char said[81];
        size_t length = 0, spoken = 0;

        if (!boot_arrival(h, 1).tried) {
                SUITE_ERROR(h, "there was no boot without a disk");
                return;
        }
        for (size_t i = 0; i < console.size; i++) {
                if (!text_is_spoken(&terminal, console.data[i]))
                        continue;
                spoken++;
                if (length + 1 < sizeof(said) && (length || console.data[i] != ' '))
                        said[length++] = (char)console.data[i];
        }
        said[length] = 0;
        CHECK_SAY(h, spoken >= BANNER, "a banner of the firmware on the console", "%s", *said ? said : "silence");
}

/* CPU-15 ----------------------------------------------------------------------------------------------------------- */

void host_aarch32_instance_boots(struct host *h)
{
        uint64_t el1 = 0;

        if (!host_noted(h, 1, "ID_AA64PFR0_EL1.EL1", &el1))
                SUITE_ERROR(h, "the guest did not tell what its processor offers at EL1");
        else if (el1 != 2)
                NOT_APPLICABLE(h, "the processor has no AArch32 at EL1: ID_AA64PFR0_EL1.EL1 is %llu",
                               (unsigned long long)el1);
        else if (CHECK_SAY(h, h->boot_of_part[2] != UINT_MAX, "an AArch32 form of the machine",
                           h->boot_of_part[2] == UINT_MAX ? "the machine's declaration names none"
                                                          : "the machine's declaration names one"))
                (void)boot_came(h, 2);
}
