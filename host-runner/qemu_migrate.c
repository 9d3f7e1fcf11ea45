/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest that is moved stands still from the first byte that is saved until the other QEMU has all of them, so that
 * nothing of it is lost in between; and who asked for that is answered once.
 */
#include <stdio.h>
#include <string.h>

#include "qemu_private.h"
#include "wire.h"

enum { BANDWIDTH = 1024 * 1024 * 1024, WHY = 200 };

static void migration_answer(struct vm *vm, const char *error)
{
        vm_reply_function *reply = vm->migrated;

        vm->migrated = NULL;
        if (reply)
                reply(vm->migrated_context, error);
}

/* The guest runs on where the VMM never began; else it is for who asked to say what becomes of it. */
static void step_done(void *context, const json_t *value, const char *error)
{
        (void)value;
        if (error)
                migration_answer(context, error);
}

static void migration_step(struct vm *vm, const char *command, json_t *arguments, int fd)
{
        if (qmp_command_fd(vm->qmp, command, arguments, fd, step_done, vm))
                migration_answer(vm, "the VMM cannot be reached");
}

/* Memory that stays in a file is left where it is. */
static json_t *capabilities_wanted(const struct vm *vm)
{
        return json_pack("{s:[{s:s, s:b}, {s:s, s:b}]}", "capabilities", "capability", "events", "state", 1,
                         "capability", "x-ignore-shared", "state", vm->config.frozen != NULL);
}

/* QEMU takes the commands one after the other: each finds what the one before has done. */
static void migration_begin(struct vm *vm)
{
        vm->pausing = true; /* for good: the STOP that follows is ours */
        migration_step(vm, "stop", NULL, -1);
        migration_step(vm, "migrate-set-capabilities", capabilities_wanted(vm), -1);
        migration_step(vm, "migrate-set-parameters", json_pack("{s:i}", "max-bandwidth", BANDWIDTH), -1);
        migration_step(vm, "getfd", json_pack("{s:s}", "fdname", "stream"), vm->stream);
        migration_step(vm, "migrate", json_pack("{s:s}", "uri", "fd:stream"), -1);
}

/* What QEMU names as a reason is there before anything is stopped, and stays there. */
static void blockers_told(void *context, const json_t *value, const char *error)
{
        struct vm *vm = context;
        const char *reason = json_string_value(json_array_get(json_object_get(value, "blocked-reasons"), 0));
        char why[WHY];

        if (!error && !reason) {
                migration_begin(vm);
                return;
        }
        snprintf(why, sizeof(why), "%s%s", reason ? WIRE_NOT_MIGRATABLE : "", reason ? reason : error);
        migration_answer(vm, why);
}

void qemu_migrate(struct vm *vm, int stream, vm_reply_function *reply, void *context)
{
        vm->migrated = reply;
        vm->migrated_context = context;
        vm->stream = stream;
        if (qmp_command(vm->qmp, "query-migrate", NULL, blockers_told, vm))
                migration_answer(vm, "the VMM cannot be reached");
}

static void failure_told(void *context, const json_t *value, const char *error)
{
        const char *why = json_string_value(json_object_get(value, "error-desc"));

        migration_answer(context, why ? why : error ? error : "the VMM does not say why");
}

/* A guest that has come in and cannot run is as good as stopped; that its QEMU is gone is told otherwise. */
static void arrival_done(void *context, const json_t *value, const char *error)
{
        struct vm *vm = context;

        (void)value;
        if (error && vm->pid > 0)
                vm->event(vm->context, VM_STOPPED, error);
}

void qemu_migration_heard(struct vm *vm, const char *status)
{
        bool completed = strcmp(status, "completed") == 0;

        if (vm->migrated && completed)
                migration_answer(vm, NULL);
        else if (vm->migrated && (strcmp(status, "failed") == 0 || strcmp(status, "cancelled") == 0))
                (void)qmp_command(vm->qmp, "query-migrate", NULL, failure_told, vm);
        else if (completed && vm->config.incoming >= 0 && !vm->arrived)
                (void)qmp_command(vm->qmp, "cont", NULL, arrival_done, vm);
}

void qemu_receive(struct vm *vm)
{
        char uri[20];

        snprintf(uri, sizeof(uri), "fd:%d", vm->config.incoming);
        (void)qmp_command(vm->qmp, "migrate-set-capabilities", capabilities_wanted(vm), arrival_done, vm);
        (void)qmp_command(vm->qmp, "migrate-incoming", json_pack("{s:s}", "uri", uri), arrival_done, vm);
}
