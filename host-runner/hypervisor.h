/* SPDX-License-Identifier: BSD-2-Clause */
/* What the runner asks of a VMM, and what it hears: the table of functions that each VMM's file fills. */
#pragma once

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "loop.h"
#include "machine.h"
#include "setting.h"

enum vm_event {
        VM_RESET,          /* the guest asked for a reset, and the VM goes on by itself */
        VM_SHUTDOWN,       /* the guest asked for power-off; memory can still be read until vm->hypervisor->end */
        VM_STOPPED,        /* the VMM stopped the guest: an internal error or a panic */
        VM_DEVICE_GONE,    /* a removed device is gone: detail is its name */
        VM_EXITED,         /* the VMM's process is over: detail says how, and all it said before was heard */
        VM_VIRTIO_CONSOLE, /* output of the virtio-console that machine_has_virtio_console() tells of: detail, escaped
                            */
        VM_ARRIVED,        /* the guest that the VM was started with, see vm_config, runs in it */
        VM_VERSION,        /* what the VMM says of itself: detail is its name and version */
        VM_OTHER,          /* for the record */
};

struct vm;

/* detail is bounded and escaped by nobody: it may come from the VMM. */
typedef void vm_event_function(void *context, enum vm_event event, const char *detail);
typedef void vm_console_function(void *context, const void *bytes, size_t size);
/* error is NULL where it was done. */
typedef void vm_reply_function(void *context, const char *error);

/* A disk image that is not ours: read only, and what the guest writes goes elsewhere. */
struct vm_image {
        int base;            /* descriptor of the image, opened for reading alone */
        const char *format;  /* of the image, by QEMU's name */
        bool device;         /* base is a block device */
        int overlay;         /* descriptor of the qcow2 file that takes the writes */
        unsigned block_size; /* of the disk that the VM sees, in bytes */
        bool quiet_uart;     /* nothing listens at the UART: a device of the machine carries chardev "console" */
};

/*
 * A guest's memory in a file of its own, which is no part of what migrate() saves. A VM that begins with an incoming
 * guest finds its memory there, and what it writes to it is its own: any number of VMs may begin with the same guest.
 */
struct vm_frozen {
        int memory; /* descriptor */
};

struct xen_standbys;

struct vm_config {
        const struct machine *machine;
        unsigned gic;            /* the version to start with; 0: the machine has none */
        const char *accelerator; /* "tcg" or "kvm" */
        cpu_set_t processors;    /* of the host, that it keeps to; none: to all that there are */
        enum setting setting;
        int disk;       /* descriptor of the suite's disk, opened for writing */
        int other_disk; /* descriptor of the other bootable disk, -1: the setting has none */
        int blank_disk; /* descriptor of a disk of zeros, -1: none */
        int store;      /* descriptor of the variable store, -1: none */
        int hot_disk;   /* descriptor of the disk that is added while the guest runs, -1: none */
        int memory_log; /* descriptor that guest memory is saved to */
        int incoming;   /* descriptor of a file, at its start, that migrate() filled: begin with that guest; -1: none */
        const struct vm_image *image; /* a foreign disk instead of the suite's; NULL: none */
        const char *kernel;           /* what is started by the PVH loader, without flash and disk; NULL: nothing is */
        const char *large_module;     /* the table that the setting of large modules passes through */
        const struct vm_frozen *frozen; /* NULL: the memory is the VM's own, and part of what is saved */
        struct xen_standbys *standbys;  /* of Xen's labs; NULL: each is booted */
};

/* A plain start of a machine by QEMU's translation, with no file of any kind: what there is, is for the caller to fill
 * in. */
struct vm_config vm_config_bare(const struct machine *machine);

enum vm_ended {
        VM_ENDED_ITSELF,  /* or as it was told */
        VM_ENDED_KILLED,  /* from outside: by a signal that the runner did not send, or as nothing could be heard of it
                             any more */
        VM_ENDED_REFUSED, /* before its machine ran: the command line, a file or the host did not suit it */
};

/* What a VMM waited for a processor, and is given back, is no more than this. */
enum { VM_AWAITED_MOST_MS = 900000 };

enum vm_device { VM_DEVICE_BLOCK, VM_DEVICE_NETWORK };

/* The MAC address that a hot-added network device is given. */
extern const char *const vm_network_mac;

struct hypervisor {
        /* Starts a VM. NULL with one sentence in error. */
        struct vm *(*start)(struct loop *loop, const struct vm_config *config, vm_event_function *event,
                            vm_console_function *console, void *context, char *error, size_t error_size);
        /* bus: counts the machine's buses for it from 0. */
        void (*plug)(struct vm *vm, enum vm_device device, unsigned bus, vm_reply_function *reply, void *context);
        void (*unplug)(struct vm *vm, enum vm_device device, vm_reply_function *reply, void *context);
        /*
         * Lets the guest's processors pause for a moment: a VMM may finish a removal only then, and a guest that polls
         * with interrupts off never pauses by itself.
         */
        void (*nudge)(struct vm *vm);
        /*
         * From now on the guest's writes to its disk come one by one, some 200 ms apart, so that the disk can be
         * looked at between two of them.
         */
        void (*slow_writes)(struct vm *vm, vm_reply_function *reply, void *context);
        /* Presses the machine's power button: the guest may power off by itself, or not. */
        void (*press_power)(struct vm *vm);
        /* Bytes for the guest's console input. 0 or a negative errno. */
        int (*type)(struct vm *vm, const void *bytes, size_t size);
        /* Saves guest-physical memory to config->memory_log from its start. */
        void (*save_memory)(struct vm *vm, uint64_t address, uint32_t size, vm_reply_function *reply, void *context);
        /*
         * Stops the guest for good, and saves all of it, for another VM to begin with. An error that begins with
         * WIRE_NOT_MIGRATABLE is a VM for which there is no such thing: its guest runs on.
         * No reply comes where the VM ends first.
         */
        void (*migrate)(struct vm *vm, int stream, vm_reply_function *reply, void *context);
        /* For how long others kept the VMM, ready to run, from a processor of the host, in nanoseconds; NULL: nothing
         * tells.
         */
        uint64_t (*awaited)(const struct vm *vm);
        /* Ends the VMM; VM_EXITED follows. Hard: by SIGKILL. */
        void (*end)(struct vm *vm, bool hard);
        /* After VM_EXITED. */
        enum vm_ended (*how_ended)(const struct vm *vm);
        /*
         * Frees it; kills what still runs, and waits for it. No events come after. Not to be called from its own events
         * but VM_EXITED, nor from its console or its replies: those end it, and release it later.
         */
        void (*release)(struct vm *vm);
        /* The words of the command line that started it, NULL-terminated. */
        char *const *(*command_line)(const struct vm *vm);
};

extern const struct hypervisor hypervisor_qemu;
extern const struct hypervisor hypervisor_xen;

/* The hypervisor that a machine's declaration names. */
const struct hypervisor *hypervisor_of(const struct machine *machine);
