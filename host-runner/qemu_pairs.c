/* SPDX-License-Identifier: BSD-2-Clause */
/* What connects the runner with a QEMU: sockets and pipes without a name. */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "qemu_private.h"

static void pair_close(int pair[2])
{
        for (int i = 0; i < 2; i++)
                if (pair[i] >= 0)
                        close(pair[i]);
}

/*
 * The console goes through pipes: a socket counts every single byte that a UART writes as a packet of its own, fills
 * up after some hundred of them, and a firmware that meets a full UART drops what it wanted to say.
 */
int qemu_pairs_open(struct pairs *pairs)
{
        int failed;

        *pairs = (struct pairs){{-1, -1}, {-1, -1}, {-1, -1}, {-1, -1}, {-1, -1}};
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pairs->qmp) == 0 &&
            socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pairs->virtio_console) == 0 &&
            socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pairs->error) == 0 &&
            pipe2(pairs->console, O_CLOEXEC) == 0 && pipe2(pairs->keyboard, O_CLOEXEC) == 0) {
                fcntl(pairs->virtio_console[0], F_SETFL, O_NONBLOCK);
                fcntl(pairs->console[0], F_SETFL, O_NONBLOCK);
                fcntl(pairs->keyboard[1], F_SETFL, O_NONBLOCK);
                (void)fcntl(pairs->console[1], F_SETPIPE_SZ, CONSOLE_PIPE);
                return 0;
        }
        failed = errno;
        pair_close(pairs->qmp);
        pair_close(pairs->virtio_console);
        pair_close(pairs->error);
        pair_close(pairs->console);
        pair_close(pairs->keyboard);
        return -failed;
}

void qemu_pairs_close(const struct pairs *pairs)
{
        close(pairs->qmp[1]);
        close(pairs->virtio_console[1]);
        close(pairs->console[1]);
        close(pairs->keyboard[0]);
        close(pairs->error[1]);
}
