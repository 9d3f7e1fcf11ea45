/* SPDX-License-Identifier: BSD-2-Clause */
/* Each QMP event is one event of the VM, or none: what the runner itself has asked for is no news. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "qemu_private.h"

/* "QEMU 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18+b3)" from QMP's greeting. */
static void version_tell(struct vm *vm, const json_t *greeting)
{
        const json_t *version = json_object_get(greeting, "version"), *qemu = json_object_get(version, "qemu");
        const char *package = json_string_value(json_object_get(version, "package"));
        char text[200];

        snprintf(text, sizeof(text), "QEMU %d.%d.%d%s%s%s", (int)json_integer_value(json_object_get(qemu, "major")),
                 (int)json_integer_value(json_object_get(qemu, "minor")),
                 (int)json_integer_value(json_object_get(qemu, "micro")), package && *package ? " (" : "",
                 package ? package : "", package && *package ? ")" : "");
        vm->event(vm->context, VM_VERSION, text);
}

/* Our own "cont" does not make an event, but for the one that ends a guest's move into this VM. */
static void resume_heard(struct vm *vm)
{
        if (vm->config.incoming < 0 || vm->arrived)
                return;
        vm->arrived = true;
        vm->event(vm->context, VM_ARRIVED, "");
}

/*
 * A VMM that nobody hears is ended at once: what its guest then waits for in vain would look like the guest's failure.
 * Where the connection ended because the VMM does, how it does is settled already.
 */
static void vm_cut_off(struct vm *vm)
{
        if (vm->pid <= 0 || vm->told_to_end)
                return;
        vm->cut_off = true;
        kill(vm->pid, SIGKILL);
}

void qemu_event(void *context, const char *name, const json_t *data)
{
        struct vm *vm = context;
        const char *reason = json_string_value(json_object_get(data, "reason"));
        const char *device = json_string_value(json_object_get(data, "device"));
        const char *status = json_string_value(json_object_get(data, "status"));

        vm->signalled |= reason && strcmp(reason, "host-signal") == 0;
        if (!*name)
                vm_cut_off(vm);
        else if (strcmp(name, "QMP") == 0)
                version_tell(vm, data);
        else if (strcmp(name, "RESET") == 0)
                vm->event(vm->context, json_is_true(json_object_get(data, "guest")) ? VM_RESET : VM_OTHER,
                          reason ? reason : "");
        else if (strcmp(name, "SHUTDOWN") == 0 && json_is_true(json_object_get(data, "guest")))
                vm->event(vm->context, VM_SHUTDOWN, reason ? reason : "");
        else if (strcmp(name, "STOP") == 0 && vm->pausing)
                vm->paused = true;
        else if (strcmp(name, "STOP") == 0)
                vm->event(vm->context, VM_STOPPED, "STOP");
        else if (strcmp(name, "GUEST_PANICKED") == 0)
                vm->event(vm->context, VM_STOPPED, "GUEST_PANICKED");
        else if (strcmp(name, "DEVICE_DELETED") == 0 && device)
                vm->event(vm->context, VM_DEVICE_GONE, device);
        else if (strcmp(name, "MIGRATION") == 0 && status)
                qemu_migration_heard(vm, status);
        else if (strcmp(name, "RESUME") == 0)
                resume_heard(vm);
        else
                vm->event(vm->context, VM_OTHER, reason ? reason : name);
}
