/* SPDX-License-Identifier: BSD-2-Clause */
/* The VM of a trial differs from the plain one by what its mask says, and by nothing else. */
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
