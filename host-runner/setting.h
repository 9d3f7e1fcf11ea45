/* SPDX-License-Identifier: BSD-2-Clause */
/* In what an instance may differ from what its machine's file says: the variations that routes ask for. */
#pragma once

#include <stdbool.h>

enum setting {
        SETTING_PLAIN,
        SETTING_VIRTIO_MMIO, /* what the suite's disk is attached to */
        SETTING_VIRTIO_SCSI,
        SETTING_NVME,
        SETTING_USB,
        SETTING_AHCI,
        SETTING_MOVED,           /* the suite's disk in another slot */
        SETTING_BLOCKS_4K,       /* the suite's disk, made for blocks of 4096 bytes and presented in them */
        SETTING_BACKUP_GPT,      /* the suite's disk, its primary GPT header corrupt */
        SETTING_MORE_DISKS,      /* in front of it a blank disk and the other disk, which is bootable, too */
        SETTING_REMOVABLE,       /* as a removable USB medium, beside the other disk as a fixed one */
        SETTING_ORDER_THIS,      /* the VMM's boot order names the suite's disk, the other disk stands in front of it */
        SETTING_ORDER_OTHER,     /* the VMM's boot order names the other disk */
        SETTING_NO_DISK,         /* no disk at all */
        SETTING_STORE_READ_ONLY, /* the variable store refuses writes */
        SETTING_STORE_FILLED,    /* a variable store of edk2's form was nearly filled before the start */
        SETTING_LEAPING_CLOCK,   /* virtual time leaps over what is idle */
        SETTING_AARCH32,         /* the machine that the declaration names as its AArch32 sibling */
        SETTING_PVH,             /* the suite's probe in the place of the firmware, started by the VMM's PVH loader */
        SETTING_PVH_ELSEWHERE,   /* the firmware of the PVH loader where the processor begins, just below 4 GiB */
        SETTING_MODULE_BROKEN,   /* one firmware module more: the broken one that the machine's file names */
        SETTING_MODULE_LARGE,    /* tables of more than 1 MiB in all are passed through, too */
        SETTING_COUNT
};

/* As the journal and `vmspec run --plan` name it. */
const char *setting_name(enum setting setting);

/* True where the instance has the other disk: one that boots an application which says so and powers off. */
bool setting_has_other_disk(enum setting setting);

/* True where the VMM may refuse to start: that is then what it makes of the setting, and no error. */
bool setting_may_be_refused(enum setting setting);
