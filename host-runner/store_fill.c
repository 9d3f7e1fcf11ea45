/* SPDX-License-Identifier: BSD-2-Clause */
#include "store_fill.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "blob.h"
#include "wire.h"

enum { LOOKED_AT = 4 * 1024 * 1024, LEFT = 12 * 1024, VALUE = 8000, FILLS_MAX = 512, NAME = 2 * 14 };
enum { PLAIN = 32, AUTHENTICATED = 60, START = 0x55aa, NV_BS_RT = 7 };

static void fill_find(void *context, const struct blob_variable *variable)
{
        bool *there = context;

        *there |= strncmp(variable->name, "VmspecFill", 10) == 0;
}

/* One whole variable; returns its size with what aligns the next one. */
static size_t variable_put(uint8_t *to, bool authenticated, unsigned number)
{
        const size_t header = authenticated ? AUTHENTICATED : PLAIN;
        const char name[] = {'V',
                             'm',
                             's',
                             'p',
                             'e',
                             'c',
                             'F',
                             'i',
                             'l',
                             'l',
                             (char)('0' + number / 100),
                             (char)('0' + number / 10 % 10),
                             (char)('0' + number % 10)};

        memset(to, 0, header + NAME);
        wire_put16(to, START);
        to[2] = BLOB_STATE_ADDED;
        wire_put32(to + 4, NV_BS_RT);
        wire_put32(to + header - 24, NAME);
        wire_put32(to + header - 20, VALUE);
        memcpy(to + header - 16, wire_variable_guid, 16);
        for (size_t i = 0; i < sizeof(name); i++)
                to[header + 2 * i] = (uint8_t)name[i];
        memset(to + header + NAME, (int)number, VALUE);
        return (header + NAME + VALUE + 3) & ~(size_t)3;
}

static int bytes_fill(uint8_t *bytes, size_t size)
{
        const struct bytes blob = {bytes, size};
        struct blob_volumes volumes;
        const struct blob_volume *nv;
        struct blob_store store;
        struct blob_fault fault;
        bool there = false;
        int number = 0;

        nv = blob_volumes_read(blob, &volumes, &fault) ? blob_volumes_nv(&volumes) : NULL;
        if (!nv || !blob_store_read(blob, nv, &store, fill_find, &there, &fault) || there)
                return 0;
        while (store.used + LEFT + VALUE < store.size && number < FILLS_MAX)
                store.used += variable_put(bytes + store.at + store.used, store.authenticated, (unsigned)number++);
        return number;
}

int store_fill(int fd)
{
        struct stat about;
        uint8_t *bytes;
        size_t size;
        int result;

        if (fstat(fd, &about))
                return -errno;
        size = about.st_size < LOOKED_AT ? (size_t)about.st_size : LOOKED_AT;
        if (size == 0)
                return 0;
        bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (bytes == MAP_FAILED)
                return -errno;
        result = bytes_fill(bytes, size);
        munmap(bytes, size);
        return result;
}
