/* SPDX-License-Identifier: BSD-2-Clause */
/* The configuration of a Linux kernel in an image: a file of its own, or what CONFIG_IKCONFIG put into the kernel. */
#pragma once

#include "files.h"

struct kernel_config {
        char *text;       /* NUL-terminated; NULL: none was found */
        char where[200];  /* the file; or, without text, what was looked through */
        uint64_t scanned; /* bytes of kernels that were looked through */
};

/* Free with kernel_config_free(). */
void kernel_config_find(const struct image *image, struct kernel_config *ret);
void kernel_config_free(struct kernel_config *config);

/* Whether an option is built in or a module. "ARM_GIC", without CONFIG_. */
bool kernel_config_has(const struct kernel_config *config, const char *option);
