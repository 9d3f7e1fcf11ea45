/* SPDX-License-Identifier: BSD-2-Clause */
/* One VM start of an unchanged image: it ends when the marker came, or when nothing more is to be hoped for. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crc32.h"
#include "image_boot_private.h"
#include "qcow2.h"
#include "suite_disk.h"
#include "text.h"

enum { RESETS_MAX = 3, POWER_SECONDS = 10, FIRST_ROOM = 65536 };

/* Since the VMM was started, without the time in which the host had no processor for it. */
static uint64_t trial_milliseconds(const struct trial_run *trial)
{
        uint64_t gone = loop_now() - trial->begun, awaited = trial->vm ? trial->hypervisor->awaited(trial->vm) : 0;

        awaited = awaited < VM_AWAITED_MOST_MS * UINT64_C(1000000) ? awaited : VM_AWAITED_MOST_MS * UINT64_C(1000000);
        return awaited < gone ? (gone - awaited) / 1000000 : 0;
}

/* How long the image needs elsewhere says nothing of how long it needs in a domain of a lab that has to be started. */
static uint64_t trial_patience(const struct trial_run *trial)
{
        return (trial->varied & VARY_XEN ? trial->boot->options->deadline : trial->boot->seconds) * UINT64_C(1000);
}

static void trial_event(struct trial_run *trial, const char *name, const char *detail)
{
        char text[300];

        text_escape(text, sizeof(text), detail, strlen(detail));
        (void)journal_write(trial->boot->journal,
                            json_pack("{s:s, s:i, s:s, s:I, s:I, s:s}", "event", "trial-event", "trial",
                                      (int)trial->number, "name", name, "ns", (json_int_t)loop_now(), "console",
                                      (json_int_t)trial->size, "text", text));
}

void trial_end_say(struct boot *boot, unsigned number, enum trial_end end, const char *how, uint64_t milliseconds,
                   size_t console, uint32_t crc)
{
        static const char *const ends[] = {"reached", "failed", "broken"};

        (void)journal_write(boot->journal,
                            json_pack("{s:s, s:i, s:s, s:s, s:I, s:I, s:I}", "event", "trial-end", "trial", (int)number,
                                      "end", ends[end], "how", how, "milliseconds", (json_int_t)milliseconds, "console",
                                      (json_int_t)console, "file_crc", (json_int_t)crc));
}

static void trial_finish(void *context)
{
        struct trial_run *trial = context;

        trial->over = true;
        if (trial->log >= 0)
                close(trial->log);
        trial->log = -1;
        trial_end_say(trial->boot, trial->number, trial->end, trial->how,
                      trial->reached ? trial->reached : trial_milliseconds(trial), trial->size,
                      crc32_update(0, trial->console, trial->size));
        boot_trial_over(trial->boot, trial);
}

static void trial_kill(void *context)
{
        struct trial_run *trial = context;

        trial->hypervisor->end(trial->vm, true);
}

/* The first end counts; what the VM does afterwards does not. */
static void trial_end(struct trial_run *trial, enum trial_end end, const char *how)
{
        if (trial->ending)
                return;
        trial->ending = true;
        if (!trial->reached) {
                trial->end = end;
                text_copy(trial->how, sizeof(trial->how), how);
        }
        if (trial->vm)
                trial->hypervisor->end(trial->vm, !trial->first);
        if (trial->first) /* its disk goes on in another trial: the VMM may put its own house in order */
                (void)loop_timer_set(trial->boot->loop, POWER_SECONDS * 1000, trial_kill, trial);
}

static void trial_deadline(void *context)
{
        struct trial_run *trial = context;
        char how[100];

        if (!trial->ending && !trial->reached && trial_milliseconds(trial) < trial_patience(trial)) {
                trial_deadline_set(trial); /* the VMM could not run all the time */
                return;
        }
        text_format(how, sizeof(how), "%llu s went by without it",
                    (unsigned long long)(trial_milliseconds(trial) / 1000));
        trial_end(trial, TRIAL_FAILED, how);
}

void trial_deadline_set(struct trial_run *trial)
{
        uint64_t gone = trial_milliseconds(trial), all = trial_patience(trial);

        if (!trial->ending && !trial->reached)
                (void)loop_timer_set(trial->boot->loop, all > gone ? (unsigned)(all - gone) : 1, trial_deadline, trial);
}

/* The guest is up: a first boot is let go as a user would, all others at once. */
static void trial_reach(struct trial_run *trial)
{
        trial->end = TRIAL_REACHED;
        trial->reached = trial_milliseconds(trial);
        trial->reached += trial->reached == 0;
        text_copy(trial->how, sizeof(trial->how), "the marker came");
        trial_event(trial, "marker", trial->boot->options->marker);
        if (!trial->first) {
                trial_end(trial, TRIAL_REACHED, "");
                return;
        }
        trial->hypervisor->press_power(trial->vm);
        (void)loop_timer_set(trial->boot->loop, POWER_SECONDS * 1000, trial_deadline, trial);
}

static void vm_event(void *context, enum vm_event event, const char *detail)
{
        static const char *const names[] = {
                [VM_RESET] = "reset",     [VM_SHUTDOWN] = "shutdown",
                [VM_STOPPED] = "stopped", [VM_DEVICE_GONE] = "device-gone",
                [VM_EXITED] = "exited",   [VM_VERSION] = "version",
        };
        const char *name = event < sizeof(names) / sizeof(names[0]) ? names[event] : NULL;
        struct trial_run *trial = context;
        enum vm_ended ended;

        if (!trial->ending || event == VM_EXITED)
                trial_event(trial, name ? name : "other", detail);
        if (event == VM_RESET && ++trial->resets > RESETS_MAX)
                trial_end(trial, TRIAL_FAILED, "the guest reset the machine again and again");
        if (event == VM_SHUTDOWN)
                trial_end(trial, TRIAL_FAILED, "the guest powered the machine off without it");
        if (event == VM_STOPPED)
                trial_end(trial, TRIAL_FAILED, "the guest panicked");
        if (event != VM_EXITED)
                return;
        ended = trial->hypervisor->how_ended(trial->vm);
        if (!trial->ending && !trial->reached)
                text_format(trial->how, sizeof(trial->how), "the VMM %s: %s",
                            ended == VM_ENDED_REFUSED ? "refused to start" : "ended", detail);
        if (!trial->ending && !trial->reached)
                trial->end = TRIAL_BROKEN;
        trial->ending = true;
        loop_timer_clear(trial->boot->loop, trial_deadline, trial);
        loop_timer_clear(trial->boot->loop, trial_kill, trial);
        (void)loop_timer_set(trial->boot->loop, 0, trial_finish, trial);
}

static bool console_keep(struct trial_run *trial, const void *bytes, size_t size)
{
        size_t room = trial->room ? trial->room : FIRST_ROOM;
        uint8_t *grown;

        while (room < trial->size + size)
                room *= 2;
        if (room != trial->room) {
                grown = realloc(trial->console, room);
                if (!grown)
                        return false;
                trial->console = grown;
                trial->room = room;
        }
        memcpy(trial->console + trial->size, bytes, size);
        trial->size += size;
        return journal_append(trial->boot->journal, trial->log, bytes, size) == 0;
}

static void vm_console(void *context, const void *bytes, size_t size)
{
        struct trial_run *trial = context;
        const char *marker = trial->boot->options->marker;
        size_t length = strlen(marker), from = trial->size < length ? 0 : trial->size - length;

        if (trial->ending)
                return;
        if (trial->size + size > BOOT_CONSOLE_MAX) {
                trial_end(trial, TRIAL_FAILED, "it flooded its console");
        } else if (!console_keep(trial, bytes, size)) {
                trial_end(trial, TRIAL_BROKEN, "what came out of its console cannot be written down");
        } else if (!trial->reached && memmem(trial->console + from, trial->size - from, marker, length)) {
                trial_reach(trial);
        }
}

/* Making ----------------------------------------------------------------------------------------------------------- */

static void trial_say(struct trial_run *trial)
{
        json_t *varied = json_array(), *words = json_array();

        for (unsigned bit = 0; bit < VARY_COUNT; bit++)
                if (trial->varied & 1u << bit)
                        json_array_append_new(varied, json_string(trial_vary_name(bit)));
        for (char *const *word = trial->vm ? trial->hypervisor->command_line(trial->vm) : NULL; word && *word; word++)
                json_array_append_new(words, json_string(*word));
        (void)journal_write(trial->boot->journal,
                            json_pack("{s:s, s:i, s:o, s:I, s:o}", "event", "trial", "trial", (int)trial->number,
                                      "varied", varied, "rtc", (json_int_t)trial->rtc, "words", words));
}

static int trial_files(struct trial_run *trial, int kept)
{
        const struct machine *machine = &trial->machine;
        char path[60];

        snprintf(path, sizeof(path), "trial-%u.log", trial->number);
        trial->log = journal_open_file(trial->boot->journal, path);
        trial->overlay = kept >= 0 ? kept : qcow2_make(trial->boot->file.image.size, 0);
        if (machine_has_store(machine))
                trial->store = private_copy(machine->vars);
        if (trial->overlay < 0)
                return trial->overlay;
        return trial->log < 0 ? trial->log : trial->store < -1 ? trial->store : 0;
}

static int trial_vm(struct trial_run *trial, char *error, size_t error_size)
{
        struct boot *boot = trial->boot;
        struct vm_config config = vm_config_bare(&trial->machine);
        struct stat status;

        trial->image = (struct vm_image){.base = boot->file.fd,
                                         .format = boot->file.format,
                                         .device = fstat(boot->file.fd, &status) == 0 && S_ISBLK(status.st_mode),
                                         .overlay = trial->overlay,
                                         .block_size = boot->options->block_size,
                                         .quiet_uart = trial->varied & VARY_CONSOLE};
        config.store = trial->store;
        config.image = &trial->image;
        trial->begun = loop_now();
        trial->vm = trial->hypervisor->start(boot->loop, &config, vm_event, vm_console, trial, error, error_size);
        return trial->vm ? 0 : -EIO;
}

int trial_start(struct boot *boot, unsigned varied, struct trial_run **ret)
{
        struct trial_run *trial = calloc(1, sizeof(*trial));
        char error[300] = "out of memory";
        int result = trial ? 0 : -ENOMEM;

        if (!trial)
                return result;
        *trial = (struct trial_run){.boot = boot,
                                    .number = (*boot->numbers)++,
                                    .varied = varied,
                                    .hypervisor = varied & VARY_XEN ? &hypervisor_xen : &hypervisor_qemu,
                                    .end = TRIAL_FAILED,
                                    .first = boot->needed & VARY_WIPED && !(varied & ~(unsigned)VARY_FDT)};
        trial->store = trial->overlay = trial->log = -1;
        result = trial_machine(boot, varied, &trial->machine, &trial->rtc, error, sizeof(error));
        if (!result) {
                result = trial_files(trial, varied & VARY_WIPED ? boot->kept : -1);
                if (result)
                        snprintf(error, sizeof(error), "the files of a trial cannot be made: %s", strerror(-result));
        }
        if (varied & VARY_WIPED)
                boot->kept = -1;
        if (!result)
                result = trial_vm(trial, error, sizeof(error));
        trial_say(trial);
        if (result) {
                trial_end_say(boot, trial->number, TRIAL_BROKEN, error, 0, 0, 0);
                trial_free(trial);
                return result;
        }
        trial_deadline_set(trial);
        *ret = trial;
        return 0;
}

void trial_free(struct trial_run *trial)
{
        loop_timer_clear(trial->boot->loop, trial_deadline, trial);
        loop_timer_clear(trial->boot->loop, trial_kill, trial);
        loop_timer_clear(trial->boot->loop, trial_finish, trial);
        if (trial->vm)
                trial->hypervisor->release(trial->vm);
        private_drop(&trial->store);
        private_drop(&trial->overlay);
        private_drop(&trial->log);
        machine_free(&trial->machine);
        free(trial->console);
        free(trial);
}
