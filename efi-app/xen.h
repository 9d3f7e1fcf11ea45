/* SPDX-License-Identifier: BSD-2-Clause */
/* What a guest of Xen on Arm asks its hypervisor for, and the console ring that it shares with the control domain. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Hypercalls, their commands and what they answer, as Xen's public headers have them. */
enum { XEN_MEMORY_CALL = 12, XEN_VERSION_CALL = 17, XEN_PROCESSOR_CALL = 24, XEN_EVENT_CALL = 32, XEN_HVM_CALL = 34 };
enum { XEN_VERSION = 0, XEN_HVM_GET = 1, XEN_SELF = 0x7ff0, XEN_ENOSYS = -38 };
enum { XEN_ADD_PAGE = 7, XEN_SHARED_INFO = 0, XEN_REGISTER_INFO = 10 };
enum { XEN_EVENT_CLOSE = 3, XEN_EVENT_SEND = 4, XEN_EVENT_BIND_IPI = 7, XEN_EVENT_UNMASK = 9 };
/* Parameters of a guest. */
enum { XEN_CALLBACK = 0, XEN_STORE_PAGE = 1, XEN_STORE_EVENT = 2, XEN_CONSOLE_PAGE = 17, XEN_CONSOLE_EVENT = 18 };

/* A parameter of this guest; false where the hypervisor has none of that number. */
bool xen_parameter(uint32_t index, uint64_t *ret);
/* Wakes the other side of an event channel; false where the hypervisor refuses. */
bool xen_event_send(uint32_t port);

/* The console's ring; its page is NULL where there is none. */
struct xen_console {
        volatile uint8_t *page;
        uint32_t port;
};
struct xen_console xen_console_find(void);
/* Sends text; false where the ring stays full. True where a byte was received. */
bool xen_console_put(const struct xen_console *console, const char *text);
bool xen_console_take(const struct xen_console *console, char *ret);
