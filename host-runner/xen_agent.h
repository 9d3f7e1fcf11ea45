/* SPDX-License-Identifier: BSD-2-Clause */
/* The agent as a process of this machine's, which is Xen's control domain itself. */
#pragma once

#include "hypervisor.h"

/* Of a hypervisor's table it has what a domain's carrier needs: what it hears as a console are the agent's frames. */
extern const struct hypervisor xen_agent;

/* xen_image.c: a file for what a guest makes of an image, gone with its last descriptor. Or a negative errno. */
int xen_image_file(void);
/* Fills it. 0, or a negative errno with one sentence on standard error. */
int xen_image_copy(const struct vm_image *image, int to);
