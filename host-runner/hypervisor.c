/* SPDX-License-Identifier: BSD-2-Clause */
/* A machine names its hypervisor, and machine.c has refused every name that is not here. */
#include "hypervisor.h"

#include <string.h>

const struct hypervisor *hypervisor_of(const struct machine *machine)
{
        return machine_is_on_xen(machine) ? &hypervisor_xen : &hypervisor_qemu;
}

struct vm_config vm_config_bare(const struct machine *machine)
{
        return (struct vm_config){
                .machine = machine,
                .gic = machine->gic,
                .accelerator = "tcg",
                .disk = -1,
                .other_disk = -1,
                .blank_disk = -1,
                .store = -1,
                .hot_disk = -1,
                .memory_log = -1,
                .incoming = -1,
        };
}
