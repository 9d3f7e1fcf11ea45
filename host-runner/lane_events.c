/* SPDX-License-Identifier: BSD-2-Clause */
/* Whatever a VM does, the lane goes on with its next boot, tries again a few times, or ends with a reason. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lane_private.h"

enum { LEAVE_MS = 10000, DEATHS_MAX = 4, RESETS_MAX = 8, OTHERS_MAX = 256, PIECES_MAX = 64 };

/* Between boots ---------------------------------------------------------------------------------------------------- */

/*
 * What the guest itself keeps of how far the plan is done: true where it goes on with the next boot, or has done so
 * already because the runner hears of its resets late.
 */
static bool lane_finished(const struct lane *lane)
{
        uint8_t block[WIRE_STATE_SIZE];
        struct wire_state state;

        return pread(lane->disk.fd, block, sizeof(block), (off_t)(lane->disk.journal + WIRE_STATE_OFFSET)) ==
                       (ssize_t)sizeof(block) &&
               wire_state_get(block, lane->config.plan->plan.nonce, &state) &&
               (state.boot > lane->boot || (state.boot == lane->boot && state.finished));
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
        lane->repeated = false;
        lane->deaths = 0;
        lane->resets = 0;
        return lane->boot < lane->config.plan->plan.boots;
}

/*
 * The application did not start in this boot, and the lane goes on past it: again with a blank store, or with the next
 * boot. False where the lane is done.
 */
static bool lane_go_on(struct lane *lane)
{
        lane_check_torn(lane);
        lane->deaths = lane->resets = 0;
        if (lane->config.plan->again && !lane->repeated) {
                lane->repeated = true;
                return true;
        }
        lane->repeated = false;
        lane_state_skip(lane);
        lane->boot++;
        return lane->boot < lane->config.plan->plan.boots;
}

/* True where the application did not start, and that ends neither the lane nor the case. */
bool lane_missed(const struct lane *lane)
{
        return !lane->began && !lane->advanced && lane->boot < lane->config.plan->plan.boots &&
               lane->config.plan->goes_on[lane->boot] && !(lane->config.plan->again && lane->repeated);
}

/* Says so, and ends the VM. */
static void lane_miss(struct lane *lane, const char *why)
{
        if (lane->leaving)
                return;
        lane_event(lane, "no-boot", "%s", why);
        lane_end_vm(lane);
}

static void lane_restart(struct lane *lane)
{
        if (lane->deaths && lane->starts == 0) {
                lane_give_up(lane, *lane->refused ? lane->refused
                                   : *lane->lost  ? lane->lost
                                                  : "the VM ended before the application ever started");
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
        lane_tell_starved(lane, CASE_COUNT);
        lane_event(lane, "reset", "guest");
        if (!lane->began) {
                if (++lane->resets > RESETS_MAX) {
                        if (lane_missed(lane))
                                lane_miss(lane, "the firmware resets again and again");
                        else
                                lane_give_up(lane,
                                             "the firmware resets again and again without starting the application");
                }
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
        lane_tell_starved(lane, CASE_COUNT);
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

static bool lane_was_refused(const struct lane *lane)
{
        return !lane->leaving && lane->config.hypervisor->how_ended(lane->vm) == VM_ENDED_REFUSED;
}

/* The VMM refused to start what it may refuse. */
static bool lane_was_turned_down(const struct lane *lane)
{
        return lane_was_refused(lane) && setting_may_be_refused(lane->config.plan->setting[lane->boot]);
}

static const char *exit_name(const struct lane *lane)
{
        static const char *const names[] = {
                [VM_ENDED_ITSELF] = "crash", [VM_ENDED_KILLED] = "killed", [VM_ENDED_REFUSED] = "not-started"};

        if (lane_was_turned_down(lane))
                return "turned-down";
        return lane->leaving || lane->migration.under_way ? "exit"
                                                          : names[lane->config.hypervisor->how_ended(lane->vm)];
}

static void lane_exit_heard(struct lane *lane, const char *how)
{
        bool refused = lane_was_refused(lane), turned_down = lane_was_turned_down(lane);
        bool moving = lane->migration.under_way;

        if (!lane->leaving && lane->config.hypervisor->how_ended(lane->vm) == VM_ENDED_KILLED)
                snprintf(lane->lost, sizeof(lane->lost), "the VM ended before the application ever started: %.200s",
                         how);
        loop_timer_clear(lane->config.loop, lane_deadline, lane);
        lane_event(lane, lane->thawed ? "not-thawed" : exit_name(lane), "%s", how);
        lane->leaving = true;
        lane_read(lane);
        lane_migrate_drop(lane);
        lane->config.hypervisor->release(lane->vm);
        lane->vm = NULL;
        lane_kill_done(lane);
        lane_migrate_look(lane);
        if (lane->thawed) { /* whatever the reason was, the boot is made from the start */
                lane->config.frozen = NULL;
                lane_start_vm(lane);
                return;
        }
        if (moving) {
                lane_migrate_fail(lane, how);
                return;
        }
        if (turned_down) {
                lane_finish(lane);
                return;
        }
        if (refused) {
                lane_give_up(lane, how);
                return;
        }
        if (lane_missed(lane)) {
                lane_event(lane, "missed", "the application did not start");
                lane->done = !lane_go_on(lane);
        } else if (!lane->advanced) {
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
                snprintf(lane->lost, sizeof(lane->lost),
                         "the VM was stopped before the application ever started: %.200s", detail);
                lane_end_vm(lane);
                break;
        case VM_DEVICE_GONE:
                lane_event(lane, "device-gone", "%s", detail);
                lane_device_gone(lane, detail);
                break;
        case VM_EXITED:
                lane_exit_heard(lane, detail);
                break;
        case VM_VIRTIO_CONSOLE:
                if (lane->virtio_console++ < PIECES_MAX)
                        lane_event(lane, "virtio-console", "%s", detail);
                break;
        case VM_VERSION:
                lane_event(lane, "vmm-version", "%s", detail);
                break;
        case VM_ARRIVED:
                break;
        case VM_OTHER:
                if (*detail && lane->others++ < OTHERS_MAX)
                        lane_event(lane, "vmm", "%s", detail);
                break;
        }
        lane_check_journal(lane);
}

/* The console text of the machine's declaration that shows that nothing was booted; NULL: it did not come yet. */
static const char *lane_no_boot_text(const struct lane *lane, char to[LANE_TAIL])
{
        const char *at = lane->config.machine->no_boot_text;

        while (at && *at) {
                size_t length = strcspn(at, "|");

                snprintf(to, LANE_TAIL, "%.*s", (int)length, at);
                if (*to && strstr(lane->tail, to))
                        return to;
                at += length + (at[length] == '|');
        }
        return NULL;
}

enum { BANNER = 16 };

/* The firmware says that it will not start the application, or, where there is none, anything at all. */
static void lane_overhear(struct lane *lane)
{
        char text[LANE_TAIL], why[LANE_TAIL + 40];

        if (!lane_missed(lane))
                return;
        if (lane_no_boot_text(lane, text)) {
                snprintf(why, sizeof(why), "the firmware says \"%s\"", text);
                lane_miss(lane, why);
        } else if (lane->config.plan->setting[lane->boot] == SETTING_PVH && strstr(lane->tail, "VMSPEC-PVH end")) {
                lane_miss(lane, "the probe has spoken");
        } else if (lane->config.plan->setting[lane->boot] == SETTING_NO_DISK && lane->spoken >= BANNER) {
                lane_miss(lane, "the firmware has spoken");
        }
}

/* However much comes at once, what is to be overheard is looked for in all of it. */
static void lane_listen(struct lane *lane, const uint8_t *bytes, size_t size)
{
        for (size_t i = 0; i < size; i++) {
                size_t length = strlen(lane->tail);

                if (!text_is_spoken(&lane->terminal, bytes[i]))
                        continue;
                lane->spoken++;
                if (length == LANE_TAIL - 1) {
                        lane_overhear(lane);
                        memmove(lane->tail, lane->tail + LANE_TAIL / 2, length -= LANE_TAIL / 2);
                }
                lane->tail[length] = (char)bytes[i];
                lane->tail[length + 1] = 0;
        }
        lane_overhear(lane);
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
        if (!lane->began && !lane->leaving)
                lane_listen(lane, bytes, size);
        lane_hear_line(lane, bytes, size);
        lane_check_journal(lane);
}
