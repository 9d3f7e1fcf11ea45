/* SPDX-License-Identifier: BSD-2-Clause */
/* What goes between the runner and its agent in a Xen control domain: frames, bounded and checked on both sides. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "VXF1", type, three zero bytes, payload size, CRC-32 of the payload; numbers are little-endian. */
enum { XEN_FRAME_HEADER = 16, XEN_FRAME_MAX = 16 * 1024 };

/* One more with every change after which the two would misunderstand each other; the lab keeps it in a file. */
enum { XEN_PROTOCOL = 3 };

enum xen_frame_type {
        /* from the runner */
        XEN_FRAME_FILE = 1, /* a path, NUL, and bytes that go behind what the file has; none: it begins anew */
        XEN_FRAME_RUN,      /* a number of 4 bytes, and words that end in NUL each: a program and its arguments */
        XEN_FRAME_TYPE,     /* bytes for the domain's console */
        XEN_FRAME_MEMORY,   /* an address of 8 bytes and a size of 4: of the domain's memory */
        XEN_FRAME_HELLO,    /* seconds since 1970, of 8 bytes: the control domain goes on from where it was saved */
        /* from the agent */
        XEN_FRAME_READY,   /* at its start and after HELLO: "protocol=", XEN_PROTOCOL, and what Xen it is, a line each;
                              what the domain is to be made of, "name=path" a line: its disks by their names, "firmware",
                              "config" for its xl.cfg, "script" for its devices, and "name", which is its own */
        XEN_FRAME_OUTPUT,  /* the number, and what the program wrote */
        XEN_FRAME_EXIT,    /* the number, and 4 bytes: its exit status, 128 and more for a signal */
        XEN_FRAME_CONSOLE, /* bytes that the domain wrote */
        XEN_FRAME_BYTES,   /* of the domain's memory, in order; none: that was all */
        XEN_FRAME_STATE,   /* "PATH=VALUE": a device's state in xenstore */
        XEN_FRAME_REFUSED, /* one sentence: what was asked cannot be done */
        XEN_FRAME_END
};

struct xen_frame {
        enum xen_frame_type type;
        const uint8_t *payload; /* in the reader, until it is fed again */
        size_t size;
};

/* Zero it. */
struct xen_frame_reader {
        uint8_t buffer[XEN_FRAME_HEADER + XEN_FRAME_MAX];
        size_t have;
        size_t used; /* by the frame that was taken last */
};

/* Takes bytes in; returns how many: fewer where a frame must be taken first. */
size_t xen_frame_feed(struct xen_frame_reader *reader, const uint8_t *bytes, size_t size);
/* 1 and a frame, 0 where more bytes are needed, -EPROTO where what came is no frame: then the channel is lost. */
int xen_frame_take(struct xen_frame_reader *reader, struct xen_frame *ret);
/* Writes the header of a frame whose payload is at most XEN_FRAME_MAX bytes. */
void xen_frame_header(uint8_t to[XEN_FRAME_HEADER], enum xen_frame_type type, const uint8_t *payload, size_t size);
