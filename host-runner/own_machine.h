/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine that the runner itself runs on, as far as a clause asks for it. */
#pragma once

#include <stddef.h>

struct own_machine {
        char arch[16]; /* as uname(2) has it: "x86_64", "aarch64" */
        char gic[16];  /* "GICv2", "GICv3", ... as the kernel's list of interrupts names it; "" where it names none */
};

void own_machine_read(struct own_machine *ret);

/* The GIC by the text of /proc/interrupts. */
void own_gic_find(const char *interrupts, char *ret, size_t size);
