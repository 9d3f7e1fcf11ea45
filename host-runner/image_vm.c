/* SPDX-License-Identifier: BSD-2-Clause */
/* The VM of a trial differs from the plain one by what its mask says, and by nothing else. */
#include <endian.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "image_boot_private.h"
#include "suite_disk.h"

enum {
        PLAIN_MEMORY = 1024,
        MORE_MEMORY = 6144,
        PROCESSORS = 2,
        CLOCK_AHEAD = 400, /* days: no guest finds this date by itself */
        CLUSTER = 65536,   /* of the overlay */
        CLUSTER_BITS = 16,
        OVERLAY_CLUSTERS = 4, /* header, reference count table, one block of it, L1 table */
};

struct keys {
        struct machine *machine;
        int result;
        char *error;
        size_t error_size;
};

static void set(struct keys *keys, const char *key, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void set(struct keys *keys, const char *key, const char *format, ...)
{
        char value[4400];
        va_list args;

        va_start(args, format);
        vsnprintf(value, sizeof(value), format, args);
        va_end(args);
        if (!keys->result)
                keys->result = machine_set(keys->machine, key, value, keys->error, keys->error_size);
}

static void set_disk(struct keys *keys, const struct boot *boot, unsigned varied)
{
        unsigned block = boot->options->block_size;
        const char *bus = "";

        if (varied & VARY_SLOT && !(varied & VARY_MMIO)) {
                set(keys, "arg", "-device");
                set(keys, "arg", "pcie-root-port,id=other-slot,chassis=200,slot=200");
                bus = ",bus=other-slot";
        }
        set(keys, "arg", "-device");
        if (varied & VARY_SCSI) {
                set(keys, "arg", "virtio-scsi-pci,id=scsi%s", bus);
                set(keys, "arg", "-device");
                set(keys, "arg", "scsi-hd,bus=scsi.0,drive=disk,logical_block_size=%u,physical_block_size=%u", block,
                    block);
                return;
        }
        set(keys, "arg", "virtio-blk-%s%s,drive=disk,logical_block_size=%u,physical_block_size=%u",
            varied & VARY_MMIO ? "device" : "pci", bus, block, block);
}

static void set_console(struct keys *keys, const struct boot *boot, unsigned varied)
{
        if (varied & VARY_CONSOLE) {
                set(keys, "arg", "-device");
                set(keys, "arg", "virtio-serial-pci");
                set(keys, "arg", "-device");
                set(keys, "arg", "virtconsole,chardev=console");
        }
        if (varied & VARY_SBSA) {
                set(keys, "arg", "-dtb");
                set(keys, "arg", "%s", boot->tree);
        }
}

/* Only a VM whose ACPI tables tell of no clock tells anything about where the guest has the time from. */
static uint64_t set_clock(struct keys *keys, unsigned varied)
{
        time_t at = time(NULL) + (time_t)CLOCK_AHEAD * 24 * 3600;
        struct tm parts;
        char text[40];

        if (varied & VARY_FDT || !gmtime_r(&at, &parts))
                return 0;
        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts);
        set(keys, "arg", "-rtc");
        set(keys, "arg", "base=%s", text);
        return (uint64_t)at;
}

int trial_machine(const struct boot *boot, unsigned varied, struct machine *ret, uint64_t *ret_rtc, char *error,
                  size_t error_size)
{
        struct keys keys = {ret, machine_copy(varied & VARY_XEN ? &boot->xen : &boot->machine, ret), error, error_size};
        char options[300];

        if (keys.result) {
                snprintf(error, error_size, "out of memory");
                return keys.result;
        }
        *ret_rtc = 0;
        if (varied & VARY_XEN) { /* as its file says */
                set(&keys, "memory", "%u", PLAIN_MEMORY);
                if (keys.result)
                        machine_free(ret);
                return keys.result;
        }
        snprintf(options, sizeof(options), "%s", ret->options);
        set(&keys, "machine-options", "%s%sacpi=%s%s", options, *options ? "," : "", varied & VARY_FDT ? "off" : "on",
            varied & VARY_LOW ? ",highmem=off" : "");
        set(&keys, "gic", "%u", varied & VARY_GIC2 ? 2 : 3);
        set(&keys, "memory", "%u", varied & VARY_MEMORY ? MORE_MEMORY : PLAIN_MEMORY);
        set(&keys, "processors", "%u", PROCESSORS);
        *ret_rtc = set_clock(&keys, varied);
        set_disk(&keys, boot, varied);
        set_console(&keys, boot, varied);
        if (keys.result)
                machine_free(ret);
        return keys.result;
}

/* The format: docs/interop/qcow2.rst of QEMU, version 2. Unallocated clusters are those of the backing disk. */
int overlay_make(uint64_t size)
{
        uint64_t entries = (size + ((uint64_t)CLUSTER * CLUSTER / 8) - 1) / ((uint64_t)CLUSTER * CLUSTER / 8);
        uint32_t head32[18] = {0};
        uint64_t table = htobe64(2 * CLUSTER);
        uint16_t counts[OVERLAY_CLUSTERS];
        int fd;

        if (entries > CLUSTER / 8)
                return -EFBIG;
        head32[0] = htobe32(0x514649fb);
        head32[1] = htobe32(2);
        head32[5] = htobe32(CLUSTER_BITS);
        head32[6] = htobe32((uint32_t)(size >> 32));
        head32[7] = htobe32((uint32_t)size);
        head32[9] = htobe32((uint32_t)entries);
        head32[11] = htobe32(3 * CLUSTER); /* the L1 table */
        head32[13] = htobe32(CLUSTER);     /* the reference count table */
        head32[14] = htobe32(1);
        for (unsigned i = 0; i < OVERLAY_CLUSTERS; i++)
                counts[i] = htobe16(1);
        fd = private_file((uint64_t)OVERLAY_CLUSTERS * CLUSTER);
        if (fd < 0)
                return fd;
        if (pwrite(fd, head32, sizeof(head32), 0) == (ssize_t)sizeof(head32) &&
            pwrite(fd, &table, sizeof(table), CLUSTER) == (ssize_t)sizeof(table) &&
            pwrite(fd, counts, sizeof(counts), (off_t)2 * CLUSTER) == (ssize_t)sizeof(counts))
                return fd;
        close(fd);
        return -EIO;
}
