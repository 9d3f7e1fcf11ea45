/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the control domain's agent share. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "xen_frame.h"

/* agent.c: to the runner; waits where it does not read. */
void tell(enum xen_frame_type type, const void *payload, size_t size);
void refuse(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Begins to listen to a runner, and to what becomes of its domain of that name; false: it cannot. */
bool agent_begin(int port, const char *domain);
/* Does what the runner asks for until that is gone. */
void agent_serve(void);

/* lab.c: as the first process of a control domain that is there for the runner alone. */
int lab_main(void);

/* here.c: in a control domain that is there for others, too. */
int here_main(int argc, char **argv);

/* ready.c: one of the places that the runner is told of, see XEN_FRAME_READY; false where there are too many. */
bool ready_add(const char *name, const char *path);
/* Tells the runner which Xen this is, and the places. */
void ready_tell(void);
/* The first line of a file, without its end. */
bool line_read(const char *path, char *ret, size_t size);

/* start.c: what a control domain needs; false with one sentence on standard error. */
bool dom0_start(void);
/* What the daemons wait for: true once a file is there, at most 10 s. */
bool path_wait(const char *path);
/* Runs a program to its end: true where its exit status is 0. */
bool program_finish(char *const words[]);

/* store.c: xenstore over its socket. */
struct store {
        int fd;
        size_t have;
        uint8_t buffer[8192]; /* of a message that is not whole yet */
};
/* 0 or a negative errno. */
int store_open(struct store *store);
/* The length of the value, which is NUL-terminated; or a negative errno. */
int store_read(struct store *store, const char *path, char *ret, size_t size);
int store_list(struct store *store, const char *path, char *ret, size_t size); /* names, NUL behind each */
int store_write(struct store *store, const char *path, const char *value);
int store_watch(struct store *store, const char *path);
/* The next change that a watch saw; false where there is none yet, after it was read from the descriptor. */
bool store_changed(struct store *store, char *ret_path, size_t size);
/* The number of the domain of that name, -1: there is none. */
int store_domain(struct store *store, const char *name);

/* console.c: the consoles of the runner's domain. */
enum { CONSOLES = 2 };
struct consoles {
        const char *name; /* of the domain */
        int domain;       /* whose consoles these are, -1: there is none yet */
        int tty[CONSOLES];
        unsigned spoke; /* the one that spoke last */
};
/* They come, and go, as the domain does. */
int consoles_watch(struct store *store);
void consoles_find(struct consoles *consoles, struct store *store);
/* What the domain has written is told, a piece at a time; true where there may be more. */
bool console_readable(struct consoles *consoles, unsigned which);
void console_type(const struct consoles *consoles, const void *bytes, size_t size);

/* hotplug.c: the agent as a hotplug script of the toolstack; place is the device's in xenstore. */
int hotplug_main(const char *place, const char *action);

/* timer.c: what Xen waits for comes again, on a machine that goes on from where it was saved. */
void timer_renew(void);

/* memory.c: sends a part of the domain's memory. */
void memory_tell(int domain, uint64_t address, uint32_t size);
