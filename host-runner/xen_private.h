/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the Xen instance share: xen.c (its life), xen_ask.c (requests), xen_config.c (the domain's
 * configuration), xen_domain.c (its making), and how its agent is reached: in a lab (xen_lab.c, the machine that Xen
 * runs on; xen_standby.c, labs that stand ready), or as a process beside the runner (xen_agent.c; xen_image.c).
 */
#pragma once

#include "hypervisor.h"
#include "xen_agent.h"
#include "xen_frame.h"

enum { XEN_ASKED = 4, XEN_NAME = 20, XEN_PATH = 200, XEN_TEXT = 300, XEN_PLACES = 12 };

/* A program that runs in the control domain, and who waits for its end. */
struct xen_asked {
        uint32_t number;          /* 0: the place is free */
        vm_reply_function *reply; /* NULL: the answer was that it had begun */
        void *context;
        const char *gone;    /* the device that its end has removed, NULL: none */
        char said[XEN_TEXT]; /* the end of what it wrote */
};

/* Where the agent says that something is: see XEN_FRAME_READY. */
struct xen_place {
        char name[XEN_NAME], path[XEN_PATH];
};

/* Here it is the domain, and what reaches its agent: the lab that it runs in, a VM of QEMU's, or xen_agent's. */
struct vm {
        struct loop *loop;
        vm_event_function *event;
        vm_console_function *console;
        void *context;
        struct vm_config config;
        const struct hypervisor *carrier;
        struct vm *carried;
        struct machine lab_machine; /* no id: there is no lab */
        struct xen_frame_reader reader;
        struct xen_place place[XEN_PLACES];
        size_t places;
        struct xen_asked asked[XEN_ASKED];
        uint32_t last_number;
        uint32_t creation;        /* the number of the program that creates the domain and stays with it */
        bool resets;              /* the domain is about to come again */
        char line[XEN_TEXT];      /* of the toolstack, the domain's own xl, as far as it has come */
        char complaint[XEN_TEXT]; /* the first line of its that tells of an error */
        char fault[XEN_TEXT];     /* why it was given up, "" while nothing is wrong */
        bool ready, created, told_to_end;
        enum vm_ended ended;
        struct xen_standby *standby; /* what the lab goes on from, or is saved as; NULL: it is booted alone */
        bool goes_on, is_saved;
        bool begins_anew;         /* its lab is ended for another one to take its place */
        struct vm_frozen memory;  /* of the lab, where it goes on or is saved */
        vm_reply_function *saved; /* who waits for memory, NULL: nobody */
        void *saved_context;
        uint64_t saved_size;
};

/* The lab's machine for a domain: what QEMU is to start. 0 or a negative errno. */
int xen_lab_machine(const struct vm_config *config, struct machine *ret);
/* "/dev/vda" for the disk of that name, say; "" where the agent told of none. */
const char *xen_place(const struct vm *vm, const char *name);
/* The domain's configuration as xl reads it, NULL where memory is out or the user's own is gone; to be freed. */
char *xen_config(const struct vm *vm);

/* xen.c: why the domain never came, or is lost: the lab is ended, and its end says this. */
void xen_fail(struct vm *vm, enum vm_ended how, const char *why);

/* xen_domain.c: makes the domain; what the program that does so writes, and how it ends. */
void xen_domain_create(struct vm *vm);
void xen_domain_output(struct vm *vm, const char *bytes, size_t size);
void xen_domain_ended(struct vm *vm, unsigned status);

/* xen_standby.c: whether the lab that is about to be started goes on, is saved once it stands ready, or neither. */
void xen_standby_choose(struct vm *vm, struct vm_config *lab);
/* Saves it, and ends it: vm->begins_anew. */
void xen_standby_save(struct vm *vm);
/* Nobody goes on any more from where this one did, or was to be saved. */
void xen_standby_lose(struct vm *vm);
/* The VM is at its end, whether it has come to saving its lab or not. */
void xen_standby_leave(struct vm *vm);

/* xen_ask.c: a frame to the agent. 0 or a negative errno. */
int xen_send(struct vm *vm, enum xen_frame_type type, const void *payload, size_t size);
/* Starts a program in the control domain; words end with NULL. Its number. */
uint32_t xen_run(struct vm *vm, const char *const words[]);
void xen_output(struct vm *vm, uint32_t number, const char *bytes, size_t size);
void xen_exited(struct vm *vm, uint32_t number, unsigned status);
void xen_bytes(struct vm *vm, const uint8_t *bytes, size_t size);
void xen_refused(struct vm *vm, const char *why);

/* Members of hypervisor_xen. */
void xen_plug(struct vm *vm, enum vm_device device, unsigned bus, vm_reply_function *reply, void *context);
void xen_unplug(struct vm *vm, enum vm_device device, vm_reply_function *reply, void *context);
void xen_press_power(struct vm *vm);
int xen_type(struct vm *vm, const void *bytes, size_t size);
void xen_save_memory(struct vm *vm, uint64_t address, uint32_t size, vm_reply_function *reply, void *context);
