/* SPDX-License-Identifier: BSD-2-Clause */
/* A VM that dies, hangs, floods or never starts is an event of its lane; the boots go on where they can. */
#include "lane.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lane_private.h"
#include "text.h"

void lane_event(struct lane *lane, const char *name, const char *format, ...)
{
        char text[600];
        va_list args;

        va_start(args, format);
        vsnprintf(text, sizeof(text), format, args);
        va_end(args);
        for (char *at = text; *at; at++)
                if ((unsigned char)*at < 0x20 || (unsigned char)*at >= 0x7f)
                        *at = '?';
        (void)journal_write(lane->config.journal, json_pack("{s:s, s:i, s:i, s:i, s:I, s:I, s:s}", "event", name,
                                                            "lane", (int)lane->config.number, "boot", (int)lane->boot,
                                                            "attempt", (int)lane->slot, "ns", (json_int_t)loop_now(),
                                                            "console", (json_int_t)lane->console_size, "text", text));
}

/* The end of the lane ---------------------------------------------------------------------------------------------- */

static void lane_over(void *context)
{
        struct lane *lane = context;

        lane->config_done(lane->done_context, lane);
}

/*
 * The lane ends; its owner is told from the loop, so that no caller finds its lane freed under it. A VM that still runs
 * is released with the lane.
 */
void lane_finish(struct lane *lane)
{
        char kept[300];

        if (lane->over)
                return;
        lane->over = true;
        loop_timer_clear(lane->config.loop, lane_deadline, lane);
        lane_look_at_stores(lane, kept, sizeof(kept));
        lane_event(lane, "stores", "%s", kept);
        lane_compare_disk(lane);
        (void)journal_write(lane->config.journal,
                            json_pack("{s:s, s:i, s:I, s:I}", "event", "console-file", "lane", (int)lane->config.number,
                                      "size", (json_int_t)lane->console_size, "file_crc",
                                      (json_int_t)lane->console_crc));
        lane_event(lane, "lane-end", "%u starts", lane->starts);
        (void)loop_timer_set(lane->config.loop, 0, lane_over, lane); /* the deadline's place is free */
}

void lane_give_up(struct lane *lane, const char *why)
{
        if (lane->over)
                return;
        text_copy(lane->why, sizeof(lane->why), why);
        lane_event(lane, "given-up", "%s", why);
        if (lane->vm)
                lane->config.hypervisor->end(lane->vm, true);
        lane_finish(lane);
}

/* What is heard and cannot be written down is not worth a boot. */
void lane_check_journal(struct lane *lane)
{
        if (!lane->over && journal_failure(lane->config.journal))
                lane_give_up(lane, "what is heard cannot be written down");
}

/* Ends the VM: from here on nothing that it does counts. */
void lane_end_vm(struct lane *lane)
{
        if (!lane->vm || lane->leaving)
                return;
        lane->leaving = true;
        lane->config.hypervisor->end(lane->vm, true);
}

const struct plan_boot *lane_plan_boot(const struct lane *lane)
{
        return &lane->config.plan->plan.boot[lane->boot];
}

const struct machine *lane_boot_machine(const struct lane *lane)
{
        return lane->config.plan->setting[lane->boot] == SETTING_AARCH32 ? lane->config.sibling : lane->config.machine;
}

/* Starting --------------------------------------------------------------------------------------------------------- */

void lane_tell_words(struct lane *lane, const struct vm *vm)
{
        json_t *words = json_array();

        for (char *const *word = lane->config.hypervisor->command_line(vm); *word; word++)
                json_array_append_new(words, json_string(*word));
        (void)journal_write(lane->config.journal, json_pack("{s:s, s:i, s:o}", "event", "command-line", "lane",
                                                            (int)lane->config.number, "words", words));
}

/* True where the next boot is the one that the frozen machine has made as far as the shim. */
static bool lane_goes_on(const struct lane *lane)
{
        return lane->config.frozen && !lane->boot && !lane->starts && !lane->deaths && !lane->repeated;
}

void lane_start_vm(struct lane *lane)
{
        static const unsigned stores[] = {
                [ARRIVAL_FIRST] = 0, [ARRIVAL_RESET] = 0, [ARRIVAL_POWER_OFF] = 0,
                [ARRIVAL_OTHER] = 1, [ARRIVAL_BACK] = 0,  [ARRIVAL_OTHER_GIC] = 2,
        };
        const struct plan_boot *boot = lane_plan_boot(lane);
        const struct machine *machine = lane_boot_machine(lane);
        enum setting setting = lane->config.plan->setting[lane->boot];
        enum arrival arrival = lane->repeated ? ARRIVAL_FIRST : lane->config.plan->arrival[lane->boot];
        struct vm_config config;
        char error[500];
        int result = lane_setting_prepare(lane, setting);

        if (!result && arrival == ARRIVAL_FIRST && (lane->boot || lane->repeated))
                result = lane_store_renew(lane, 0);
        config = (struct vm_config){
                .machine = machine,
                .gic = boot->gic,
                .accelerator = machine == lane->config.machine ? lane->config.accelerator : machine->accelerator,
                .processors = lane->config.processors,
                .setting = setting,
                .disk = lane->disk.fd,
                .other_disk = setting_has_other_disk(setting) ? lane->other_disk : -1,
                .blank_disk = setting == SETTING_MORE_DISKS ? lane->blank_disk : -1,
                .hot_disk = lane->hot_disk,
                .memory_log = lane->memory_log,
                .incoming = -1,
                .kernel = setting == SETTING_PVH ? lane->config.pvh_probe : NULL,
                .large_module = lane->config.large_module,
                .standbys = lane->config.standbys,
        };
        lane->thawed = lane_goes_on(lane);
        if (lane->thawed && !result)
                result = lane_thaw(lane, &config);
        if (!result)
                result = lane_store(lane, stores[arrival], &config.store);
        if (!result && setting == SETTING_STORE_FILLED)
                result = lane_store_fill(lane, config.store);
        if (result) {
                snprintf(error, sizeof(error), "%s: %s: the disks and stores of the boot cannot be made: %s",
                         config.machine->id, config.machine->vars, strerror(-result));
                lane_give_up(lane, error);
                return;
        }
        lane->leaving = lane->shut_down = lane->advanced = false;
        lane->gone[VM_DEVICE_BLOCK] = lane->gone[VM_DEVICE_NETWORK] = false;
        lane->started = config;
        lane->started_store = stores[arrival];
        lane->migration = (struct migration){.stream = -1, .store = -1};
        lane->vm = lane->config.hypervisor->start(lane->config.loop, &config, lane_vm_event, lane_console, lane, error,
                                                  sizeof(error));
        if (lane->thawed)
                close(config.incoming);
        if (!lane->vm) {
                lane_give_up(lane, error);
                return;
        }
        lane_event(lane, "start", "arrival=%s store=%u setting=%s%s", arrival_name(arrival), stores[arrival],
                   setting_name(setting), lane->thawed ? " frozen=shim" : "");
        lane_tell_flash(lane, config.store, machine->code);
        if (config.kernel)
                lane_tell_pvh(lane);
        if (machine->firmware == FIRMWARE_PVH)
                lane_tell_blob(lane);
        if (machine_has_virtio_console(config.machine))
                lane_event(lane, "virtio-console", "%s", ""); /* it is heard from here on */
        lane_tell_words(lane, lane->vm);
        lane_await_boot(lane);
        if (lane->thawed) /* what that boot said before it stood still */
                lane_console(lane, lane->config.frozen->console, lane->config.frozen->console_size);
}

enum { PATIENCE_MS = 5000, PATIENCE_STARTS = 10, SLOW_STARTS = 4 };

/*
 * How long the application may take to start, in milliseconds. Where its absence is a finding and not the end of the
 * lane, what other starts of this machine took says when to stop waiting.
 */
static unsigned lane_patience(const struct lane *lane)
{
        unsigned most = 1000 * lane->config.machine->boot_timeout;
        uint64_t known = lane->config.slowest ? *lane->config.slowest / 1000000 : 0;

        if (lane->config.plan->slow) /* with a store that is full it may be made anew more than once */
                return SLOW_STARTS * most;
        if (!lane->config.plan->goes_on[lane->boot] || !known || PATIENCE_MS + PATIENCE_STARTS * known > most)
                return most;
        return (unsigned)(PATIENCE_MS + PATIENCE_STARTS * known);
}

/* Waits for the application of the next start; its records come in the next slot. */
void lane_await_boot(struct lane *lane)
{
        lane_requests_drop(lane);
        lane_kill_forget(lane);
        if (lane->began)
                lane->slot++;
        lane->began = lane->ended = lane->deaf = false;
        lane->open = NULL;
        lane->evidence = 0;
        lane->requests = lane->line_requests = 0;
        lane->slot_at = 0;
        lane->sequence = 0;
        lane->log_size = 0;
        lane->case_id = WIRE_NO_CASE;
        lane->started_at = loop_now();
        lane->tail[0] = 0;
        lane->spoken = 0;
        lane->terminal = (struct text_terminal){0};
        lane->patience = lane_patience(lane);
        lane_deadline_begin(lane);
}

/* Making and freeing ----------------------------------------------------------------------------------------------- */

struct lane *lane_start(const struct lane_config *config, lane_done_function *done, void *context, char *error,
                        size_t error_size)
{
        struct lane *lane = calloc(1, sizeof(*lane));

        if (!lane) {
                snprintf(error, error_size, "out of memory");
                return NULL;
        }
        lane->config = *config;
        lane->config_done = done;
        lane->done_context = context;
        lane->case_id = WIRE_NO_CASE;
        lane->waiting_for = -1;
        lane->migration.stream = lane->migration.store = -1;
        if (lane_open_files(lane, error, error_size)) {
                lane_event(lane, "given-up", "%s", error);
                lane_free(lane);
                return NULL;
        }
        lane_start_vm(lane);
        return lane;
}

unsigned lane_boots(const struct lane *lane)
{
        return lane->starts;
}

const struct machine *lane_machine(const struct lane *lane)
{
        return lane->config.machine;
}

unsigned lane_number(const struct lane *lane)
{
        return lane->config.number;
}

const char *lane_why(const struct lane *lane)
{
        return lane->why;
}

void lane_free(struct lane *lane)
{
        if (!lane)
                return;
        loop_timer_clear(lane->config.loop, lane_deadline, lane);
        loop_timer_clear(lane->config.loop, lane_over, lane);
        lane_kill_forget(lane);
        lane_requests_drop(lane);
        if (lane->vm)
                lane->config.hypervisor->release(lane->vm);
        lane_close_files(lane);
        free(lane->bytes);
        free(lane->kill_store);
        free(lane);
}
