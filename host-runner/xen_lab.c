/* SPDX-License-Identifier: BSD-2-Clause */
/* Xen runs on a machine of QEMU's, whose only console is the agent's channel. */
#include "xen_lab.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "xen_config.h"
#include "xen_here.h"
#include "xen_private.h"

/* Of memory in MiB: what the control domain has, and what Xen takes beside it and the guest. */
enum { DOM0_MEMORY = 256, XEN_MEMORY = 512, PATH_SIZE = 512 };

static bool is_x86(const struct machine *machine)
{
        return strcmp(machine->arch, "x86_64") == 0;
}

static int lab_path(const struct machine *machine, char to[PATH_SIZE], const char *name)
{
        const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
        const char *lab = is_x86(machine) ? "amd64" : "arm64";
        int length = cache && *cache
                             ? snprintf(to, PATH_SIZE, "%s/vmspec/xen-lab-%s/%s", cache, lab, name)
                             : snprintf(to, PATH_SIZE, "%s/.cache/vmspec/xen-lab-%s/%s", home ? home : "", lab, name);

        return length < PATH_SIZE ? 0 : -ENAMETOOLONG;
}

static int lab_check(const struct machine *machine, char path[PATH_SIZE])
{
        static const char *const files[] = {"key", "xen", "vmlinuz", "initrd"};
        int result = 0;

        for (size_t i = 0; i < sizeof(files) / sizeof(files[0]) && !result; i++) {
                result = lab_path(machine, path, files[i]);
                if (!result && access(path, R_OK))
                        result = -errno;
        }
        return result;
}

/* Which agent it has, 0 where that is not told: see XEN_PROTOCOL. path: where it stands. */
static int lab_protocol(const struct machine *machine, char path[PATH_SIZE])
{
        int protocol = 0, result = lab_path(machine, path, "protocol");
        FILE *file = result ? NULL : fopen(path, "re");

        if (file && fscanf(file, "%d", &protocol) != 1)
                protocol = 0;
        if (file)
                fclose(file);
        return protocol;
}

static int lab_check_protocol(const struct machine *machine, char *error, size_t error_size)
{
        char path[PATH_SIZE];
        int protocol = lab_protocol(machine, path);

        if (protocol == XEN_PROTOCOL)
                return 0;
        snprintf(error, error_size,
                 "%s: the Xen lab is of another version: %s says %d, expected %d: ./dev xen-lab makes it anew",
                 machine->file, path, protocol, XEN_PROTOCOL);
        return -EPROTO;
}

bool xen_lab_is_missing(const struct machine *machine)
{
        char path[PATH_SIZE];

        if (xen_is_here(machine)) /* of the lab there is need for its firmware alone */
                return *machine->code && !strchr(machine->code, '/') &&
                       (lab_path(machine, path, machine->code) || access(path, R_OK));
        return machine_is_on_xen(machine) && (lab_check(machine, path) || lab_protocol(machine, path) != XEN_PROTOCOL);
}

/* A file without a folder is the lab's own. */
static int file_of_the_lab(struct machine *machine, const char *key, const char *name, char *error, size_t error_size)
{
        char path[PATH_SIZE];
        int result;

        if (!*name || strchr(name, '/'))
                return 0;
        result = lab_path(machine, path, name);
        return result ? result : machine_set(machine, key, path, error, error_size);
}

int xen_lab_firmware(struct machine *machine, char *error, size_t error_size)
{
        int result = file_of_the_lab(machine, "firmware-code", machine->code, error, error_size);

        return result || strcmp(machine->pvh_firmware, "probe") == 0
                       ? result
                       : file_of_the_lab(machine, "pvh-firmware", machine->pvh_firmware, error, error_size);
}

int xen_lab_find(struct machine *machine, char *error, size_t error_size)
{
        char path[PATH_SIZE];
        int result = lab_check(machine, path);

        if (result) {
                snprintf(error, error_size, "%s: the Xen lab is not there: %s: %s: ./dev xen-lab makes it",
                         machine->file, path, strerror(-result));
                return result;
        }
        result = lab_check_protocol(machine, error, error_size);
        if (!result)
                result = xen_config_check(machine, error, error_size);
        return result ? result : xen_lab_firmware(machine, error, error_size);
}

/* Two words of QEMU's command line, the second with a value. */
static int words_add(struct machine *machine, const char *option, const char *format, const char *value)
{
        char text[PATH_SIZE + 120];
        int length = snprintf(text, sizeof(text), format, value);
        int result = length < (int)sizeof(text) ? machine_set(machine, "arg", option, NULL, 0) : -ENAMETOOLONG;

        return result ? result : machine_set(machine, "arg", text, NULL, 0);
}

/* A file of the lab in a word that ends with its path. */
static int file_add(struct machine *machine, const char *option, const char *format, const char *name)
{
        char path[PATH_SIZE];
        int result = lab_path(machine, path, name);

        return result ? result : words_add(machine, option, format, path);
}

/*
 * Xen, the control domain's kernel and its initramfs, as the machine's firmware would start them. The control domain
 * stays on its processor: where it moves, so do its interrupts' targets, and one that is raised just then can be lost.
 */
static int words_of_arm(struct machine *lab)
{
        int result = words_add(lab, "-append", "%s",
                               "console=dtuart dom0_mem=256M dom0_max_vcpus=1 dom0_vcpus_pin sched=credit bootscrub=0");

        if (!result)
                result = file_add(lab, "-device",
                                  "guest-loader,addr=0x50000000,bootargs=console=hvc0 rdinit=/init quiet,kernel=%s",
                                  "vmlinuz");
        if (!result)
                result = file_add(lab, "-device", "guest-loader,addr=0x54000000,initrd=%s", "initrd");
        return result;
}

static int words_of_x86(struct machine *lab)
{
        char kernel[PATH_SIZE], initrd[PATH_SIZE], modules[2 * PATH_SIZE + 60];
        int result =
                words_add(lab, "-append", "%s", "console=com1 dom0_mem=256M dom0_max_vcpus=1 sched=credit bootscrub=0");

        if (!result)
                result = lab_path(lab, kernel, "vmlinuz");
        if (!result)
                result = lab_path(lab, initrd, "initrd");
        if (result)
                return result;
        snprintf(modules, sizeof(modules), "%s console=hvc0 rdinit=/init quiet,%s", kernel, initrd);
        result = machine_set(lab, "arg", "-initrd", NULL, 0);
        return result ? result : machine_set(lab, "arg", modules, NULL, 0);
}

static int words_all(struct machine *lab, const struct vm_config *config)
{
        bool pci = is_x86(lab);
        int result = pci ? words_of_x86(lab) : words_of_arm(lab);

        if (!result)
                result = words_add(lab, "-device", "virtio-serial-%s,max_ports=2", pci ? "pci" : "device");
        if (!result)
                result = words_add(lab, "-device", "%s", "virtserialport,chardev=console,name=vmspec,nr=1");
        if (!result)
                result = words_add(lab, "-blockdev",
                                   "driver=raw,node-name=firmware,read-only=on,file.driver=file,file.filename=%s",
                                   config->kernel ? config->kernel : config->machine->code);
        if (!result)
                result = words_add(lab, "-device", "virtio-blk-%s,drive=firmware,serial=firmware",
                                   pci ? "pci" : "device");
        if (!result && config->image) /* on Arm alone */
                result = words_add(lab, "-device", "virtio-blk-device,drive=disk,serial=disk,logical_block_size=%s",
                                   config->image->block_size == 4096 ? "4096" : "512");
        if (!result && config->hot_disk >= 0)
                result = words_add(lab, "-device", "virtio-blk-%s,drive=hot-disk,serial=hot-disk",
                                   pci ? "pci" : "device");
        return result;
}

int xen_lab_machine(const struct vm_config *config, struct machine *ret)
{
        struct machine lab;
        char xen[PATH_SIZE];
        int result = lab_path(config->machine, xen, "xen");

        if (!result)
                result = machine_copy(config->machine, &lab);
        if (result)
                return result;
        lab.firmware = FIRMWARE_KERNEL;
        lab.store = STORE_NONE;
        lab.memory += DOM0_MEMORY + XEN_MEMORY;
        lab.processors = 1;
        result = machine_set(&lab, "no-args", "", NULL, 0); /* those are the domain's */
        if (!result && !is_x86(&lab))
                result = machine_set(&lab, "machine-options", "virtualization=on", NULL, 0);
        if (!result)
                result = machine_set(&lab, "disk-device",
                                     is_x86(&lab) ? "virtio-blk-pci,serial=disk" : "virtio-blk-device,serial=disk",
                                     NULL, 0);
        if (!result)
                result = machine_set(&lab, "firmware-code", xen, NULL, 0);
        if (!result)
                result = words_all(&lab, config);
        if (result)
                machine_free(&lab);
        else
                *ret = lab;
        return result;
}
