/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A domain lives in a lab of its own, a VM of QEMU's that runs Xen and a control domain with our agent: it comes and
 * goes with its lab, and what the toolstack says of it is what the runner hears.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "wire.h"
#include "xen_private.h"

enum { READY_MS = 240000 };

/* Why the domain never came, or is lost: the lab is ended, and its end says this. */
static void vm_fail(struct vm *vm, enum vm_ended how, const char *why)
{
        if (*vm->fault || vm->told_to_end)
                return;
        snprintf(vm->fault, sizeof(vm->fault), "%.*s", XEN_TEXT - 1, why);
        vm->ended = how;
        hypervisor_qemu.end(vm->lab, true);
}

/* In milliseconds: it ends well before the machine's own patience, whose end is held against the platform. */
static unsigned patience(const struct vm *vm)
{
        unsigned most = vm->config.machine->boot_timeout * 1000 / 4 * 3;

        return most < READY_MS ? most : READY_MS;
}

static void ready_late(void *context)
{
        char why[80];

        snprintf(why, sizeof(why), "Xen's control domain did not come up within %u ms", patience(context));
        vm_fail(context, VM_ENDED_REFUSED, why);
}

/* What the toolstack says of the domain ------------------------------------------------------------------------------
 */

/* xl's reasons are Xen's: SHUTDOWN_poweroff, _reboot, _suspend, _crash, _watchdog. */
static void domain_stopped(struct vm *vm, int reason)
{
        static const char *const names[] = {"poweroff", "reboot", "suspend", "crash", "watchdog"};
        const char *name = reason >= 0 && reason < 5 ? names[reason] : "an unknown reason";

        if (reason == 0)
                vm->event(vm->context, VM_SHUTDOWN, name);
        else if (reason == 1)
                vm->event(vm->context, VM_RESET, name);
        else
                vm->event(vm->context, VM_STOPPED, name);
}

static void toolstack_line(struct vm *vm)
{
        const char *reason = strstr(vm->line, "has shut down, reason code ");

        if (!*vm->line)
                return;
        vm->event(vm->context, VM_OTHER, vm->line);
        if (!*vm->complaint && (strstr(vm->line, "rror") || strstr(vm->line, "ERROR")))
                memcpy(vm->complaint, vm->line, sizeof(vm->complaint));
        if (reason)
                domain_stopped(vm, atoi(reason + strlen("has shut down, reason code ")));
}

static void toolstack_output(struct vm *vm, const char *bytes, size_t size)
{
        for (size_t i = 0; i < size; i++) {
                size_t length = strlen(vm->line);

                if (bytes[i] == '\n') {
                        toolstack_line(vm);
                        vm->line[0] = 0;
                } else if (bytes[i] && length + 1 < sizeof(vm->line)) {
                        vm->line[length] = bytes[i];
                        vm->line[length + 1] = 0;
                }
        }
}

static void toolstack_ended(struct vm *vm, unsigned status)
{
        char why[XEN_TEXT + 60];

        if (!status)
                return; /* the domain is kept as it is */
        snprintf(why, sizeof(why), "xl could not create the domain: exit status %u%s%s", status,
                 *vm->complaint ? ": " : "", vm->complaint);
        vm_fail(vm, VM_ENDED_REFUSED, why);
}

/* What the agent says ------------------------------------------------------------------------------------------------
 */

enum { CREATION = 1 }; /* the number of the program that creates the domain and stays with it */

static bool config_send(struct vm *vm)
{
        static const char path[] = "/guest.cfg";
        char frame[XEN_FRAME_MAX], *config = xen_config(vm);
        int length = config ? snprintf(frame, sizeof(frame), "%s%c%s", path, 0, config) : -1;
        bool sent =
                length > 0 && length < (int)sizeof(frame) && xen_send(vm, XEN_FRAME_FILE, frame, (size_t)length) == 0;

        for (char *line = config, *rest = NULL; (line = strtok_r(line, "\n", &rest)); line = NULL)
                vm->event(vm->context, VM_OTHER, line);
        free(config);
        return sent;
}

static void disks_read(struct vm *vm, const char *text)
{
        for (const char *line = strchr(text, '\n'); line && line[1] && vm->disks < XEN_DISKS;
             line = strchr(line + 1, '\n')) {
                struct xen_disk *disk = &vm->disk[vm->disks];

                if (sscanf(line, "\n%39[^=\n]=%39[^\n]", disk->name, disk->path) == 2)
                        vm->disks++;
        }
}

static void agent_ready(struct vm *vm, const struct xen_frame *frame)
{
        static const char *const create[] = {"/bin/xl", "create", "-F", "/guest.cfg", NULL};
        char text[2048];

        if (vm->ready)
                return;
        vm->ready = true;
        loop_timer_clear(vm->loop, ready_late, vm);
        snprintf(text, sizeof(text), "%.*s", (int)frame->size, (const char *)frame->payload);
        disks_read(vm, text);
        text[strcspn(text, "\n")] = 0;
        vm->event(vm->context, VM_VERSION, text);
        vm->created = config_send(vm) && xen_run(vm, create) == CREATION;
        if (!vm->created)
                vm_fail(vm, VM_ENDED_REFUSED, "Xen's control domain cannot be told what to create");
}

static void text_heard(struct vm *vm, const struct xen_frame *frame)
{
        char text[XEN_TEXT];

        snprintf(text, sizeof(text), "%.*s", (int)frame->size, (const char *)frame->payload);
        if (frame->type == XEN_FRAME_STATE)
                vm->event(vm->context, VM_OTHER, text);
        else
                xen_refused(vm, text);
}

static void frame_heard(struct vm *vm, const struct xen_frame *frame)
{
        bool numbered = frame->size >= 4;
        uint32_t number = numbered ? wire_get32(frame->payload) : 0;
        const char *rest = (const char *)frame->payload + 4;

        if (frame->type == XEN_FRAME_READY)
                agent_ready(vm, frame);
        else if (frame->type == XEN_FRAME_CONSOLE)
                vm->console(vm->context, frame->payload, frame->size);
        else if (frame->type == XEN_FRAME_OUTPUT && number == CREATION)
                toolstack_output(vm, rest, frame->size - 4);
        else if (frame->type == XEN_FRAME_OUTPUT && numbered)
                xen_output(vm, number, rest, frame->size - 4);
        else if (frame->type == XEN_FRAME_EXIT && frame->size == 8 && number == CREATION)
                toolstack_ended(vm, frame->payload[4]);
        else if (frame->type == XEN_FRAME_EXIT && frame->size == 8)
                xen_exited(vm, number, frame->payload[4]);
        else if (frame->type == XEN_FRAME_BYTES)
                xen_bytes(vm, frame->payload, frame->size);
        else if (frame->type == XEN_FRAME_STATE || frame->type == XEN_FRAME_REFUSED)
                text_heard(vm, frame);
        else
                vm_fail(vm, VM_ENDED_KILLED, "Xen's control domain sent a frame that no agent sends");
}

static void channel_heard(void *context, const void *bytes, size_t size)
{
        struct vm *vm = context;
        const uint8_t *at = bytes;
        struct xen_frame frame;
        int result = 0;

        while (size && result >= 0 && !*vm->fault) {
                size_t taken = xen_frame_feed(&vm->reader, at, size);

                at += taken;
                size -= taken;
                while (!*vm->fault && (result = xen_frame_take(&vm->reader, &frame)) > 0)
                        frame_heard(vm, &frame);
        }
        if (result < 0)
                vm_fail(vm, VM_ENDED_KILLED, "what came from Xen's control domain is no frame");
}

/* Of what happens to the lab, its end alone is the domain's. */
static void lab_event(void *context, enum vm_event event, const char *detail)
{
        struct vm *vm = context;

        if (event == VM_SHUTDOWN || event == VM_STOPPED)
                vm_fail(vm, vm->ready ? VM_ENDED_KILLED : VM_ENDED_REFUSED,
                        vm->ready ? "Xen's control domain is gone" : "Xen's control domain did not come up");
        if (event != VM_EXITED)
                return;
        if (!*vm->fault)
                vm->ended = hypervisor_qemu.how_ended(vm->lab);
        vm->event(vm->context, VM_EXITED, *vm->fault ? vm->fault : detail);
}

/* Starting and ending ------------------------------------------------------------------------------------------------
 */

static void vm_release(struct vm *vm)
{
        if (!vm)
                return;
        loop_timer_clear(vm->loop, ready_late, vm);
        hypervisor_qemu.release(vm->lab);
        machine_free(&vm->lab_machine);
        free(vm);
}

static struct vm *vm_start(struct loop *loop, const struct vm_config *config, vm_event_function *event,
                           vm_console_function *console, void *context, char *error, size_t error_size)
{
        struct vm *vm = calloc(1, sizeof(*vm));
        struct vm_config lab = *config;
        int result = vm ? xen_lab_machine(config, &vm->lab_machine) : -ENOMEM;

        if (result) {
                snprintf(error, error_size, "%s: the Xen lab cannot be started: %s", config->machine->id,
                         strerror(-result));
                free(vm);
                return NULL;
        }
        vm->loop = loop;
        vm->event = event;
        vm->console = console;
        vm->context = context;
        vm->config = *config;
        lab.machine = &vm->lab_machine;
        lab.store = lab.memory_log = -1;
        lab.kernel = NULL; /* the domain has it */
        if (config->setting != SETTING_BLOCKS_4K && config->setting != SETTING_LEAPING_CLOCK)
                lab.setting = SETTING_PLAIN;
        vm->lab = hypervisor_qemu.start(loop, &lab, lab_event, channel_heard, vm, error, error_size);
        if (!vm->lab || loop_timer_set(loop, patience(vm), ready_late, vm)) {
                vm_release(vm);
                return NULL;
        }
        return vm;
}

static void vm_end(struct vm *vm, bool hard)
{
        vm->told_to_end = true;
        hypervisor_qemu.end(vm->lab, hard);
}

static enum vm_ended vm_how_ended(const struct vm *vm)
{
        return vm->ended;
}

static char *const *vm_command_line(const struct vm *vm)
{
        return hypervisor_qemu.command_line(vm->lab);
}

static uint64_t vm_awaited(const struct vm *vm)
{
        return hypervisor_qemu.awaited(vm->lab);
}

static void vm_slow_writes(struct vm *vm, vm_reply_function *reply, void *context)
{
        hypervisor_qemu.slow_writes(vm->lab, reply, context);
}

/* Nothing waits for a processor to pause: the toolstack ends a device by itself. */
static void vm_nudge(struct vm *vm)
{
        (void)vm;
}

static void vm_migrate(struct vm *vm, int stream, vm_reply_function *reply, void *context)
{
        (void)vm;
        (void)stream;
        reply(context, WIRE_NOT_MIGRATABLE "Xen's lab saves no guest");
}

const struct hypervisor hypervisor_xen = {
        .start = vm_start,
        .plug = xen_plug,
        .unplug = xen_unplug,
        .nudge = vm_nudge,
        .slow_writes = vm_slow_writes,
        .press_power = xen_press_power,
        .type = xen_type,
        .save_memory = xen_save_memory,
        .migrate = vm_migrate,
        .awaited = vm_awaited,
        .end = vm_end,
        .how_ended = vm_how_ended,
        .release = vm_release,
        .command_line = vm_command_line,
};
