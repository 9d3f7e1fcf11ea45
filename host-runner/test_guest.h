/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest and its VMM, made of a script: what it writes is put on the lane's disk by hand; for tests only. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lane_private.h"
#include "suite_disk.h"
#include "text.h"

enum { NONCE = 0x5eed };

#ifndef GUEST_CASE /* what a guest tells of, where the test has no case of its own */
#define GUEST_CASE CASE_var_volatile_works
#endif

/* The guest -------------------------------------------------------------------------------------------------------- */

struct vm;

struct guest {
        struct vm *vm;
        int disk;
        uint64_t slot; /* offset of its records on the disk */
        size_t length;
        uint32_t sequence;
        uint16_t attempt;
        uint64_t nonce;
};

static uint64_t journal_offset;

static void tell_as(struct guest *guest, enum wire_kind kind, uint16_t id, uint8_t part, uint8_t half,
                    const void *payload, size_t size)
{
        static uint8_t bytes[WIRE_HEADER + 4096];
        struct wire_record record = {kind, id,   guest->nonce,      guest->attempt,
                                     part, half, guest->sequence++, {payload, size}};
        size_t used = wire_record_put(bytes, sizeof(bytes), &record);

        assert_true(used > 0);
        assert_int_equal(pwrite(guest->disk, bytes, used, (off_t)(guest->slot + guest->length)), used);
        guest->length += used;
}

static void tell(struct guest *guest, enum wire_kind kind, const void *payload, size_t size)
{
        bool of_case = kind == WIRE_CASE_BEGIN || kind == WIRE_CASE_END || kind == WIRE_FACT;

        tell_as(guest, kind, of_case ? GUEST_CASE : WIRE_NO_CASE, of_case, of_case ? HALF_G : 0, payload, size);
}

static void tell_begin(struct guest *guest, unsigned boot)
{
        char text[200];
        size_t length = text_format(text, sizeof(text), "arch=aarch64\ncatalogue=0x%llx\nboot=0x%x\n",
                                    (unsigned long long)catalogue_hash, boot);

        tell(guest, WIRE_BOOT_BEGIN, text, length);
}

static void tell_fact(struct guest *guest)
{
        struct fact fact = {.kind = FACT_PASSED, .place = "here", .what = "it", .got = "true", .want = "true"};
        uint8_t payload[WIRE_FACT_MAX];

        tell(guest, WIRE_FACT, payload, wire_fact_put(payload, &fact));
}

static inline void tell_case(struct guest *guest)
{
        tell(guest, WIRE_CASE_BEGIN, NULL, 0);
        tell_fact(guest);
        tell(guest, WIRE_CASE_END, NULL, 0);
}

/* One part of any case, with one fact; not to its end where it is not whole. */
static inline void tell_part(struct guest *guest, enum case_id id, uint8_t part, bool passes, bool whole)
{
        struct fact fact = {.kind = passes ? FACT_PASSED : FACT_FAILED, .place = "here", .what = "it", .want = "kept"};
        uint8_t payload[WIRE_FACT_MAX];

        strcpy(fact.got, passes ? "kept" : "lost");
        tell_as(guest, WIRE_CASE_BEGIN, id, part, HALF_G, NULL, 0);
        tell_as(guest, WIRE_FACT, id, part, HALF_G, payload, wire_fact_put(payload, &fact));
        if (whole)
                tell_as(guest, WIRE_CASE_END, id, part, HALF_G, NULL, 0);
}

static void tell_end(struct guest *guest, unsigned boot)
{
        uint8_t ending[4], block[WIRE_STATE_SIZE];
        struct wire_state state = {NONCE, guest->attempt + 1u, boot, 1, 1};

        wire_put32(ending, ENDING_SHUTDOWN);
        tell(guest, WIRE_BOOT_END, ending, sizeof(ending));
        wire_state_put(block, &state);
        assert_int_equal(pwrite(guest->disk, block, sizeof(block), (off_t)(journal_offset + WIRE_STATE_OFFSET)),
                         sizeof(block));
}

/* The VMM ---------------------------------------------------------------------------------------------------------- */

typedef void script_function(struct guest *guest);

struct vm {
        struct loop *loop;
        vm_event_function *event;
        vm_console_function *console;
        void *context;
        int disk;
        int store;
        bool exiting;
};

static script_function *script;
static unsigned vms_started, vms_released, vms_ended_hard, vms_plugged;
static char vms_typed[1024]; /* what came in over the console */
static unsigned vms_silent;  /* those whose application did not start, as the scripts count them */
static const char *vm_words; /* what the script lets the console say */
static bool vm_goes_on;      /* the script lets the VM run on */
static unsigned vms_delay;   /* milliseconds before the guest of each runs */
static bool vms_starve;      /* no VM has ever had a processor */
static uint64_t vms_hunger;  /* nanoseconds that a VM lacks a processor between two looks at that */
static bool vm_is_killed;    /* the script lets something from outside end the VMM */

/* A guest that is moved goes on with moved_script, in the new VM or, where that cannot be had, where it is. */
enum move { MOVE_WORKS, MOVE_IMPOSSIBLE, MOVE_UNSAVED, MOVE_NOT_TAKEN, MOVE_DIES, MOVE_HANGS };
static enum move vms_move;
static script_function *moved_script;
static struct guest moved_guest;

static void fake_exit(void *context)
{
        struct vm *vm = context;

        vm->event(vm->context, VM_EXITED, "exit status 0");
}

static void fake_run(void *context)
{
        struct vm *vm = context;
        struct guest guest = {
                vm,
                vm->disk,
                journal_offset + WIRE_SLOT_OFFSET + (vms_started - 1 - vms_silent) * (uint64_t)WIRE_SLOT_SIZE,
                0,
                0,
                (uint16_t)(vms_started - 1 - vms_silent),
                NONCE};

        vm_words = NULL;
        vm_goes_on = vm_is_killed = false;
        script(&guest);
        moved_guest = guest;
        if (vm_words)
                vm->console(vm->context, vm_words, strlen(vm_words));
        if (vm_is_killed)
                vm->event(vm->context, VM_EXITED, "killed by signal 9");
        else if (!vm_goes_on)
                vm->event(vm->context, VM_SHUTDOWN, "guest-shutdown");
}

/* The guest behind its request, in this VM. */
static void fake_go_on(void *context)
{
        struct vm *vm = context;

        moved_guest.vm = vm;
        moved_script(&moved_guest);
        vm->event(vm->context, VM_SHUTDOWN, "guest-shutdown");
}

static void fake_arrive(void *context)
{
        struct vm *vm = context;

        if (vms_move == MOVE_NOT_TAKEN) {
                vm->event(vm->context, VM_EXITED, "exit status 1: load of migration failed");
                return;
        }
        vm->event(vm->context, VM_ARRIVED, "");
        fake_go_on(vm);
}

/* What the lane does when its patience has ended, without the wait. */
static void fake_hang(void *context)
{
        struct vm *vm = context;

        lane_migrate_late(vm->context);
}

static struct vm *fake_start(struct loop *loop, const struct vm_config *config, vm_event_function *event,
                             vm_console_function *console, void *context, char *error, size_t error_size)
{
        struct vm *vm = calloc(1, sizeof(*vm));

        (void)error, (void)error_size;
        assert_non_null(vm);
        *vm = (struct vm){loop, event, console, context, config->disk, config->store, false};
        vms_started++;
        assert_int_equal(loop_timer_set(loop, vms_delay, config->incoming < 0 ? fake_run : fake_arrive, vm), 0);
        return vm;
}

static void fake_plug(struct vm *vm, enum vm_device device, unsigned bus, vm_reply_function *reply, void *context)
{
        (void)vm, (void)device, (void)bus;
        vms_plugged++;
        reply(context, NULL);
}

static void fake_unplug(struct vm *vm, enum vm_device device, vm_reply_function *reply, void *context)
{
        (void)vm, (void)device;
        reply(context, NULL);
}

static void fake_nudge(struct vm *vm)
{
        (void)vm;
}

static int fake_type(struct vm *vm, const void *bytes, size_t size)
{
        size_t length = strlen(vms_typed);

        (void)vm;
        assert_true(length + size < sizeof(vms_typed));
        memcpy(vms_typed + length, bytes, size);
        vms_typed[length + size] = 0;
        return 0;
}

static void fake_migrate(struct vm *vm, int stream, vm_reply_function *reply, void *context)
{
        static loop_timer_function *const then[] = {
                [MOVE_IMPOSSIBLE] = fake_go_on, [MOVE_DIES] = fake_exit, [MOVE_HANGS] = fake_hang};

        assert_true(stream >= 0);
        if (vms_move == MOVE_WORKS || vms_move == MOVE_NOT_TAKEN)
                reply(context, NULL);
        else if (vms_move == MOVE_UNSAVED)
                reply(context, "no room");
        else
                assert_int_equal(loop_timer_set(vm->loop, 0, then[vms_move], vm), 0);
        if (vms_move == MOVE_IMPOSSIBLE)
                reply(context, WIRE_NOT_MIGRATABLE "a device");
}

static void fake_save_memory(struct vm *vm, uint64_t address, uint32_t size, vm_reply_function *reply, void *context)
{
        (void)vm, (void)address, (void)size;
        reply(context, "there is no memory");
}

static uint64_t fake_awaited(const struct vm *vm)
{
        static uint64_t awaited;

        (void)vm;
        return vms_starve ? loop_now() : (awaited += vms_hunger);
}

static void fake_end(struct vm *vm, bool hard)
{
        vms_ended_hard += hard;
        if (!vm->exiting)
                assert_int_equal(loop_timer_set(vm->loop, 0, fake_exit, vm), 0);
        vm->exiting = true;
}

static enum vm_ended fake_how_ended(const struct vm *vm)
{
        (void)vm;
        return vm_is_killed ? VM_ENDED_KILLED : VM_ENDED_ITSELF;
}

static void fake_release(struct vm *vm)
{
        vms_released++;
        loop_timer_clear(vm->loop, fake_exit, vm);
        loop_timer_clear(vm->loop, fake_run, vm);
        loop_timer_clear(vm->loop, fake_arrive, vm);
        loop_timer_clear(vm->loop, fake_go_on, vm);
        loop_timer_clear(vm->loop, fake_hang, vm);
        free(vm);
}

static char *const *fake_command_line(const struct vm *vm)
{
        static char *const words[] = {"fake", NULL};

        (void)vm;
        return words;
}

static const struct hypervisor fake = {
        .start = fake_start,
        .plug = fake_plug,
        .unplug = fake_unplug,
        .nudge = fake_nudge,
        .type = fake_type,
        .save_memory = fake_save_memory,
        .migrate = fake_migrate,
        .awaited = fake_awaited,
        .end = fake_end,
        .how_ended = fake_how_ended,
        .release = fake_release,
        .command_line = fake_command_line,
};
