/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line says everything that the machine file says, and nothing else than the suite needs. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "qemu_private.h"

static void word_add(struct vm *vm, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void word_add(struct vm *vm, const char *format, ...)
{
        va_list args;

        va_start(args, format);
        if (vm->words < QEMU_WORDS && vasprintf(&vm->word[vm->words], format, args) >= 0)
                vm->words++;
        else
                vm->words_lost = true;
        va_end(args);
}

/*
 * An instruction takes 2^shift ns. The longer it is, the sooner a firmware that waits by polling is at its end, as
 * U-Boot on Arm does; and the more of a boot goes into the firmware's ticks, of which a PC has the more to do.
 */
static unsigned leap_shift(const struct machine *machine)
{
        return strcmp(machine->arch, "x86_64") == 0 ? 7 : 10;
}

static void words_machine(struct vm *vm)
{
        const struct machine *machine = vm->config.machine;
        bool leaps = vm->config.setting == SETTING_LEAPING_CLOCK;
        char gic[32] = "";

        if (vm->config.gic)
                snprintf(gic, sizeof(gic), ",gic-version=%u", vm->config.gic);
        word_add(vm, "qemu-system-%s", machine->arch);
        word_add(vm, "-nodefaults");
        word_add(vm, "-no-user-config");
        word_add(vm, "-no-shutdown");
        word_add(vm, "-S"); /* the guest starts when its events are heard, see vm_listen() */
        if (vm->config.incoming >= 0) {
                word_add(vm, "-incoming");
                word_add(vm, "defer");
        }
        word_add(vm, "-display");
        word_add(vm, "none");
        word_add(vm, "-machine");
        word_add(vm, "%s%s%s%s%s", machine->type, gic, *machine->options ? "," : "", machine->options,
                 vm->config.frozen ? ",memory-backend=memory" : "");
        word_add(vm, "-accel");
        word_add(vm, "%s",
                 leaps                                        ? "tcg,thread=single"
                 : strcmp(vm->config.accelerator, "tcg") == 0 ? "tcg,thread=multi"
                                                              : vm->config.accelerator);
        if (leaps) {
                word_add(vm, "-icount");
                word_add(vm, "shift=%u,sleep=off", leap_shift(machine));
        }
        if (*machine->cpu) {
                word_add(vm, "-cpu");
                word_add(vm, "%s", machine->cpu);
        }
        word_add(vm, "-smp");
        word_add(vm, "%u", machine->processors);
        word_add(vm, "-m");
        word_add(vm, "%u", machine->memory);
        word_add(vm, "-boot");
        word_add(vm, "menu=on,splash-time=0");
}

bool qemu_goes_on(const struct vm *vm)
{
        return vm->config.frozen && vm->config.incoming >= 0;
}

static void words_memory(struct vm *vm)
{
        if (!vm->config.frozen)
                return;
        word_add(vm, "-object");
        word_add(vm, "memory-backend-file,id=memory,size=%uM,mem-path=/proc/self/fd/%d,share=%s",
                 vm->config.machine->memory, vm->config.frozen->memory, qemu_goes_on(vm) ? "off" : "on");
}

/* What the code's chip holds is part of the state: nothing needs to be read into it. */
static void words_code_from_state(struct vm *vm)
{
        struct stat status;

        word_add(vm, "-drive");
        word_add(vm, "if=pflash,unit=0,format=raw,readonly=on,file.driver=null-co,file.size=%lld",
                 stat(vm->config.machine->code, &status) ? 0 : (long long)status.st_size);
}

/* A path as the value of a -drive option: commas doubled. NULL where memory is out. */
static char *drive_path(const char *path)
{
        char *doubled = malloc(2 * strlen(path) + 1), *to = doubled;

        for (const char *at = path; doubled && *at; at++) {
                if (*at == ',')
                        *to++ = ',';
                *to++ = *at;
        }
        if (doubled)
                *to = 0;
        return doubled;
}

/* A flash chip; flags begin with a comma, or are "". */
static void words_chip(struct vm *vm, unsigned unit, const char *file, const char *flags)
{
        word_add(vm, "-drive");
        if (vm->flash_map[unit] < 0)
                word_add(vm, "if=pflash,unit=%u,format=raw%s,file=%s", unit, flags, file);
        else
                word_add(vm, "if=pflash,unit=%u,format=qcow2%s,file=/proc/self/fd/%d,data-file.filename=%s", unit,
                         flags, vm->flash_map[unit], file);
}

static void words_code(struct vm *vm)
{
        char *code = drive_path(vm->config.machine->code), *whole = NULL;
        struct stat status = {0};

        /* What is in no file: QEMU reads nothing over its own memory, which is zeros. */
        if (vm->flash_map[0] >= 0 && code && stat(vm->config.machine->code, &status) == 0 &&
            asprintf(&whole, "%s,backing.driver=null-co,backing.size=%lld", code, (long long)status.st_size) < 0)
                whole = NULL;
        words_chip(vm, 0, whole ? whole : code ? code : "", ",readonly=on");
        vm->words_lost |= code == NULL;
        free(whole);
        free(code);
}

static void words_store(struct vm *vm)
{
        const struct machine *machine = vm->config.machine;
        bool read_only = machine->store == STORE_READ_ONLY || vm->config.setting == SETTING_STORE_READ_ONLY;
        bool forgets = machine->store == STORE_SNAPSHOT || (machine->store == STORE_STAYS && vm->config.incoming >= 0);
        bool shared = machine->store == STORE_SHARED, mapped = vm->flash_map[1] >= 0;
        char file[40], flags[80];

        snprintf(file, sizeof(file), "/proc/self/fd/%d", vm->config.store);
        snprintf(flags, sizeof(flags), "%s%s%s", forgets ? ",snapshot=on" : "",
                 !shared  ? ""
                 : mapped ? ",data-file.locking=off"
                          : ",file.locking=off",
                 read_only ? ",readonly=on" : "");
        words_chip(vm, 1, file, flags);
}

static void words_firmware(struct vm *vm)
{
        const struct machine *machine = vm->config.machine;

        if (vm->config.kernel) {
                word_add(vm, "-kernel");
                word_add(vm, "%s", vm->config.kernel);
                return;
        }
        if (!machine_has_flash(machine)) {
                word_add(vm, machine->firmware == FIRMWARE_BIOS || vm->config.setting == SETTING_PVH_ELSEWHERE
                                     ? "-bios"
                                     : "-kernel");
                word_add(vm, "%s", machine->code);
                return;
        }
        if (qemu_goes_on(vm))
                words_code_from_state(vm);
        else
                words_code(vm);
        if (vm->config.store >= 0)
                words_store(vm);
}

/* The suite's disk as the setting attaches it; index SETTING_PLAIN and those not named: as the machine's file says. */
static void words_disk(struct vm *vm)
{
        static const struct {
                const char *controller, *disk;
        } attached[SETTING_COUNT] = {
                [SETTING_VIRTIO_MMIO] = {NULL, "virtio-blk-device"},
                [SETTING_VIRTIO_SCSI] = {"virtio-scsi-pci,id=controller", "scsi-hd,bus=controller.0"},
                [SETTING_NVME] = {NULL, "nvme,serial=vmspec"},
                [SETTING_USB] = {"qemu-xhci,id=controller", "usb-storage,bus=controller.0"},
                [SETTING_AHCI] = {"ich9-ahci,id=controller", "ide-hd,bus=controller.0"},
                [SETTING_MOVED] = {NULL, "virtio-blk-pci,addr=0x10"},
                [SETTING_MORE_DISKS] = {NULL, "virtio-blk-pci,addr=0x10"},
                [SETTING_REMOVABLE] = {"qemu-xhci,id=controller", "usb-storage,bus=controller.0,removable=on"},
                [SETTING_ORDER_THIS] = {NULL, "virtio-blk-pci,addr=0x10,bootindex=0"},
                [SETTING_ORDER_OTHER] = {NULL, "virtio-blk-pci,addr=0x8"},
        };
        enum setting setting = vm->config.setting;
        const char *device = attached[setting].disk ? attached[setting].disk : vm->config.machine->disk_device;
        const char *blocks = setting == SETTING_BLOCKS_4K ? ",logical_block_size=4096,physical_block_size=4096" : "";

        if (attached[setting].controller) {
                word_add(vm, "-device");
                word_add(vm, "%s", attached[setting].controller);
        }
        word_add(vm, "-blockdev");
        word_add(vm, "driver=raw,node-name=disk,file.driver=file,file.filename=/proc/self/fd/%d", vm->config.disk);
        word_add(vm, "-device");
        word_add(vm, "%s,drive=disk%s%s", device, strstr(device, ",id=") ? "" : ",id=suite-disk", blocks);
}

static void words_other_disk(struct vm *vm, const char *name, int fd, const char *place)
{
        if (fd < 0)
                return;
        word_add(vm, "-blockdev");
        word_add(vm, "driver=raw,node-name=%s,file.driver=file,file.filename=/proc/self/fd/%d", name, fd);
        word_add(vm, "-device");
        if (vm->config.machine->firmware == FIRMWARE_KERNEL)
                word_add(vm, "virtio-blk-%s,drive=%s,serial=%s",
                         strstr(vm->config.machine->disk_device, "-pci") ? "pci" : "device", name, name);
        else
                word_add(vm, "virtio-blk-pci,drive=%s,%s", name, place);
}

/* The device that shows a foreign disk is among the machine's arguments. */
static void words_image(struct vm *vm, const struct vm_image *image)
{
        word_add(vm, "-blockdev");
        word_add(vm, "driver=%s,node-name=base,read-only=on,file.driver=%s,file.filename=/proc/self/fd/%d",
                 image->format, image->device ? "host_device" : "file", image->base);
        word_add(vm, "-blockdev");
        word_add(vm, "driver=qcow2,node-name=disk,backing=base,file.driver=file,file.filename=/proc/self/fd/%d",
                 image->overlay);
}

static void words_devices(struct vm *vm, int qmp, int virtio_console)
{
        const struct machine *machine = vm->config.machine;
        bool quiet = machine->firmware == FIRMWARE_KERNEL || (vm->config.image && vm->config.image->quiet_uart);

        word_add(vm, "-chardev");
        word_add(vm, "socket,id=qmp,fd=%d", qmp);
        word_add(vm, "-mon");
        word_add(vm, "chardev=qmp,mode=control");
        word_add(vm, "-chardev");
        word_add(vm, "stdio,id=console,signal=off");
        word_add(vm, "-serial");
        word_add(vm, "%s", quiet ? "null" : "chardev:console");
        if (machine_has_virtio_console(machine)) {
                word_add(vm, "-chardev");
                word_add(vm, "socket,id=virtio-console,fd=%d", virtio_console);
        }
        words_other_disk(vm, "blank-disk", vm->config.blank_disk, "addr=0x5");
        words_other_disk(vm, "other-disk", vm->config.other_disk,
                         vm->config.setting == SETTING_ORDER_OTHER ? "addr=0x10,bootindex=0" : "addr=0x6");
        if (vm->config.image)
                words_image(vm, vm->config.image);
        else if (vm->config.setting != SETTING_NO_DISK && !vm->config.kernel)
                words_disk(vm);
        if (vm->config.hot_disk >= 0) {
                word_add(vm, "-blockdev");
                word_add(vm, "driver=raw,node-name=hot-disk,file.driver=file,file.filename=/proc/self/fd/%d",
                         vm->config.hot_disk);
                word_add(vm, "-netdev");
                word_add(vm, "hubport,id=hot-net,hubid=0");
        }
        for (size_t i = 0; i < machine->arguments; i++)
                word_add(vm, "%s", machine->argument[i]);
}

/* Each of nearly 64 KiB, the most that QEMU takes in one table. */
enum { LARGE_MODULES = 17 };

static void words_modules(struct vm *vm)
{
        bool large = vm->config.setting == SETTING_MODULE_LARGE;

        if (vm->config.setting == SETTING_MODULE_BROKEN) {
                word_add(vm, "-smbios");
                word_add(vm, "file=%s", vm->config.machine->broken_module);
        }
        for (unsigned i = 0; large && i < LARGE_MODULES; i++) {
                word_add(vm, "-acpitable");
                word_add(vm, "file=%s", vm->config.large_module);
        }
}

int qemu_words(struct vm *vm, int qmp, int virtio_console)
{
        words_machine(vm);
        words_memory(vm);
        words_firmware(vm);
        words_devices(vm, qmp, virtio_console);
        words_modules(vm);
        return vm->words_lost ? -E2BIG : 0;
}
