/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the domain writes is read from the terminals that xenconsoled gives it, from the first byte on: that keeps what
 * nobody has read. Where it resets it is another domain, with terminals of its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent.h"

/* The PV console and, where the domain has one, its UART: what comes in goes to the one that spoke last. */
static const char *const nodes[CONSOLES] = {"console/tty", "vuart/0/tty"};

static void console_close(struct consoles *consoles, unsigned which)
{
        if (consoles->tty[which] >= 0)
                close(consoles->tty[which]);
        consoles->tty[which] = -1;
}

/* The toolstack and xenconsoled tell where a console is after the domain has its name. */
int consoles_watch(struct store *store)
{
        return store_watch(store, "@introduceDomain");
}

static void domain_take(struct consoles *consoles, struct store *store, int domain)
{
        char path[80];

        for (unsigned i = 0; i < CONSOLES; i++) {
                while (console_readable(consoles, i)) /* what the one before it wrote last */
                        ;
                console_close(consoles, i);
        }
        consoles->domain = domain;
        for (unsigned i = 0; i < CONSOLES && domain >= 0; i++) {
                snprintf(path, sizeof(path), "/local/domain/%d/%s", domain, nodes[i]);
                if (store_watch(store, path))
                        refuse("xenstored watches nothing for the agent: %s is not seen", path);
        }
}

void consoles_find(struct consoles *consoles, struct store *store)
{
        int domain = store_domain(store, consoles->name);
        char path[80], tty[80];

        if (domain != consoles->domain)
                domain_take(consoles, store, domain);
        for (unsigned i = 0; i < CONSOLES && domain >= 0; i++) {
                snprintf(path, sizeof(path), "/local/domain/%d/%s", domain, nodes[i]);
                if (consoles->tty[i] < 0 && store_read(store, path, tty, sizeof(tty)) > 0)
                        consoles->tty[i] = open(tty, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
        }
}

/* One read per turn: a guest that writes all the time must not keep the agent here. True where there may be more. */
bool console_readable(struct consoles *consoles, unsigned which)
{
        uint8_t bytes[4096];
        ssize_t got = consoles->tty[which] < 0 ? -1 : read(consoles->tty[which], bytes, sizeof(bytes));

        if (got > 0) {
                tell(XEN_FRAME_CONSOLE, bytes, (size_t)got);
                consoles->spoke = which;
        } else if (consoles->tty[which] >= 0 && (got == 0 || (errno != EAGAIN && errno != EINTR))) {
                console_close(consoles, which); /* the domain is gone */
        }
        return got > 0;
}

void console_type(const struct consoles *consoles, const void *bytes, size_t size)
{
        int tty = consoles->tty[consoles->spoke];

        if (tty < 0 || write(tty, bytes, size) != (ssize_t)size)
                refuse("the domain's console takes no input");
}
