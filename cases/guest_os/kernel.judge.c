/* SPDX-License-Identifier: BSD-2-Clause */
/* GOS-01, GOS-02, GOS-05 and GOS-10: what the kernel's configuration says of its drivers, where it can be read. */
#include "judge.h"

#include "kernel.h"

static void option_judge(struct judge *j, const struct kernel_config *config, const char *option)
{
        bool has = kernel_config_has(config, option);

        CHECK_SAY(j, has, "built in or a module", "CONFIG_%s %s", option, has ? "is" : "is not");
}

void judge_kernel_configuration_is_found(struct judge *j)
{
        struct kernel_config config;

        kernel_config_find(j->image, &config);
        if (config.text)
                CHECK_SAY(j, true, "a kernel configuration", "%s", config.where);
        else
                SKIP(j, "%s: the rows of the guest OS rest on its boots alone", config.where);
        kernel_config_free(&config);
}

void judge_kernel_has_both_gic_drivers(struct judge *j)
{
        struct kernel_config config;

        kernel_config_find(j->image, &config);
        if (config.text) {
                NOTE(j, "configuration", "%s", config.where);
                option_judge(j, &config, "ARM_GIC");
                option_judge(j, &config, "ARM_GIC_V3");
        } else {
                NOT_APPLICABLE(j, "%s: the row rests on boots alone", config.where);
        }
        kernel_config_free(&config);
}

void judge_guest_has_every_console(struct judge *j)
{
        struct kernel_config config;

        kernel_config_find(j->image, &config);
        NOTE(j, "configuration", "%s", config.where);
        if (config.text) {
                NOTE_NUMBER(j, "pl011",
                            kernel_config_has(&config, "SERIAL_AMBA_PL011") &&
                                    kernel_config_has(&config, "SERIAL_AMBA_PL011_CONSOLE"));
                NOTE_NUMBER(j, "virtio-console", kernel_config_has(&config, "VIRTIO_CONSOLE"));
                NOTE_NUMBER(j, "xen-console", kernel_config_has(&config, "HVC_XEN"));
        }
        kernel_config_free(&config);
}

void judge_kernel_has_paravirtual_drivers(struct judge *j)
{
        static const char *const options[] = {
                "VIRTIO_PCI",     "VIRTIO_MMIO",         "VIRTIO_BLK",          "VIRTIO_NET", "VIRTIO_CONSOLE",
                "VIRTIO_BALLOON", "XEN_BLKDEV_FRONTEND", "XEN_NETDEV_FRONTEND", "HVC_XEN",    "XEN_BALLOON"};
        struct kernel_config config;

        kernel_config_find(j->image, &config);
        if (config.text) {
                NOTE(j, "configuration", "%s", config.where);
                for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
                        option_judge(j, &config, options[i]);
        } else {
                SKIP(j, "%s", config.where);
        }
        kernel_config_free(&config);
}
