/* SPDX-License-Identifier: BSD-2-Clause */
/* The application as one object: its plan, where it is in it, and how it speaks. Cases see struct guest alone. */
#pragma once

#include "guest.h"
#include "say.h"

struct app {
        struct guest guest; /* first: a guest is its application, see guest_ask() */
        struct disk disk;
        struct say say;
        struct plan plan;
        struct wire_state state;
        struct evidence evidence;
        struct hw hw;
        uint32_t line_asked; /* requests made over the line, see guest_ask() */
        uint64_t entered;    /* the counter at the application's first step */
        uint64_t image_base; /* where the firmware loaded the application */
};

/* Runs one half of one case: begin, facts, end; an exception inside is that half's failed fact. */
void check_run_half(struct app *app, enum case_id id, unsigned part, enum half half);

/* Runs the RUNTIME parts of a boot after ExitBootServices; records go to the memory log. */
void runtime_run(struct app *app, const struct plan_boot *boot);

/* Ends the boot as planned; does not return. */
void runtime_end(struct app *app, const struct plan_boot *boot) __attribute__((noreturn));
