/* SPDX-License-Identifier: BSD-2-Clause */
/* Each request to a running QEMU gets one reply: done, or why not. */
#include <stdio.h>
#include <stdlib.h>

#include "qemu_private.h"

const char *const vm_network_mac = "52:54:00:76:6d:73";

struct asked {
        vm_reply_function *reply;
        void *context;
};

static void asked_reply(void *context, const json_t *value, const char *error)
{
        struct asked *asked = context;

        (void)value;
        asked->reply(asked->context, error);
        free(asked);
}

static void vm_ask(struct vm *vm, const char *command, json_t *arguments, vm_reply_function *reply, void *context)
{
        struct asked *asked = malloc(sizeof(*asked));

        if (!asked) {
                json_decref(arguments);
                reply(context, "out of memory");
                return;
        }
        *asked = (struct asked){reply, context};
        if (qmp_command(vm->qmp, command, arguments, asked_reply, asked))
                asked_reply(asked, NULL, "the VMM cannot be reached");
}

static const char *device_name(enum vm_device device)
{
        return device == VM_DEVICE_BLOCK ? "blk" : "net";
}

void qemu_plug(struct vm *vm, enum vm_device device, unsigned bus, vm_reply_function *reply, void *context)
{
        struct machine_bus name = machine_hotplug_bus(vm->config.machine, bus);
        json_t *arguments =
                device == VM_DEVICE_BLOCK
                        ? json_pack("{s:s, s:s, s:s}", "driver", "virtio-blk-pci", "drive", "hot-disk", "id",
                                    device_name(device))
                        : json_pack("{s:s, s:s, s:s, s:s, s:s}", "driver", "virtio-net-pci", "netdev", "hot-net", "mac",
                                    vm_network_mac, "romfile", "", "id", device_name(device));

        if (*name.text)
                json_object_set_new(arguments, "bus", json_string(name.text));
        vm_ask(vm, "device_add", arguments, reply, context);
}

void qemu_unplug(struct vm *vm, enum vm_device device, vm_reply_function *reply, void *context)
{
        vm_ask(vm, "device_del", json_pack("{s:s}", "id", device_name(device)), reply, context);
}

/* Only a guest that our "stop" has stopped is sent on: one that QEMU stopped by itself stays where it is. */
static void nudge_stopped(void *context, const json_t *value, const char *error)
{
        struct vm *vm = context;

        (void)value;
        if (!error && vm->paused)
                (void)qmp_command(vm->qmp, "cont", NULL, NULL, NULL);
        vm->pausing = vm->paused = false;
}

/*
 * QEMU deletes a device once every processor has left the translated code that it was in (RCU). Under TCG it takes an
 * interrupt, or this, to make it do so.
 */
void qemu_nudge(struct vm *vm)
{
        if (!vm->pausing)
                vm->pausing = qmp_command(vm->qmp, "stop", NULL, nudge_stopped, vm) == 0;
}

void qemu_save_memory(struct vm *vm, uint64_t address, uint32_t size, vm_reply_function *reply, void *context)
{
        char path[40];

        snprintf(path, sizeof(path), "/proc/self/fd/%d", vm->config.memory_log);
        vm_ask(vm, "pmemsave",
               json_pack("{s:I, s:I, s:s}", "val", (json_int_t)address, "size", (json_int_t)size, "filename", path),
               reply, context);
}

enum { WRITES_A_SECOND = 5 }; /* each lasts long enough for a busy host to look at the disk behind it */

/*
 * The backend of a virtio disk belongs to a part of the device, that of any other one to the device; the wrong name is
 * refused. A disk device that the machine's file gave an id of its own keeps its speed.
 */
static void refused_ignore(void *context, const char *error)
{
        (void)context;
        (void)error;
}

void qemu_slow_writes(struct vm *vm, vm_reply_function *reply, void *context)
{
        static const char *const names[] = {"suite-disk", "/machine/peripheral/suite-disk/virtio-backend"};

        for (int i = 0; i < 2; i++)
                vm_ask(vm, "block_set_io_throttle",
                       json_pack("{s:s, s:i, s:i, s:i, s:i, s:i, s:i}", "id", names[i], "bps", 0, "bps_rd", 0, "bps_wr",
                                 0, "iops", 0, "iops_rd", 0, "iops_wr", WRITES_A_SECOND),
                       i ? reply : refused_ignore, context);
}

void qemu_press_power(struct vm *vm)
{
        (void)qmp_command(vm->qmp, "system_powerdown", NULL, NULL, NULL);
}
