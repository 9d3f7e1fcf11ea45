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

enum { PROGRESS_MS = 30000, LEAVE_MS = 10000, START_MS = 900000, DEATHS_MAX = 4, RESETS_MAX = 8, OTHERS_MAX = 256 };

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
static void lane_finish(struct lane *lane)
{
        if (lane->over)
                return;
        lane->over = true;
        loop_timer_clear(lane->config.loop, lane_deadline, lane);
        lane_compare_disk(lane);
        (void)journal_write(lane->config.journal,
                            json_pack("{s:s, s:i, s:I, s:I}", "event", "console-file", "lane", (int)lane->config.number,
                                      "size", (json_int_t)lane->console_size, "file_crc",
                                      (json_int_t)lane->console_crc));
        lane_event(lane, "lane-end", "%u starts", lane->starts);
        (void)loop_timer_set(lane->config.loop, 0, lane_over, lane); /* the deadline's place is free */
}

static void lane_give_up(struct lane *lane, const char *why)
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

/* Starting --------------------------------------------------------------------------------------------------------- */

static void lane_start_vm(struct lane *lane)
{
        static const unsigned stores[] = {
                [ARRIVAL_FIRST] = 0, [ARRIVAL_RESET] = 0, [ARRIVAL_POWER_OFF] = 0,
                [ARRIVAL_OTHER] = 1, [ARRIVAL_BACK] = 0,  [ARRIVAL_OTHER_GIC] = 2,
        };
        const struct plan_boot *boot = &lane->config.plan->plan.boot[lane->boot];
        enum arrival arrival = lane->config.plan->arrival[lane->boot];
        struct vm_config config = {
                .machine = lane->config.machine,
                .gic = boot->gic,
                .accelerator = lane->config.accelerator,
                .disk = lane->disk.fd,
                .hot_disk = lane->hot_disk,
                .memory_log = lane->memory_log,
        };
        char error[500];
        json_t *words;
        int result = lane_store(lane, stores[arrival], &config.store);

        if (result) {
                snprintf(error, sizeof(error), "%s: %s: the variable store cannot be copied: %s", config.machine->id,
                         config.machine->vars, strerror(-result));
                lane_give_up(lane, error);
                return;
        }
        lane->leaving = lane->shut_down = lane->advanced = false;
        lane->gone[VM_DEVICE_BLOCK] = lane->gone[VM_DEVICE_NETWORK] = false;
        lane->gone[VM_DEVICE_BLOCK] = lane->gone[VM_DEVICE_NETWORK] = false;
        lane->vm = lane->config.hypervisor->start(lane->config.loop, &config, lane_vm_event, lane_console, lane, error,
                                                  sizeof(error));
        if (!lane->vm) {
                lane_give_up(lane, error);
                return;
        }
        words = json_array();
        for (char *const *word = lane->config.hypervisor->command_line(lane->vm); *word; word++)
                json_array_append_new(words, json_string(*word));
        lane_event(lane, "start", "arrival=%s store=%u", arrival_name(arrival), stores[arrival]);
        (void)journal_write(lane->config.journal, json_pack("{s:s, s:i, s:o}", "event", "command-line", "lane",
                                                            (int)lane->config.number, "words", words));
        lane_await_boot(lane);
}

/* Waits for the application of the next start; its records come in the next slot. */
void lane_await_boot(struct lane *lane)
{
        lane_requests_drop(lane);
        if (lane->began)
                lane->slot++;
        lane->began = lane->ended = lane->deaf = false;
        lane->open = NULL;
        lane->evidence = 0;
        lane->requests = 0;
        lane->slot_at = 0;
        lane->sequence = 0;
        lane->log_size = 0;
        lane->case_id = WIRE_NO_CASE;
        (void)loop_timer_set(lane->config.loop, 1000 * lane->config.machine->boot_timeout, lane_deadline, lane);
}

/* The next record must come soon, and the whole start must come to its end. */
void lane_progress(struct lane *lane)
{
        uint64_t spent = (loop_now() - lane->begun_at) / 1000000;
        unsigned left = spent < START_MS ? (unsigned)(START_MS - spent) : 0;

        if (!lane->leaving && !lane->shut_down)
                (void)loop_timer_set(lane->config.loop, left < PROGRESS_MS ? left : PROGRESS_MS, lane_deadline, lane);
}

/* Between boots ---------------------------------------------------------------------------------------------------- */

/* What the guest itself keeps of how far the plan is done: true where it will go on with the next boot. */
static bool lane_finished(const struct lane *lane)
{
        uint8_t block[WIRE_STATE_SIZE];
        struct wire_state state;

        return pread(lane->disk.fd, block, sizeof(block), (off_t)(lane->disk.journal + WIRE_STATE_OFFSET)) ==
                       (ssize_t)sizeof(block) &&
               wire_state_get(block, lane->config.plan->plan.nonce, &state) && state.finished &&
               state.boot == lane->boot;
}

/*
 * The start is over, as planned or not: which boot comes next? The guest's own state says it, as the guest goes on by
 * it. False where the lane is done.
 */
static bool lane_advance(struct lane *lane)
{
        bool finished = lane_finished(lane);

        lane_check_torn(lane);
        lane->advanced = true;
        if (lane->began && !(finished && lane->ended))
                lane_event(lane, "died", "%s", lane->case_id < CASE_COUNT ? cases[lane->case_id].name : "");
        else if (!lane->began)
                lane_event(lane, "no-application", "the VM ended before the application started");
        if (!finished) {
                lane->deaths++;
                return true;
        }
        lane->boot++;
        lane->deaths = 0;
        lane->resets = 0;
        return lane->boot < lane->config.plan->plan.boots;
}

static void lane_restart(struct lane *lane)
{
        if (lane->deaths && lane->starts == 0) {
                lane_give_up(lane, *lane->refused ? lane->refused : "the VM ended before the application ever started");
                return;
        }
        if (lane->deaths > DEATHS_MAX) {
                lane_give_up(lane, "the VM died too often");
                return;
        }
        lane_start_vm(lane);
}

static void lane_reset_heard(struct lane *lane)
{
        bool ended;

        lane_read(lane);
        if (lane->leaving)
                return;
        ended = lane->ended;
        lane_event(lane, "reset", "guest");
        if (!lane->began) {
                if (++lane->resets > RESETS_MAX)
                        lane_give_up(lane, "the firmware resets again and again without starting the application");
                return;
        }
        if (!lane_advance(lane)) {
                lane->done = true;
                lane_end_vm(lane);
                return;
        }
        if (lane->deaths > DEATHS_MAX) {
                lane_give_up(lane, "the VM died too often");
                return;
        }
        if (ended && !lane->deaths && lane->config.plan->arrival[lane->boot] != ARRIVAL_RESET) {
                lane_event(lane, "wrong-ending", "a reset, expected power-off");
                lane_end_vm(lane);
                return;
        }
        lane->advanced = false;
        lane_await_boot(lane);
}

static void lane_memory_saved(void *context, const char *error)
{
        struct lane *lane = context;

        if (error)
                lane_event(lane, "log-lost", "%s", error);
        else
                lane_read_log(lane);
        lane->leaving = true;
        lane->config.hypervisor->end(lane->vm, false);
}

static void lane_shutdown_heard(struct lane *lane)
{
        lane_read(lane);
        if (lane->leaving)
                return;
        lane->shut_down = true;
        lane_event(lane, "shutdown", "guest");
        (void)loop_timer_set(lane->config.loop, LEAVE_MS, lane_deadline, lane);
        if (lane->log_size) {
                lane->config.hypervisor->save_memory(lane->vm, lane->log_address, lane->log_size, lane_memory_saved,
                                                     lane);
                return;
        }
        lane->leaving = true;
        lane->config.hypervisor->end(lane->vm, false);
}

static const char *exit_name(const struct lane *lane)
{
        static const char *const names[] = {
                [VM_ENDED_ITSELF] = "crash", [VM_ENDED_KILLED] = "killed", [VM_ENDED_REFUSED] = "not-started"};

        return lane->leaving ? "exit" : names[lane->config.hypervisor->how_ended(lane->vm)];
}

static void lane_exit_heard(struct lane *lane, const char *how)
{
        bool refused = !lane->leaving && lane->config.hypervisor->how_ended(lane->vm) == VM_ENDED_REFUSED;

        loop_timer_clear(lane->config.loop, lane_deadline, lane);
        lane_event(lane, exit_name(lane), "%s", how);
        lane->leaving = true;
        lane_read(lane);
        lane->config.hypervisor->release(lane->vm);
        lane->vm = NULL;
        if (refused) {
                lane_give_up(lane, how);
                return;
        }
        if (!lane->advanced) {
                bool ended = lane->ended;

                lane->done = !lane_advance(lane);
                if (ended && !lane->done && !lane->deaths && lane->config.plan->arrival[lane->boot] == ARRIVAL_RESET)
                        lane_event(lane, "wrong-ending", "power-off, expected a reset");
        }
        if (lane->done)
                lane_finish(lane);
        else
                lane_restart(lane);
}

/* What is heard ---------------------------------------------------------------------------------------------------- */

void lane_vm_event(void *context, enum vm_event event, const char *detail)
{
        struct lane *lane = context;

        if (lane->over)
                return;
        switch (event) {
        case VM_RESET:
                lane_reset_heard(lane);
                break;
        case VM_SHUTDOWN:
                lane_shutdown_heard(lane);
                break;
        case VM_STOPPED:
                if (lane->shut_down || lane->leaving)
                        break;
                lane_read(lane);
                lane_event(lane, "stopped", "%s", detail);
                lane_end_vm(lane);
                break;
        case VM_DEVICE_GONE:
                lane_event(lane, "device-gone", "%s", detail);
                lane_device_gone(lane, detail);
                break;
        case VM_EXITED:
                lane_exit_heard(lane, detail);
                break;
        case VM_OTHER:
                if (*detail && lane->others++ < OTHERS_MAX)
                        lane_event(lane, "vmm", "%s", detail);
                break;
        }
        lane_check_journal(lane);
}

void lane_console(void *context, const void *bytes, size_t size)
{
        struct lane *lane = context;

        if (lane->over)
                return;
        if (lane->console_size + size > LANE_CONSOLE_MAX) {
                lane_event(lane, "flood", "more than %u bytes of console output", (unsigned)LANE_CONSOLE_MAX);
                lane_give_up(lane, "the console was flooded");
                return;
        }
        lane_keep_console(lane, bytes, size);
        lane_check_journal(lane);
}

static void lane_late(struct lane *lane)
{
        const char *where = lane->case_id < CASE_COUNT ? cases[lane->case_id].name : "no case";

        if (lane->leaving || lane->shut_down)
                lane_event(lane, "stuck", "the VMM did not end by itself");
        else if (!lane->began)
                lane_event(lane, "no-boot", "the application did not start within %u s",
                           lane->config.machine->boot_timeout);
        else if ((loop_now() - lane->begun_at) / 1000000 >= START_MS)
                lane_event(lane, "endless", "the start took longer than %u s, in %s", (unsigned)START_MS / 1000, where);
        else
                lane_event(lane, "silent", "nothing was heard for %u s in %s", (unsigned)PROGRESS_MS / 1000, where);
}

void lane_deadline(void *context)
{
        struct lane *lane = context;
        uint32_t sequence = lane->sequence;
        char why[80];

        lane_read(lane);
        if (lane->sequence != sequence && !lane->leaving && !lane->shut_down)
                return; /* it spoke: the deadline has moved */
        lane_late(lane);
        if (!lane->began && !lane->leaving && !lane->shut_down) {
                snprintf(why, sizeof(why), "the application did not start within %u s",
                         lane->config.machine->boot_timeout);
                lane_give_up(lane, why);
                return;
        }
        lane->leaving = true;
        lane->config.hypervisor->end(lane->vm, true);
        lane_check_journal(lane);
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
        lane_requests_drop(lane);
        if (lane->vm)
                lane->config.hypervisor->release(lane->vm);
        lane_close_files(lane);
        free(lane->bytes);
        free(lane);
}
