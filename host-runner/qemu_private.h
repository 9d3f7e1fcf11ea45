/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the QEMU instance share: qemu.c (its life), qemu_pairs.c (its descriptors), qemu_words.c (its
 * command line), qemu_flash.c (its flash chips), qemu_ask.c (requests), qemu_event.c (what it says), qemu_migrate.c (a
 * guest's way into and out of it).
 */
#pragma once

#include "hypervisor.h"
#include "qmp.h"

enum { QEMU_WORDS = 160, STDERR_KEPT = 2000, CONSOLE_PIPE = 256 * 1024 };

struct vm {
        struct loop *loop;
        vm_event_function *event;
        vm_console_function *console;
        void *context;
        pid_t pid;
        int pid_fd;
        struct processors_watch *watch; /* of the process */
        int console_fd;                 /* what comes out of the guest's console */
        int keyboard_fd;                /* what goes into it */
        int stderr_fd;
        int virtio_console_fd; /* what comes out of the virtio-console, -1: there is none that we hear */
        struct qmp *qmp;
        struct vm_config config;
        int flash_map[2]; /* qcow2 files that say how much of a chip is in its file: code, store; -1: all of it */
        char *word[QEMU_WORDS + 1];
        size_t words;
        bool words_lost; /* no room or no memory for one */
        bool told_to_end;
        bool cut_off; /* its QMP connection ended first */
        enum vm_ended ended;
        bool signalled;         /* it said itself that a signal from outside ends it */
        char said[STDERR_KEPT]; /* what it wrote to stderr, its beginning and its end */
        size_t said_size;
        bool pausing;                /* our own "stop" is under way, see qemu_nudge() */
        bool paused;                 /* and has stopped the guest */
        bool arrived;                /* the guest that came in by config.incoming runs */
        int stream;                  /* that the guest is saved to, see qemu_migrate() */
        vm_reply_function *migrated; /* who is to be told that it is saved; NULL: nobody */
        void *migrated_context;
};

struct pairs {
        int qmp[2];
        int virtio_console[2];
        int error[2];
        int console[2];  /* a pipe: [1] is the guest's */
        int keyboard[2]; /* a pipe: [0] is the guest's */
};

/* 0 or a negative errno. */
int qemu_pairs_open(struct pairs *pairs);
/* Closes the VMM's ends. */
void qemu_pairs_close(const struct pairs *pairs);

/* True where its guest goes on from a frozen machine. */
bool qemu_goes_on(const struct vm *vm);

/* The environment of a QEMU, to be freed, not its strings; NULL where memory is out. */
char **qemu_environment(void);

/* qemu_flash.c: what vm->flash_map tells of. */
void qemu_flash_open(struct vm *vm);
void qemu_flash_close(struct vm *vm);

/* Fills vm->word. -E2BIG or -ENOMEM where one is lost. */
int qemu_words(struct vm *vm, int qmp, int virtio_console);

/* A qmp_event_function. */
void qemu_event(void *context, const char *name, const json_t *data);

/* The guest of config.incoming is taken in, and runs then. */
void qemu_receive(struct vm *vm);
/* The MIGRATION event. */
void qemu_migration_heard(struct vm *vm, const char *status);

/* Members of hypervisor_qemu. */
void qemu_plug(struct vm *vm, enum vm_device device, unsigned bus, vm_reply_function *reply, void *context);
void qemu_unplug(struct vm *vm, enum vm_device device, vm_reply_function *reply, void *context);
void qemu_nudge(struct vm *vm);
void qemu_slow_writes(struct vm *vm, vm_reply_function *reply, void *context);
void qemu_press_power(struct vm *vm);
void qemu_save_memory(struct vm *vm, uint64_t address, uint32_t size, vm_reply_function *reply, void *context);
void qemu_migrate(struct vm *vm, int stream, vm_reply_function *reply, void *context);
