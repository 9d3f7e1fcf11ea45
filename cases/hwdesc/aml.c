/* SPDX-License-Identifier: BSD-2-Clause */
/* No AML is run or parsed: a hardware id stands in it as it is. */
#include "aml.h"

#include <string.h>

#include "hw.h"

static bool bytes_hold(struct bytes in, const void *what, size_t size)
{
        for (size_t at = 0; in.size >= size && at <= in.size - size; at++)
                if (memcmp(in.data + at, what, size) == 0)
                        return true;
        return false;
}

bool aml_holds(struct bytes acpi, const void *what, size_t size)
{
        struct bytes ssdt;

        if (bytes_hold(acpi_table(acpi, "DSDT", 0), what, size))
                return true;
        for (unsigned i = 0; (ssdt = acpi_table(acpi, "SSDT", i)).data; i++)
                if (bytes_hold(ssdt, what, size))
                        return true;
        return false;
}

static unsigned hex(char c)
{
        return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'A' + 10);
}

/* Three letters of five bits each, then four hexadecimal digits, big-endian. */
static void eisa_pack(const char *id, uint8_t to[4])
{
        unsigned letters = (unsigned)(id[0] & 31) << 10 | (unsigned)(id[1] & 31) << 5 | (id[2] & 31);

        to[0] = (uint8_t)(letters >> 8);
        to[1] = (uint8_t)letters;
        to[2] = (uint8_t)(hex(id[3]) << 4 | hex(id[4]));
        to[3] = (uint8_t)(hex(id[5]) << 4 | hex(id[6]));
}

bool aml_names(struct bytes acpi, const char *id)
{
        uint8_t packed[4];

        if (aml_holds(acpi, id, strlen(id)))
                return true;
        if (strlen(id) != 7)
                return false;
        eisa_pack(id, packed);
        return aml_holds(acpi, packed, sizeof(packed));
}

/* Name (_BBN, n) with n as a byte, or as the constants zero and one. */
static void root_buses(struct bytes in, bool root[256])
{
        static const uint8_t name[] = {0x08, '_', 'B', 'B', 'N'};
        enum { ONE = 1, BYTE = 0x0a };

        for (size_t at = 0; at + sizeof(name) < in.size; at++) {
                const uint8_t *value = in.data + at + sizeof(name);

                if (memcmp(in.data + at, name, sizeof(name)) != 0)
                        continue;
                if (value[0] <= ONE)
                        root[value[0]] = true;
                else if (value[0] == BYTE && at + sizeof(name) + 1 < in.size)
                        root[value[1]] = true;
        }
}

void aml_root_buses(struct bytes acpi, bool root[256])
{
        struct bytes ssdt;

        root_buses(acpi_table(acpi, "DSDT", 0), root);
        for (unsigned i = 0; (ssdt = acpi_table(acpi, "SSDT", i)).data; i++)
                root_buses(ssdt, root);
}

bool aml_names_pci(struct bytes acpi)
{
        return aml_names(acpi, "PNP0A08") || aml_names(acpi, "PNP0A03");
}
