/* SPDX-License-Identifier: BSD-2-Clause */
/* The tree with an SBSA UART is the VMM's own, and only what it says of its UART is another. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libfdt.h>

#include "image_boot_private.h"
#include "qcow2.h"
#include "suite_disk.h"

enum { ROOM = 4096, BLANK = 1024 * 1024, DUMP_SECONDS = 20 };

struct dump {
        bool over;
};

static void dump_event(void *context, enum vm_event event, const char *detail)
{
        struct dump *dump = context;

        (void)detail;
        dump->over |= event == VM_EXITED;
}

static void dump_console(void *context, const void *bytes, size_t size)
{
        (void)context, (void)bytes, (void)size;
}

static void dump_deadline(void *context)
{
        struct dump *dump = context;

        dump->over = true;
}

/* The VMM writes the tree that it would start with, and ends. */
static int tree_dump(struct boot *boot, const char *path, char *error, size_t error_size)
{
        struct trial_run trial = {.boot = boot};
        struct dump dump = {0};
        struct vm_config config = {
                .machine = &trial.machine, .gic = 3, .accelerator = "tcg", .image = &trial.image, .incoming = -1};
        char options[4600];
        uint64_t rtc;
        int result = trial_machine(boot, VARY_FDT, &trial.machine, &rtc, error, error_size);
        struct vm *vm = NULL;

        if (result)
                return result;
        snprintf(options, sizeof(options), "%s,dumpdtb=%s", trial.machine.options, path);
        result = machine_set(&trial.machine, "machine-options", options, error, error_size);
        trial.image = (struct vm_image){.base = private_file(BLANK), .format = "raw"};
        trial.image.overlay = qcow2_make(BLANK, 0);
        config.store = -1;
        config.other_disk = config.blank_disk = config.hot_disk = config.memory_log = -1;
        if (!result && trial.image.overlay >= 0 && trial.image.base >= 0)
                vm = hypervisor_qemu.start(boot->loop, &config, dump_event, dump_console, &dump, error, error_size);
        if (vm) {
                (void)loop_timer_set(boot->loop, 1000 * DUMP_SECONDS, dump_deadline, &dump);
                (void)loop_run(boot->loop, &dump.over);
                loop_timer_clear(boot->loop, dump_deadline, &dump);
                hypervisor_qemu.release(vm);
        }
        if (trial.image.base >= 0)
                close(trial.image.base);
        if (trial.image.overlay >= 0)
                close(trial.image.overlay);
        machine_free(&trial.machine);
        return vm ? 0 : -EIO;
}

/* Linux binds its SBSA driver to this alone; the speed is what its binding asks for. */
static int tree_edit(void *tree)
{
        int at = fdt_path_offset(tree, "/chosen"), result;
        const char *path = at < 0 ? NULL : fdt_getprop(tree, at, "stdout-path", NULL);

        at = path ? fdt_path_offset(tree, path) : -FDT_ERR_NOTFOUND;
        if (at < 0)
                return at;
        result = fdt_setprop_string(tree, at, "compatible", "arm,sbsa-uart");
        if (!result)
                result = fdt_setprop_u32(tree, at, "current-speed", 115200);
        if (!result)
                result = fdt_delprop(tree, at, "clocks");
        return result ? result : fdt_delprop(tree, at, "clock-names");
}

int tree_make(struct boot *boot, char *path, size_t path_size, char *error, size_t error_size)
{
        char *plain = NULL, *folder = realpath(boot->options->folder, NULL);
        struct bytes from = {0};
        uint8_t *tree = NULL;
        uint32_t crc;
        int result = folder && !strpbrk(folder, ",") && asprintf(&plain, "%s/plain.dtb", folder) >= 0 ? 0 : -EINVAL;

        *path = 0;

        snprintf(error, error_size, "%s: not a name that QEMU can write a device tree to", boot->options->folder);
        if (!result)
                result = tree_dump(boot, plain, error, error_size);
        if (!result) {
                result = journal_read_file(folder, "plain.dtb", BOOT_TREE_MAX, NULL, &from);
                tree = result ? NULL : malloc(from.size + ROOM);
                snprintf(error, error_size, "%s: the VMM did not write its device tree", plain);
        }
        if (tree && (fdt_check_full(from.data, from.size) || fdt_open_into(from.data, tree, (int)(from.size + ROOM)) ||
                     tree_edit(tree))) {
                snprintf(error, error_size, "%s: the device tree names no console that could be another UART", plain);
                result = -EINVAL;
        }
        if (!result && tree) {
                (void)fdt_pack(tree);
                result = journal_write_file(boot->journal, "sbsa-uart.dtb", (struct bytes){tree, fdt_totalsize(tree)},
                                            &crc);
        }
        if (!result && tree)
                snprintf(path, path_size, "%s/sbsa-uart.dtb", folder);
        free(tree);
        free((void *)(uintptr_t)from.data);
        free(plain);
        free(folder);
        return *path ? 0 : result ? result : -ENOMEM;
}
