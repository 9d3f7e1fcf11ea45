/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU reads a flash chip's file whole into its memory at each start, and those of a virt machine are 64 MiB each of
 * which two hold anything. So it is told by a qcow2 file which bytes are in the chip's file: the rest is zeros, as
 * there.
 */
#include <fcntl.h>
#include <unistd.h>

#include "qcow2.h"
#include "qemu_private.h"
#include "suite_disk.h"

static int code_map(const struct machine *machine)
{
        int code = open(machine->code, O_RDONLY | O_CLOEXEC), map;

        if (code < 0)
                return -1;
        map = qcow2_make_flash(code);
        close(code);
        return map;
}

/* A chip without a map is read as it is, and is no different. */
void qemu_flash_open(struct vm *vm)
{
        const struct vm_config *config = &vm->config;
        bool chips = !config->kernel && machine_has_flash(config->machine);

        vm->flash_map[0] = chips && !qemu_goes_on(vm) ? code_map(config->machine) : -1;
        vm->flash_map[1] = chips && config->store >= 0 ? qcow2_make_flash(config->store) : -1;
}

void qemu_flash_close(struct vm *vm)
{
        for (int i = 0; i < 2; i++)
                private_drop(&vm->flash_map[i]);
}
