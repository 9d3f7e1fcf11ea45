/* SPDX-License-Identifier: BSD-2-Clause */
/* xenstore as a guest reaches it by itself: over the ring that it shares with the control domain, one request at a
 * time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct guest;

enum { XEN_STORE_VALUE = 128 };

struct xen_store {
        struct guest *g;
        volatile uint8_t *page;
        uint32_t port;
        uint32_t request; /* the number of the last one */
};

/* False where the guest has no such ring. */
bool xen_store_find(struct guest *g, struct xen_store *ret);
/* The value, NUL-terminated and cut; a path without a leading / is below the guest's own. False: there is none. */
bool xen_store_read(struct xen_store *store, const char *path, char ret[XEN_STORE_VALUE]);
bool xen_store_write(struct xen_store *store, const char *path, const char *value);
