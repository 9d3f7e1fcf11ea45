/* SPDX-License-Identifier: BSD-2-Clause */
/* A VM that dies, hangs, floods or never starts is an event of its lane; the boots go on where they can. */
#include "lane.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "lane_private.h"

enum { PROGRESS_MS = 30000, LEAVE_MS = 10000, DEATHS_MAX = 4, RESETS_MAX = 8 };

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
        (void)journal_write(lane->config.journal,
                            json_pack("{s:s, s:i, s:i, s:i, s:I, s:I, s:s}", "event", name, "lane",
                                      (int)lane->config.number, "boot", (int)lane->boot, "attempt", (int)lane->slot,
                                      "ns", (json_int_t)loop_now(), "console", (json_int_t)lane->console_size, "text",
                                      text));
}

/* The end of the lane ---------------------------------------------------------------------------------------------- */

struct difference {
        uint64_t pages;
        uint64_t first;
        uint64_t variable; /* where a page holds one of the suite's variables, 0: nowhere */
};

static void page_changed(void *context, uint64_t offset, const uint8_t *bytes, size_t size)
{
        struct difference *difference = context;
        static const char prefix[] = WIRE_VARIABLE_PREFIX;
        uint8_t wide[2 * sizeof(prefix) - 2];

        for (size_t i = 0; i + 1 < sizeof(prefix); i++)
                wire_put16(wide + 2 * i, (uint8_t)prefix[i]);
        if (difference->pages++ == 0)
                difference->first = offset;
        if (!difference->variable &&
            (memmem(bytes, size, wide, sizeof(wide)) || memmem(bytes, size, wire_variable_guid, 16)))
                difference->variable = offset;
}

static void lane_compare_disk(struct lane *lane)
{
        struct difference difference = {0};

        if (suite_disk_compare(&lane->disk, lane->config.suite_disk, page_changed, &difference))
                lane_event(lane, "disk-unknown", "the disk cannot be compared");
        else
                lane_event(lane, "disk-compared", "pages=0x%llx first=0x%llx variable=0x%llx",
                           (unsigned long long)difference.pages, (unsigned long long)difference.first,
                           (unsigned long long)difference.variable);
}

static void lane_over(void *context)
{
        struct lane *lane = context;

        lane->config_done(lane->done_context, lane);
}

/* The lane ends; its owner is told from the loop, so that no caller finds its lane freed under it. */
static void lane_finish(struct lane *lane)
{
        if (lane->over)
                return;
        lane->over = true;
        loop_timer_clear(lane->config.loop, lane_deadline, lane);
        lane_compare_disk(lane);
        lane_event(lane, "lane-end", "%u starts", lane->starts);
        if (loop_timer_set(lane->config.loop, 0, lane_over, lane))
                lane_over(lane);
}

static void lane_give_up(struct lane *lane, const char *why)
{
        lane_event(lane, "given-up", "%s", why);
        if (lane->vm) {
                lane->config.hypervisor->release(lane->vm);
                lane->vm = NULL;
        }
        lane_finish(lane);
}

/* Starting --------------------------------------------------------------------------------------------------------- */

static int lane_store(struct lane *lane, unsigned which)
{
        const struct machine *machine = lane->config.machine;

        if (machine->firmware == FIRMWARE_BIOS || machine->store == STORE_NONE)
                return -1;
        if (machine->store == STORE_SHARED)
                which = 0;
        if (lane->store[which] < 0)
                lane->store[which] = private_copy(machine->vars);
        return lane->store[which];
}

static bool lane_start_vm(struct lane *lane)
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
                .store = lane_store(lane, stores[arrival]),
                .hot_disk = lane->hot_disk,
                .memory_log = lane->memory_log,
        };
        char error[500];
        json_t *words;

        lane->leaving = false;
        lane->shut_down = false;
        lane->vm = lane->config.hypervisor->start(lane->config.loop, &config, lane_vm_event, lane_console, lane, error,
                                                  sizeof(error));
        if (!lane->vm) {
                lane_give_up(lane, error);
                return false;
        }
        words = json_array();
        for (char *const *word = lane->config.hypervisor->command_line(lane->vm); *word; word++)
                json_array_append_new(words, json_string(*word));
        lane_event(lane, "start", "arrival=%s store=%u", arrival_name(arrival), stores[arrival]);
        (void)journal_write(lane->config.journal,
                            json_pack("{s:s, s:i, s:o}", "event", "command-line", "lane", (int)lane->config.number,
                                      "words", words));
        lane_await_boot(lane);
        return true;
}

/* Waits for the application of the next start; its records come in the next slot. */
void lane_await_boot(struct lane *lane)
{
        if (lane->began)
                lane->slot++;
        lane->began = lane->ended = lane->deaf = false;
        lane->slot_at = 0;
        lane->sequence = 0;
        lane->log_size = 0;
        lane->case_id = WIRE_NO_CASE;
        (void)loop_timer_set(lane->config.loop, 1000 * lane->config.machine->boot_timeout, lane_deadline, lane);
}

void lane_progress(struct lane *lane)
{
        (void)loop_timer_set(lane->config.loop, PROGRESS_MS, lane_deadline, lane);
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

/* The start is over, as planned or not: which boot comes next? False where the lane is done. */
static bool lane_advance(struct lane *lane)
{
        lane_read(lane);
        lane_check_torn(lane);
        if (lane->ended || lane_finished(lane)) {
                if (!lane->ended)
                        lane_event(lane, "died", "%s", lane->case_id < CASE_COUNT ? cases[lane->case_id].name : "");
                lane->boot++;
                lane->deaths = 0;
                lane->resets = 0;
                return lane->boot < lane->config.plan->plan.boots;
        }
        if (lane->began)
                lane_event(lane, "died", "%s", lane->case_id < CASE_COUNT ? cases[lane->case_id].name : "");
        else
                lane_event(lane, "no-application", "the VM ended before the application started");
        lane->deaths++;
        return true;
}

static void lane_restart(struct lane *lane)
{
        if (lane->deaths > DEATHS_MAX || (lane->deaths && lane->starts == 0)) {
                lane_give_up(lane, "the VM died too often");
                return;
        }
        (void)lane_start_vm(lane);
}

static void lane_reset_heard(struct lane *lane)
{
        bool ended;

        lane_read(lane);
        ended = lane->ended;
        lane_event(lane, "reset", "guest");
        if (!lane->began) {
                if (++lane->resets > RESETS_MAX)
                        lane_give_up(lane, "the firmware resets again and again without starting the application");
                return;
        }
        if (!lane_advance(lane)) {
                lane->leaving = true;
                lane->config.hypervisor->end(lane->vm, true);
                return;
        }
        if (lane->deaths > DEATHS_MAX) {
                lane_give_up(lane, "the VM died too often");
                return;
        }
        if (ended && lane->config.plan->arrival[lane->boot] != ARRIVAL_RESET) {
                lane_event(lane, "wrong-ending", "a reset, expected power-off");
                lane->leaving = lane->advanced = true;
                lane->config.hypervisor->end(lane->vm, true);
                return;
        }
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
        lane->shut_down = true;
        lane_event(lane, "shutdown", "guest");
        (void)loop_timer_set(lane->config.loop, LEAVE_MS, lane_deadline, lane);
        if (lane->log_size) {
                lane->config.hypervisor->save_memory(lane->vm, lane->log_address, lane->log_size, lane_memory_saved, lane);
                return;
        }
        lane->leaving = true;
        lane->config.hypervisor->end(lane->vm, false);
}

static void lane_exit_heard(struct lane *lane, const char *how)
{
        bool more = true, was_reset_planned;

        lane_read(lane);
        loop_timer_clear(lane->config.loop, lane_deadline, lane);
        lane_event(lane, lane->leaving ? "exit" : "crash", "%s", how);
        lane->config.hypervisor->release(lane->vm);
        lane->vm = NULL;
        if (!lane->advanced)
                more = lane_advance(lane);
        was_reset_planned = !lane->advanced && lane->ended && more &&
                            lane->config.plan->arrival[lane->boot] == ARRIVAL_RESET;
        lane->advanced = false;
        if (was_reset_planned)
                lane_event(lane, "wrong-ending", "power-off, expected a reset");
        if (!more)
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
                if (lane->shut_down)
                        break;
                lane_read(lane);
                lane_event(lane, "stopped", "%s", detail);
                lane->config.hypervisor->end(lane->vm, true);
                break;
        case VM_DEVICE_GONE:
                lane_event(lane, "device-gone", "%s", detail);
                lane_device_gone(lane, detail);
                break;
        case VM_EXITED:
                lane_exit_heard(lane, detail);
                break;
        case VM_OTHER:
                if (*detail)
                        lane_event(lane, "vmm", "%s", detail);
                break;
        }
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
        lane->console_size += size;
        if (lane->console_fd >= 0 && write(lane->console_fd, bytes, size) != (ssize_t)size)
                lane_event(lane, "console-lost", "the console could not be written to its file");
}

void lane_deadline(void *context)
{
        struct lane *lane = context;

        lane_read(lane);
        if (lane->leaving || lane->shut_down)
                lane_event(lane, "stuck", "the VMM did not end by itself");
        else if (!lane->began)
                lane_event(lane, "no-boot", "the application did not start within %u s",
                           lane->config.machine->boot_timeout);
        else
                lane_event(lane, "silent", "nothing was heard for %u s in %s", (unsigned)PROGRESS_MS / 1000,
                           lane->case_id < CASE_COUNT ? cases[lane->case_id].name : "no case");
        if (!lane->began && !lane->leaving) {
                lane_give_up(lane, "the application did not start");
                return;
        }
        lane->config.hypervisor->end(lane->vm, true);
}

static void disk_written(void *context, short events)
{
        struct lane *lane = context;
        char changes[4096] __attribute__((aligned(8)));

        (void)events;
        while (read(lane->notify, changes, sizeof(changes)) > 0)
                ;
        if (!lane->over)
                lane_read(lane);
}

/* Making and freeing ----------------------------------------------------------------------------------------------- */

static int lane_watch_disk(struct lane *lane)
{
        char path[40];

        snprintf(path, sizeof(path), "/proc/self/fd/%d", lane->disk.fd);
        lane->notify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
        if (lane->notify < 0 || inotify_add_watch(lane->notify, path, IN_MODIFY) < 0)
                return -errno;
        return loop_watch(lane->config.loop, lane->notify, POLLIN, disk_written, lane);
}

static int lane_open(struct lane *lane, char *error, size_t error_size)
{
        uint8_t block[512];
        char path[80];
        int result = suite_disk_copy(lane->config.suite_disk, &lane->disk, error, error_size);

        if (result)
                return result;
        lane_hot_block(lane, block);
        lane->hot_disk = private_file(LANE_HOT_DISK);
        lane->memory_log = private_file(0);
        result = lane->hot_disk < 0     ? lane->hot_disk
                 : lane->memory_log < 0 ? lane->memory_log
                                        : suite_disk_plan(&lane->disk, &lane->config.plan->plan);
        if (!result && pwrite(lane->hot_disk, block, sizeof(block), 0) != (ssize_t)sizeof(block))
                result = -EIO;
        if (!result)
                result = lane_watch_disk(lane);
        snprintf(path, sizeof(path), "console-%u.log", lane->config.number);
        if (!result)
                lane->console_fd = journal_open_file(lane->config.journal, path);
        if (result)
                snprintf(error, error_size, "%s: the lane's files cannot be made: %s", lane->config.machine->id,
                         strerror(-result));
        return result;
}

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
        lane->disk.fd = lane->hot_disk = lane->memory_log = lane->notify = lane->console_fd = -1;
        lane->store[0] = lane->store[1] = lane->store[2] = -1;
        lane->case_id = WIRE_NO_CASE;
        if (lane_open(lane, error, error_size)) {
                lane_event(lane, "given-up", "%s", error);
                lane_free(lane);
                return NULL;
        }
        (void)lane_start_vm(lane);
        return lane;
}

unsigned lane_boots(const struct lane *lane)
{
        return lane->starts;
}

static void fd_close(int fd)
{
        if (fd >= 0)
                close(fd);
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
        if (lane->notify >= 0)
                loop_unwatch(lane->config.loop, lane->notify);
        fd_close(lane->notify);
        fd_close(lane->disk.fd);
        fd_close(lane->hot_disk);
        fd_close(lane->memory_log);
        fd_close(lane->console_fd);
        for (size_t i = 0; i < 3; i++)
                fd_close(lane->store[i]);
        free(lane->bytes);
        free(lane);
}
