/* SPDX-License-Identifier: BSD-2-Clause */
/* The fixed hardware of ACPI turns the machine off without any firmware. */
#include "power.h"

#include <string.h>

#include "arch.h"
#include "hw.h"
#include "wire.h"

enum { HEADER = 36, PM1A_CONTROL = 64, FADT_LEAST = 68, SLEEP_TYPE_SHIFT = 10, SLEEP_ENABLE = 1 << 13 };

/*
 * The first element of the package \_S5: Name, Package, a length of one byte, the count of elements, an integer as
 * ZeroOp, OneOp or BytePrefix.
 */
static bool sleep_type(struct bytes dsdt, uint8_t *ret)
{
        static const uint8_t name[] = {'_', 'S', '5', '_', 0x12};
        enum { BYTE_PREFIX = 0x0a, BEHIND = sizeof(name) + 2 };

        for (size_t at = HEADER; at + BEHIND + 2 <= dsdt.size; at++) {
                const uint8_t *type = dsdt.data + at + BEHIND;

                if (memcmp(dsdt.data + at, name, sizeof(name)) != 0 || type[-2] >> 6)
                        continue;
                *ret = type[0] == BYTE_PREFIX ? type[1] : type[0];
                return *ret < 8;
        }
        return false;
}

void power_off(const struct evidence *evidence)
{
        struct bytes fadt = acpi_table(evidence->of[EVIDENCE_ACPI], "FACP", 0);
        struct bytes dsdt = acpi_table(evidence->of[EVIDENCE_ACPI], "DSDT", 0);
        uint32_t port;
        uint8_t type;

        if (fadt.size < FADT_LEAST || !sleep_type(dsdt, &type))
                return;
        port = wire_get32(fadt.data + PM1A_CONTROL);
        if (port && port <= UINT16_MAX)
                arch_port_write16((uint16_t)port, (uint16_t)(type << SLEEP_TYPE_SHIFT | SLEEP_ENABLE));
}
