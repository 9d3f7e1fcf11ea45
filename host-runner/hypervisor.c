/* SPDX-License-Identifier: BSD-2-Clause */
/* A machine names its hypervisor, and machine.c has refused every name that is not here. */
#include "hypervisor.h"

#include <string.h>

const struct hypervisor *hypervisor_of(const struct machine *machine)
{
        return strcmp(machine->hypervisor, "xen") == 0 ? &hypervisor_xen : &hypervisor_qemu;
}
