/* SPDX-License-Identifier: BSD-2-Clause */
/* The Xen that the runner itself runs on, where it is in the control domain. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "machine.h"

/* What Linux says of the hypervisor below root, which is "" but in tests. */
struct xen_here {
        bool control;     /* it is Xen, and this is its control domain */
        char version[80]; /* "4.17.6" */
};
struct xen_here xen_here_read(const char *root);

/* True where the machine is a domain of this machine's own Xen, and not of a lab's. */
bool xen_is_here(const struct machine *machine);

/*
 * Checks that domains can be made here, and leaves out of the machine what this Xen does not offer. 0, or a negative
 * errno with one sentence in error.
 */
int xen_here_find(struct machine *machine, char *error, size_t error_size);

/* xen_toolstack.c: the version of the Xen that xl can make domains with. 0, or a negative errno with one sentence. */
struct xen_toolstack {
        char version[80];
};
int xen_toolstack_ask(struct xen_toolstack *ret, char *error, size_t error_size);
/* True where Xen told, as it started, of a GICv3 that it cannot make a GICv2 of. */
bool xen_toolstack_lacks_gicv2(void);
