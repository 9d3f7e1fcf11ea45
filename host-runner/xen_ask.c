/* SPDX-License-Identifier: BSD-2-Clause */
/* Each request to the agent gets one reply: done, or why not. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wire.h"
#include "xen_private.h"

int xen_send(struct vm *vm, enum xen_frame_type type, const void *payload, size_t size)
{
        uint8_t frame[XEN_FRAME_HEADER + XEN_FRAME_MAX];

        if (size > XEN_FRAME_MAX)
                return -E2BIG;
        xen_frame_header(frame, type, payload, size);
        memcpy(frame + XEN_FRAME_HEADER, payload, size);
        return vm->carrier->type(vm->carried, frame, XEN_FRAME_HEADER + size);
}

uint32_t xen_run(struct vm *vm, const char *const words[])
{
        uint8_t payload[1024];
        size_t size = 4;

        wire_put32(payload, ++vm->last_number);
        for (size_t i = 0; words[i]; i++) {
                int length = snprintf((char *)payload + size, sizeof(payload) - size, "%s", words[i]);

                if (length + 1 > (int)(sizeof(payload) - size))
                        return 0;
                size += (size_t)length + 1;
        }
        return xen_send(vm, XEN_FRAME_RUN, payload, size) ? 0 : vm->last_number;
}

/*
 * Runs a program whose end is the reply. A removal comes to its end when the guest has done its part: the reply is then
 * that it has begun, and its end is told as the device's.
 */
static void xen_ask(struct vm *vm, const char *const words[], const char *gone, vm_reply_function *reply, void *context)
{
        for (size_t i = 0; vm->created && i < XEN_ASKED; i++) {
                struct xen_asked *asked = &vm->asked[i];

                if (asked->number)
                        continue;
                *asked = (struct xen_asked){xen_run(vm, words), gone ? NULL : reply, context, gone, ""};
                if (!asked->number)
                        break;
                if (gone)
                        reply(context, NULL);
                return;
        }
        reply(context, "the control domain cannot be reached");
}

static struct xen_asked *asked_find(struct vm *vm, uint32_t number)
{
        for (size_t i = 0; i < XEN_ASKED; i++)
                if (number && vm->asked[i].number == number)
                        return &vm->asked[i];
        return NULL;
}

/* The last line that has something in it is what a reply says. */
void xen_output(struct vm *vm, uint32_t number, const char *bytes, size_t size)
{
        struct xen_asked *asked = asked_find(vm, number);

        if (!asked)
                return;
        while (size && bytes[size - 1] == '\n')
                size--;
        for (size_t i = size; i > 0; i--)
                if (bytes[i - 1] == '\n') {
                        bytes += i;
                        size -= i;
                        break;
                }
        if (size)
                snprintf(asked->said, sizeof(asked->said), "%.*s", (int)size, bytes);
}

void xen_exited(struct vm *vm, uint32_t number, unsigned status)
{
        struct xen_asked *asked = asked_find(vm, number), ended;
        char text[XEN_TEXT + 40];

        if (!asked)
                return;
        ended = *asked;
        *asked = (struct xen_asked){0};
        snprintf(text, sizeof(text), "exit status %u%s%s", status, *ended.said ? ": " : "", ended.said);
        if (ended.reply)
                ended.reply(ended.context, status ? text : NULL);
        else if (status)
                vm->event(vm->context, VM_OTHER, text);
        else
                vm->event(vm->context, VM_DEVICE_GONE, ended.gone);
}

void xen_plug(struct vm *vm, enum vm_device device, unsigned bus, vm_reply_function *reply, void *context)
{
        char target[XEN_PATH + 10], script[XEN_PATH + 10], mac[40];
        const char *name = xen_place(vm, "name");
        const char *const block[] = {"xl",        "block-attach", name,   "format=raw", "vdev=xvdp",
                                     "access=rw", script,         target, NULL};
        const char *const network[] = {"xl", "network-attach", name, mac, script, NULL};

        (void)bus; /* Xen has one */
        snprintf(target, sizeof(target), "target=%s", xen_place(vm, "hot-disk"));
        snprintf(script, sizeof(script), "script=%s", xen_place(vm, "script"));
        snprintf(mac, sizeof(mac), "mac=%s", vm_network_mac);
        xen_ask(vm, device == VM_DEVICE_BLOCK ? block : network, NULL, reply, context);
}

void xen_unplug(struct vm *vm, enum vm_device device, vm_reply_function *reply, void *context)
{
        const char *const block[] = {"xl", "block-detach", xen_place(vm, "name"), "xvdp", NULL};
        const char *const network[] = {"xl", "network-detach", xen_place(vm, "name"), vm_network_mac, NULL};

        if (device == VM_DEVICE_BLOCK)
                xen_ask(vm, block, "blk", reply, context);
        else
                xen_ask(vm, network, "net", reply, context);
}

void xen_press_power(struct vm *vm)
{
        const char *const words[] = {"xl", "shutdown", xen_place(vm, "name"), NULL};

        (void)xen_run(vm, words);
}

int xen_type(struct vm *vm, const void *bytes, size_t size)
{
        return vm->created ? xen_send(vm, XEN_FRAME_TYPE, bytes, size) : -EAGAIN;
}

/* Memory ----------------------------------------------------------------------------------------------------------- */

static void memory_saved(struct vm *vm, const char *error)
{
        vm_reply_function *reply = vm->saved;

        vm->saved = NULL;
        reply(vm->saved_context, error);
}

void xen_save_memory(struct vm *vm, uint64_t address, uint32_t size, vm_reply_function *reply, void *context)
{
        uint8_t payload[12];

        wire_put64(payload, address);
        wire_put32(payload + 8, size);
        vm->saved = reply;
        vm->saved_context = context;
        vm->saved_size = 0;
        if (ftruncate(vm->config.memory_log, 0) || xen_send(vm, XEN_FRAME_MEMORY, payload, sizeof(payload)))
                memory_saved(vm, "the control domain cannot be reached");
}

void xen_bytes(struct vm *vm, const uint8_t *bytes, size_t size)
{
        if (!vm->saved)
                return;
        if (!size)
                memory_saved(vm, NULL);
        else if (pwrite(vm->config.memory_log, bytes, size, (off_t)vm->saved_size) != (ssize_t)size)
                memory_saved(vm, "what the control domain sent cannot be kept");
        else
                vm->saved_size += size;
}

void xen_refused(struct vm *vm, const char *why)
{
        if (vm->saved) {
                memory_saved(vm, why);
                return;
        }
        vm->event(vm->context, VM_OTHER, why);
        if (!*vm->complaint) /* what the toolstack says of the same is less */
                snprintf(vm->complaint, sizeof(vm->complaint), "%s", why);
}
