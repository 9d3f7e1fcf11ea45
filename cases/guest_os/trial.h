/* SPDX-License-Identifier: BSD-2-Clause */
/* A boot of a disk image: how the VM differed from the plain one, and what came out of its console. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence.h"

/*
 * What differs from the plain VM: GICv3, ACPI alone, virtio-blk on PCI, a pl011, 1 GiB of RAM and a blank store. A bit
 * mask.
 */
enum trial_vary {
        VARY_GIC2 = 1 << 0,
        VARY_FDT = 1 << 1,     /* an FDT alone describes the hardware */
        VARY_MMIO = 1 << 2,    /* the disk is virtio-blk on MMIO */
        VARY_SCSI = 1 << 3,    /* the disk is behind virtio-scsi */
        VARY_CONSOLE = 1 << 4, /* nobody listens at the UART: the console is a virtio-console */
        VARY_SBSA = 1 << 5,    /* the UART is described as an SBSA UART; needs VARY_FDT */
        VARY_MEMORY = 1 << 6,  /* 6 GiB */
        VARY_LOW = 1 << 7,     /* nothing above 4 GiB, neither RAM nor devices */
        VARY_SLOT = 1 << 8,    /* the disk is behind a root port */
        VARY_WIPED = 1 << 9,   /* the disk as an earlier trial left it, the variable store blank again */
        VARY_XEN = 1 << 10, /* no variation of the plain VM but a guest of Xen's, which is described by an FDT alone */
        VARY_COUNT = 11,
        VARY_ALL = (1 << VARY_COUNT) - 1,
};

/* "gic2" for VARY_GIC2; by bit number. */
const char *trial_vary_name(unsigned bit);
/* The bit of a name, 0 where there is none. */
unsigned trial_vary_find(const char *name);

/* "gic2 fdt", or "plain". */
struct trial_name {
        char text[120];
};
struct trial_name trial_name(unsigned varied);

enum trial_end {
        TRIAL_REACHED, /* its marker came */
        TRIAL_FAILED,  /* it did not, and the VM had its time or ended by the guest's doing */
        TRIAL_BROKEN,  /* the suite or its environment did not let it go on */
};

struct boot_trial {
        bool over; /* it was heard to its end */
        unsigned varied;
        enum trial_end end;
        char how[200];         /* it ended, in words */
        uint64_t rtc;          /* seconds since the epoch that its clock was started with; 0: the host's */
        uint64_t milliseconds; /* from its start to its end */
        struct bytes console;
};

struct boot_trials {
        size_t count;
        struct boot_trial *trial;
        char marker[100];
        char none[200];   /* why none could be made; "" where some were */
        char no_xen[200]; /* why none was made on Xen; "" where one was */
};

/*
 * The trial that tells most of the question whether the image boots in a VM that has all of `with` and none of
 * `without` (on Xen only where `with` says so): one that reached its marker, else one that failed and differs least,
 * else a broken one; NULL: none.
 */
const struct boot_trial *trial_pick(const struct boot_trials *trials, unsigned with, unsigned without);
