/* SPDX-License-Identifier: BSD-2-Clause */
/* What a guest writes to an image goes into a copy without a name: the control domain has no qcow2 that it could use.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nbd.h"
#include "xen_agent.h"

enum { CHUNK = 256 * 1024 };

int xen_image_file(void)
{
        const char *where = getenv("TMPDIR");
        int fd = open(where && *where ? where : "/var/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

        return fd < 0 ? -errno : fd;
}

static bool chunk_read(const struct vm_image *image, struct nbd *nbd, uint64_t at, uint8_t *to, size_t size)
{
        if (nbd)
                return nbd_read(nbd, at, to, size);
        errno = EIO; /* which a read that is cut short does not say */
        return pread(image->base, to, size, (off_t)at) == (ssize_t)size;
}

/* What is zero stays a hole. 0 or a negative errno. */
static int chunks_copy(const struct vm_image *image, struct nbd *nbd, int to, uint64_t size)
{
        static uint8_t bytes[CHUNK];

        if (ftruncate(to, (off_t)size))
                return -errno;
        for (uint64_t at = 0; at < size; at += CHUNK) {
                size_t length = size - at < CHUNK ? (size_t)(size - at) : CHUNK;

                if (!chunk_read(image, nbd, at, bytes, length))
                        return -errno;
                if ((*bytes || memcmp(bytes, bytes + 1, length - 1) != 0) &&
                    pwrite(to, bytes, length, (off_t)at) != (ssize_t)length)
                        return errno ? -errno : -ENOSPC;
        }
        return 0;
}

int xen_image_copy(const struct vm_image *image, int to)
{
        bool raw = strcmp(image->format, "raw") == 0;
        char why[300] = "";
        struct nbd nbd;
        off_t size = lseek(image->base, 0, SEEK_END);
        int result = size < 0 ? -errno : raw ? 0 : nbd_open(&nbd, image->base, image->format, why, sizeof(why));

        if (!result) {
                result = chunks_copy(image, raw ? NULL : &nbd, to, raw ? (uint64_t)size : nbd.size);
                if (!raw)
                        nbd_close(&nbd);
        }
        if (result)
                dprintf(2, "the image cannot be copied for the domain: %s\n", *why ? why : strerror(-result));
        return result;
}
