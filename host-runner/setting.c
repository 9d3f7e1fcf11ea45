/* SPDX-License-Identifier: BSD-2-Clause */
/* One setting, one name. */
#include "setting.h"

const char *setting_name(enum setting setting)
{
        static const char *const names[SETTING_COUNT] = {
                [SETTING_PLAIN] = "plain",
                [SETTING_VIRTIO_MMIO] = "virtio-mmio",
                [SETTING_VIRTIO_SCSI] = "virtio-scsi",
                [SETTING_NVME] = "nvme",
                [SETTING_USB] = "usb",
                [SETTING_AHCI] = "ahci",
                [SETTING_MOVED] = "moved",
                [SETTING_BLOCKS_4K] = "blocks-4k",
                [SETTING_BACKUP_GPT] = "backup-gpt",
                [SETTING_MORE_DISKS] = "more-disks",
                [SETTING_REMOVABLE] = "removable",
                [SETTING_ORDER_THIS] = "order-this",
                [SETTING_ORDER_OTHER] = "order-other",
                [SETTING_NO_DISK] = "no-disk",
                [SETTING_STORE_READ_ONLY] = "store-read-only",
                [SETTING_STORE_FILLED] = "store-filled",
                [SETTING_LEAPING_CLOCK] = "leaping-clock",
                [SETTING_AARCH32] = "aarch32",
                [SETTING_PVH] = "pvh",
                [SETTING_PVH_ELSEWHERE] = "pvh-elsewhere",
                [SETTING_MODULE_BROKEN] = "module-broken",
                [SETTING_MODULE_LARGE] = "module-large",
        };

        return names[setting];
}

bool setting_may_be_refused(enum setting setting)
{
        return setting == SETTING_MODULE_BROKEN || setting == SETTING_MODULE_LARGE;
}

bool setting_has_other_disk(enum setting setting)
{
        return setting == SETTING_MORE_DISKS || setting == SETTING_REMOVABLE || setting == SETTING_ORDER_THIS ||
               setting == SETTING_ORDER_OTHER;
}
