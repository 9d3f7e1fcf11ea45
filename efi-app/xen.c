/* SPDX-License-Identifier: BSD-2-Clause */
/* The ring's other side is another domain: every index is taken as any number, and the wait for room has an end. */
#include "xen.h"

#include "arch.h"

/* struct xencons_interface. */
enum { RING_IN = 0, RING_OUT = 1024, RING_IN_SIZE = 1024, RING_OUT_SIZE = 2048 };
enum { IN_TAKEN = 3072, IN_GIVEN = 3076, OUT_TAKEN = 3080, OUT_GIVEN = 3084 };
enum { SPINS = 20000000 };

struct parameter {
        uint16_t domain, pad;
        uint32_t index;
        uint64_t value;
};

struct send {
        uint32_t port;
};

bool xen_parameter(uint32_t index, uint64_t *ret)
{
        static volatile struct parameter parameter;

        parameter.domain = XEN_SELF;
        parameter.index = index;
        if (arch_xen_call(XEN_HVM_CALL, XEN_HVM_GET, (uintptr_t)&parameter, 0))
                return false;
        *ret = parameter.value;
        return true;
}

bool xen_event_send(uint32_t port)
{
        static volatile struct send send;

        send.port = port;
        return arch_xen_call(XEN_EVENT_CALL, XEN_EVENT_SEND, (uintptr_t)&send, 0) == 0;
}

struct xen_console xen_console_find(void)
{
        struct xen_console console = {0};
        uint64_t page, port;

        if (xen_parameter(XEN_CONSOLE_PAGE, &page) && page && xen_parameter(XEN_CONSOLE_EVENT, &port)) {
                console.page = (volatile uint8_t *)(uintptr_t)(page * 4096);
                console.port = (uint32_t)port;
        }
        return console;
}

static uint32_t index_read(const struct xen_console *console, unsigned at)
{
        return __atomic_load_n((volatile uint32_t *)(uintptr_t)(console->page + at), __ATOMIC_ACQUIRE);
}

static void index_write(const struct xen_console *console, unsigned at, uint32_t value)
{
        __atomic_store_n((volatile uint32_t *)(uintptr_t)(console->page + at), value, __ATOMIC_RELEASE);
}

bool xen_console_put(const struct xen_console *console, const char *text)
{
        while (*text) {
                uint32_t given = index_read(console, OUT_GIVEN), spins = 0;

                while (given - index_read(console, OUT_TAKEN) >= RING_OUT_SIZE)
                        if (++spins == SPINS)
                                return false;
                while (*text && given - index_read(console, OUT_TAKEN) < RING_OUT_SIZE)
                        console->page[RING_OUT + given++ % RING_OUT_SIZE] = (uint8_t)*text++;
                index_write(console, OUT_GIVEN, given);
                (void)xen_event_send(console->port);
        }
        return true;
}

bool xen_console_take(const struct xen_console *console, char *ret)
{
        uint32_t taken = index_read(console, IN_TAKEN);

        if (index_read(console, IN_GIVEN) == taken)
                return false;
        *ret = (char)console->page[RING_IN + taken % RING_IN_SIZE];
        index_write(console, IN_TAKEN, taken + 1);
        (void)xen_event_send(console->port);
        return true;
}
