/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A domain is made by an agent in a control domain, and comes and goes with that: a lab of its own, which is a VM of
 * QEMU's that runs Xen; or a process beside the runner, where this machine runs Xen.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "text.h"
#include "wire.h"
#include "xen_here.h"
#include "xen_private.h"

enum { READY_MS = 240000 };

static bool is_here(const struct vm *vm)
{
        return vm->carrier == &xen_agent;
}

void xen_fail(struct vm *vm, enum vm_ended how, const char *why)
{
        if (*vm->fault || vm->told_to_end)
                return;
        snprintf(vm->fault, sizeof(vm->fault), "%.*s", XEN_TEXT - 1, why);
        vm->ended = how;
        vm->carrier->end(vm->carried, true);
}

/*
 * In milliseconds: it ends well before the machine's own patience, whose end is held against the platform; and a lab
 * that does not go on leaves the time to boot one.
 */
static unsigned patience(const struct vm *vm)
{
        unsigned most = vm->config.machine->boot_timeout * 1000 / 4 * 3;

        return vm->goes_on ? most / 8 : most < READY_MS ? most : READY_MS;
}

/* The lab is ended, and another one takes its place when it is gone. */
static void lab_renew(struct vm *vm, const char *why)
{
        char text[XEN_TEXT];

        snprintf(text, sizeof(text), "%s: %.200s: it is booted",
                 vm->goes_on ? "the saved lab does not go on" : "the lab that stood ready was not saved", why);
        vm->event(vm->context, VM_OTHER, text);
        xen_standby_lose(vm);
        vm->begins_anew = true;
        vm->carrier->end(vm->carried, true);
}

static void ready_late(void *context)
{
        struct vm *vm = context;
        char why[80];

        snprintf(why, sizeof(why), "Xen's control domain did not come up within %u ms", patience(vm));
        if (vm->goes_on)
                lab_renew(vm, "its agent does not answer");
        else if (vm->ready)
                lab_renew(vm, "it took too long");
        else
                xen_fail(vm, VM_ENDED_REFUSED, why);
}

/* What the agent says ------------------------------------------------------------------------------------------------
 */

static void places_read(struct vm *vm, const char *text)
{
        for (const char *line = strchr(text, '\n'); line && line[1] && vm->places < XEN_PLACES;
             line = strchr(line + 1, '\n')) {
                struct xen_place *place = &vm->place[vm->places];

                if (sscanf(line, "\n%19[^=\n]=%199[^\n]", place->name, place->path) == 2)
                        vm->places++;
        }
}

/* "protocol=3", "Xen 4.17.6" and places. False where it is an agent that speaks otherwise. */
static bool ready_read(struct vm *vm, const struct xen_frame *frame)
{
        static const char other[] = "the agent of the Xen lab is another version's: ./dev xen-lab makes the lab anew";
        static const char beside[] = "the xen-agent beside vmspec is another version's";
        char text[2048], *version;
        int protocol = -1;

        snprintf(text, sizeof(text), "%.*s", (int)frame->size, (const char *)frame->payload);
        version = strchr(text, '\n');
        if (sscanf(text, "protocol=%d", &protocol) != 1 || protocol != XEN_PROTOCOL || !version) {
                xen_fail(vm, VM_ENDED_REFUSED, is_here(vm) ? beside : other);
                return false;
        }
        places_read(vm, version + 1);
        version[1 + strcspn(version + 1, "\n")] = 0;
        if (is_here(vm))
                vm->event(vm->context, VM_OTHER, "the domain runs on this machine's own Xen");
        vm->event(vm->context, VM_VERSION, version + 1);
        return true;
}

static void agent_ready(struct vm *vm, const struct xen_frame *frame)
{
        if (vm->ready || !ready_read(vm, frame))
                return;
        vm->ready = true;
        if (vm->is_saved) { /* of which there is an end, too */
                xen_standby_save(vm);
                return;
        }
        loop_timer_clear(vm->loop, ready_late, vm);
        xen_domain_create(vm);
}

static void text_heard(struct vm *vm, const struct xen_frame *frame)
{
        char text[XEN_TEXT];

        snprintf(text, sizeof(text), "%.*s", (int)frame->size, (const char *)frame->payload);
        if (frame->type == XEN_FRAME_STATE)
                vm->event(vm->context, VM_OTHER, text);
        else if (vm->goes_on && !vm->ready)
                lab_renew(vm, text);
        else if (!vm->ready)
                xen_fail(vm, VM_ENDED_REFUSED, text);
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
        else if (frame->type == XEN_FRAME_OUTPUT && number == vm->creation)
                xen_domain_output(vm, rest, frame->size - 4);
        else if (frame->type == XEN_FRAME_OUTPUT && numbered)
                xen_output(vm, number, rest, frame->size - 4);
        else if (frame->type == XEN_FRAME_EXIT && frame->size == 8 && number == vm->creation)
                xen_domain_ended(vm, frame->payload[4]);
        else if (frame->type == XEN_FRAME_EXIT && frame->size == 8)
                xen_exited(vm, number, frame->payload[4]);
        else if (frame->type == XEN_FRAME_BYTES)
                xen_bytes(vm, frame->payload, frame->size);
        else if (frame->type == XEN_FRAME_STATE || frame->type == XEN_FRAME_REFUSED)
                text_heard(vm, frame);
        else
                xen_fail(vm, VM_ENDED_KILLED, "Xen's control domain sent a frame that no agent sends");
}

static void channel_heard(void *context, const void *bytes, size_t size)
{
        struct vm *vm = context;
        const uint8_t *at = bytes;
        struct xen_frame frame;
        int result = 0;

        while (size && result >= 0 && !*vm->fault && !vm->begins_anew) {
                size_t taken = xen_frame_feed(&vm->reader, at, size);

                at += taken;
                size -= taken;
                while (!*vm->fault && !vm->begins_anew && (result = xen_frame_take(&vm->reader, &frame)) > 0)
                        frame_heard(vm, &frame);
        }
        if (result < 0)
                xen_fail(vm, VM_ENDED_KILLED, "what came from Xen's control domain is no frame");
}

/* Starting and ending ------------------------------------------------------------------------------------------------
 */

static void lab_event(void *context, enum vm_event event, const char *detail);

/* What the lab's VM is started with: the domain has the rest. */
static struct vm_config lab_config(struct vm *vm)
{
        struct vm_config lab = vm->config;

        lab.machine = &vm->lab_machine;
        lab.store = lab.memory_log = -1;
        lab.kernel = NULL;
        if (lab.setting != SETTING_BLOCKS_4K && lab.setting != SETTING_LEAPING_CLOCK)
                lab.setting = SETTING_PLAIN;
        xen_standby_choose(vm, &lab);
        return lab;
}

static int carrier_start(struct vm *vm, char *error, size_t error_size)
{
        struct vm_config config;

        vm->ready = vm->begins_anew = false;
        vm->places = 0;
        vm->reader = (struct xen_frame_reader){.have = 0};
        config = is_here(vm) ? vm->config : lab_config(vm);
        vm->carried = vm->carrier->start(vm->loop, &config, lab_event, channel_heard, vm, error, error_size);
        if (vm->goes_on)
                close(config.incoming);
        return vm->carried ? loop_timer_set(vm->loop, patience(vm), ready_late, vm) : -EIO;
}

/* Its clock stood still with it. */
static void lab_arrived(struct vm *vm)
{
        uint8_t seconds[8];

        vm->event(vm->context, VM_OTHER, "the lab goes on from the one that was saved as it stood ready");
        wire_put64(seconds, (uint64_t)time(NULL));
        if (xen_send(vm, XEN_FRAME_HELLO, seconds, sizeof(seconds)))
                lab_renew(vm, "its agent cannot be reached");
}

static void lab_exited(struct vm *vm, const char *how)
{
        char error[XEN_TEXT + 1], why[XEN_TEXT + 1];

        if (vm->goes_on && !vm->ready && !vm->begins_anew)
                lab_renew(vm, how);
        if (!vm->begins_anew || vm->told_to_end) {
                if (!*vm->fault)
                        vm->ended = vm->carrier->how_ended(vm->carried);
                snprintf(why, sizeof(why), "%s", *vm->fault ? vm->fault : how); /* who hears it may release vm */
                vm->event(vm->context, VM_EXITED, why);
                return;
        }
        loop_timer_clear(vm->loop, ready_late, vm);
        vm->carrier->release(vm->carried);
        vm->carried = NULL;
        if (carrier_start(vm, error, sizeof(error)) == 0)
                return;
        vm->ended = VM_ENDED_REFUSED;
        vm->event(vm->context, VM_EXITED, error);
}

/* Of what happens to the lab, its end alone is the domain's. */
static void lab_event(void *context, enum vm_event event, const char *detail)
{
        struct vm *vm = context;

        if (event == VM_EXITED) {
                lab_exited(vm, detail);
        } else if (event == VM_ARRIVED) {
                lab_arrived(vm);
        } else if ((event == VM_SHUTDOWN || event == VM_STOPPED || event == VM_RESET) && !vm->begins_anew) {
                if (vm->goes_on && !vm->ready)
                        lab_renew(vm, detail);
                else
                        xen_fail(vm, vm->ready ? VM_ENDED_KILLED : VM_ENDED_REFUSED,
                                 vm->ready ? "Xen's control domain is gone" : "Xen's control domain did not come up");
        }
}

static void vm_release(struct vm *vm)
{
        if (!vm)
                return;
        loop_timer_clear(vm->loop, ready_late, vm);
        vm->carrier->release(vm->carried);
        xen_standby_leave(vm);
        machine_free(&vm->lab_machine);
        free(vm);
}

static struct vm *vm_start(struct loop *loop, const struct vm_config *config, vm_event_function *event,
                           vm_console_function *console, void *context, char *error, size_t error_size)
{
        struct vm *vm = calloc(1, sizeof(*vm));
        bool here = xen_is_here(config->machine);
        int result = !vm ? -ENOMEM : here ? 0 : xen_lab_machine(config, &vm->lab_machine);

        if (result) {
                snprintf(error, error_size, "%s: the Xen lab cannot be started: %s", config->machine->id,
                         strerror(-result));
                free(vm);
                return NULL;
        }
        vm->carrier = here ? &xen_agent : &hypervisor_qemu;
        vm->loop = loop;
        vm->event = event;
        vm->console = console;
        vm->context = context;
        vm->config = *config;
        if (carrier_start(vm, error, error_size)) {
                vm_release(vm);
                return NULL;
        }
        return vm;
}

static void vm_end(struct vm *vm, bool hard)
{
        vm->told_to_end = true;
        vm->carrier->end(vm->carried, hard);
}

static enum vm_ended vm_how_ended(const struct vm *vm)
{
        return vm->ended;
}

static char *const *vm_command_line(const struct vm *vm)
{
        return vm->carrier->command_line(vm->carried);
}

static uint64_t vm_awaited(const struct vm *vm)
{
        return vm->carrier->awaited(vm->carried);
}

static void vm_slow_writes(struct vm *vm, vm_reply_function *reply, void *context)
{
        vm->carrier->slow_writes(vm->carried, reply, context);
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
        reply(context, WIRE_NOT_MIGRATABLE "Xen saves no guest on Arm");
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
