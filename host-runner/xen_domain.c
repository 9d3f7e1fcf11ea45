/* SPDX-License-Identifier: BSD-2-Clause */
/* The domain is made and kept by one program of the toolstack's: what that says of it is what the runner hears. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xen_private.h"

static const char untold[] = "Xen's control domain cannot be told what to create";

/* As many frames as it takes, each behind what the file has. */
static bool file_send(struct vm *vm, const char *path, const char *text)
{
        char frame[XEN_FRAME_MAX];
        size_t head = strlen(path) + 1, left = strlen(text);
        bool sent = true;

        memcpy(frame, path, head);
        for (size_t piece; sent && left; text += piece, left -= piece) {
                piece = left < sizeof(frame) - head ? left : sizeof(frame) - head;
                memcpy(frame + head, text, piece);
                sent = xen_send(vm, XEN_FRAME_FILE, frame, head + piece) == 0;
        }
        return sent;
}

static bool config_send(struct vm *vm)
{
        char *config = xen_config(vm);
        bool sent = config && file_send(vm, xen_place(vm, "config"), config);

        for (char *line = config, *rest = NULL; (line = strtok_r(line, "\n", &rest)); line = NULL)
                vm->event(vm->context, VM_OTHER, line);
        free(config);
        return sent;
}

static void domain_create(struct vm *vm)
{
        const char *const create[] = {"xl", "create", "-F", xen_place(vm, "config"), NULL};

        vm->resets = false;
        *vm->complaint = 0;
        vm->creation = xen_run(vm, create);
        vm->created = vm->creation != 0;
        if (!vm->created)
                xen_fail(vm, VM_ENDED_REFUSED, untold);
}

void xen_domain_create(struct vm *vm)
{
        if (config_send(vm))
                domain_create(vm);
        else
                xen_fail(vm, VM_ENDED_REFUSED, untold);
}

/* xl's reasons are Xen's: SHUTDOWN_poweroff, _reboot, _suspend, _crash, _watchdog. */
static void domain_stopped(struct vm *vm, int reason)
{
        static const char *const names[] = {"poweroff", "reboot", "suspend", "crash", "watchdog"};
        const char *name = reason >= 0 && reason < 5 ? names[reason] : "an unknown reason";

        vm->resets = reason == 1;
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

void xen_domain_output(struct vm *vm, const char *bytes, size_t size)
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

/* A domain that has reset is gone, and comes again: xl itself would wait for two seconds before it makes it anew. */
void xen_domain_ended(struct vm *vm, unsigned status)
{
        char why[XEN_TEXT + 60];

        if (!status && vm->resets)
                domain_create(vm);
        if (!status)
                return; /* or is kept as it is */
        snprintf(why, sizeof(why), "xl could not create the domain: exit status %u%s%s", status,
                 *vm->complaint ? ": " : "", vm->complaint);
        xen_fail(vm, VM_ENDED_REFUSED, why);
}
