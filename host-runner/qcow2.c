/* SPDX-License-Identifier: BSD-2-Clause */
/* The format: docs/interop/qcow2.rst of QEMU, version 3 where there is an external data file, else version 2. */
#include "qcow2.h"

#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "suite_disk.h"

enum {
        CLUSTER_BITS = 16,
        CLUSTER = 1 << CLUSTER_BITS,
        ENTRIES = CLUSTER / 8, /* of a table that is one cluster */
        REFERENCE_TABLE = 1,   /* which cluster of the file it is */
        REFERENCE_BLOCK = 2,
        L1_TABLE = 3,
        L2_TABLE = 4,
        FLASH_LEAST = 8 * 1024 * 1024 /* of what is nothing but zeros */
};

static const uint64_t copied = UINT64_C(1) << 63;

static bool put(int fd, const void *bytes, size_t size, uint64_t cluster)
{
        return pwrite(fd, bytes, size, (off_t)(cluster * CLUSTER)) == (ssize_t)size;
}

static bool put_header(int fd, uint64_t size, uint64_t l1_entries, bool external)
{
        uint32_t head[26] = {0};

        head[0] = htobe32(0x514649fb);
        head[1] = htobe32(external ? 3 : 2);
        head[5] = htobe32(CLUSTER_BITS);
        head[6] = htobe32((uint32_t)(size >> 32));
        head[7] = htobe32((uint32_t)size);
        head[9] = htobe32((uint32_t)l1_entries);
        head[11] = htobe32(L1_TABLE * CLUSTER);
        head[13] = htobe32(REFERENCE_TABLE * CLUSTER);
        head[14] = htobe32(1);
        head[19] = htobe32(external ? 1 << 2 : 0); /* incompatible feature bit 2: an external data file */
        head[24] = htobe32(4);                     /* reference counts of 2^4 bits */
        head[25] = htobe32(sizeof(head));
        return put(fd, head, sizeof(head), 0);
}

/* The tables that have each of so many clusters at its own offset of the data file. */
static bool put_data(int fd, uint64_t clusters)
{
        uint64_t *table = calloc(clusters, sizeof(*table)), first = htobe64(copied | (uint64_t)L2_TABLE * CLUSTER);
        bool done = table && put(fd, &first, sizeof(first), L1_TABLE);

        for (uint64_t i = 0; done && i < clusters; i++)
                table[i] = htobe64(copied | i * CLUSTER);
        done = done && put(fd, table, clusters * sizeof(*table), L2_TABLE);
        free(table);
        return done;
}

int qcow2_make(uint64_t size, uint64_t data)
{
        uint64_t l1_entries = (size + (uint64_t)ENTRIES * CLUSTER - 1) / ((uint64_t)ENTRIES * CLUSTER);
        uint64_t clusters = (data + CLUSTER - 1) / CLUSTER, block = htobe64((uint64_t)REFERENCE_BLOCK * CLUSTER);
        unsigned own = data ? L2_TABLE + 1 : L1_TABLE + 1;
        uint16_t counts[L2_TABLE + 1];
        int fd;

        if (l1_entries > ENTRIES || clusters > ENTRIES || data > size)
                return -EFBIG;
        for (unsigned i = 0; i < own; i++)
                counts[i] = htobe16(1);
        fd = private_file((uint64_t)own * CLUSTER);
        if (fd < 0)
                return fd;
        if (put_header(fd, size, l1_entries, data > 0) && put(fd, &block, sizeof(block), REFERENCE_TABLE) &&
            put(fd, counts, own * sizeof(*counts), REFERENCE_BLOCK) && (!data || put_data(fd, clusters)))
                return fd;
        close(fd);
        return -EIO;
}

int qcow2_make_flash(int file)
{
        uint64_t size, used;
        int result = private_used(file, &size, &used);

        if (result)
                return result;
        return size - used < FLASH_LEAST ? -ENODATA : qcow2_make(size, used ? used : 1);
}
