/* SPDX-License-Identifier: BSD-2-Clause */
/* No AML is run or parsed: a hardware id stands in it as it is. */
#include "aml.h"

#include <string.h>

#include "hw.h"
#include "wire.h"

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

/* Of the DSDT alone: the descriptor stands in the device's _CRS, behind its _HID. */
bool aml_next_virtio_mmio(struct bytes acpi, size_t *at, uint64_t *ret_base)
{
        static const char hid[] = "LNRO0005";
        static const uint8_t fixed[] = {0x86, 0x09, 0x00};
        enum { FIXED_SIZE = 12, NEAR = 96 };
        struct bytes dsdt = acpi_table(acpi, "DSDT", 0);

        for (; *at + sizeof(hid) + NEAR <= dsdt.size; ++*at) {
                if (memcmp(dsdt.data + *at, hid, sizeof(hid)) != 0)
                        continue;
                for (size_t i = sizeof(hid); i + FIXED_SIZE <= NEAR; i++) {
                        const uint8_t *descriptor = dsdt.data + *at + i;

                        if (memcmp(descriptor, fixed, sizeof(fixed)) != 0)
                                continue;
                        *ret_base = wire_get32(descriptor + 4);
                        *at += sizeof(hid);
                        return true;
                }
        }
        return false;
}

enum { AML_METHOD = 0x14, AML_AND = 0x7b, AML_LOCAL = 0x60, AML_ARGUMENT_LAST = 0x6e, AML_BYTE = 0x0a };

/* PkgLength at data: 1 to 4 bytes, that count themselves. 0 where it does not fit. */
static size_t package_length(const uint8_t *data, size_t size, size_t *ret_head)
{
        size_t more = size ? data[0] >> 6 : 0, length;

        if (size <= more)
                return 0;
        length = more ? data[0] & 15 : data[0] & 63;
        for (size_t i = 1; i <= more; i++)
                length |= (size_t)data[i] << (8 * i - 4);
        *ret_head = more + 1;
        return length <= size ? length : 0;
}

static bool holds_root(struct bytes aml)
{
        static const uint8_t express[] = {0x41, 0xd0, 0x0a, 0x08}, conventional[] = {0x41, 0xd0, 0x0a, 0x03};

        return bytes_hold(aml, express, sizeof(express)) || bytes_hold(aml, conventional, sizeof(conventional)) ||
               bytes_hold(aml, "PNP0A08", 7) || bytes_hold(aml, "PNP0A03", 7);
}

void aml_visit_roots(struct bytes acpi, aml_visit *visit, void *context)
{
        static const uint8_t device[] = {0x5b, 0x82},
                             scope_path[] = {0x5c, 0x2e, '_', 'S', 'B', '_', 'P', 'C', 'I', '0'};
        enum { AML_SCOPE = 0x10 };
        struct bytes dsdt = acpi_table(acpi, "DSDT", 0);
        size_t head = 0;

        for (size_t at = 0; at + 4 < dsdt.size; at++) {
                const uint8_t *data = dsdt.data + at;
                bool is_device = memcmp(data, device, sizeof(device)) == 0;
                size_t skip = is_device ? 2 : 1, length = 0;
                struct bytes body;

                if (is_device || data[0] == AML_SCOPE)
                        length = package_length(data + skip, dsdt.size - at - skip, &head);
                body = (struct bytes){data + skip + head, length > head ? length - head : 0};
                if (is_device
                            ? holds_root(body)
                            : body.size > sizeof(scope_path) && memcmp(body.data, scope_path, sizeof(scope_path)) == 0)
                        visit(body, context);
        }
}

/* And (local or argument or name, byte constant, ...). */
static bool and_search(struct bytes in, uint32_t *ret)
{
        for (size_t at = 0; at + 3 < in.size; at++) {
                size_t constant = at + (in.data[at + 1] >= AML_LOCAL && in.data[at + 1] <= AML_ARGUMENT_LAST ? 2 : 5);

                if (in.data[at] != AML_AND || constant + 1 >= in.size || in.data[constant] != AML_BYTE)
                        continue;
                *ret = in.data[constant + 1];
                return true;
        }
        return false;
}

bool aml_osc_control(struct bytes acpi, uint32_t *ret)
{
        struct bytes dsdt = acpi_table(acpi, "DSDT", 0);
        size_t head = 0, length;

        for (size_t at = 0; at + 6 < dsdt.size; at++) {
                length =
                        dsdt.data[at] == AML_METHOD ? package_length(dsdt.data + at + 1, dsdt.size - at - 1, &head) : 0;
                if (length > head + 4 && memcmp(dsdt.data + at + 1 + head, "_OSC", 4) == 0)
                        return and_search((struct bytes){dsdt.data + at + 1 + head, length - head}, ret);
        }
        return false;
}

bool aml_names_pci(struct bytes acpi)
{
        return aml_names(acpi, "PNP0A08") || aml_names(acpi, "PNP0A03");
}
