/* SPDX-License-Identifier: BSD-2-Clause */
/* A disk in a container file as the VM is presented with it: read-only, through a server of our own, in bounded time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct nbd {
        int fd; /* of the connection */
        pid_t server;
        uint64_t size;     /* bytes, as presented */
        uint64_t deadline; /* of loop_now(): nothing is asked for after it */
        uint64_t cookie;
};

/*
 * Serves the container file open at fd, which is of that QEMU format and needs no other file. 0; or negative errno and
 * what went wrong in words.
 */
int nbd_open(struct nbd *ret_nbd, int fd, const char *format, char *why, size_t why_size);
void nbd_close(struct nbd *nbd);

/* Reads exactly size bytes; false where the server does not give them, and then for ever. */
bool nbd_read(struct nbd *nbd, uint64_t offset, void *to, size_t size);
