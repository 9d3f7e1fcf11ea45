/* SPDX-License-Identifier: BSD-2-Clause */
/* Every look into the evidence is bounded by the bytes that were recorded. */
#include "evidence.h"

#include <string.h>

const char *const guid_fdt = "b1b621d5-f19c-41a5-830b-d9152c69aae0";
const char *const guid_acpi10 = "eb9d2d30-2d88-11d3-9a16-0090273fc14d";
const char *const guid_acpi20 = "8868e871-e4f1-11d3-bc22-0080c73c8881";
const char *const guid_smbios = "eb9d2d31-2d88-11d3-9a16-0090273fc14d";
const char *const guid_smbios3 = "f2fd1544-9794-4a2c-992e-e5bbcf20e394";

const char *evidence_file_name(enum evidence_kind kind)
{
        static const char *const names[EVIDENCE_COUNT] = {
                [EVIDENCE_TOLD] = "told.txt",
                [EVIDENCE_REGISTERS] = "registers.txt",
                [EVIDENCE_CONFIG] = "config-tables.txt",
                [EVIDENCE_DISK] = "disk.txt",
                [EVIDENCE_VARIABLES] = "variables.txt",
                [EVIDENCE_FDT] = "fdt.dtb",
                [EVIDENCE_ACPI] = "acpi.bin",
                [EVIDENCE_SMBIOS] = "smbios.bin",
                [EVIDENCE_MEMORY_MAP] = "memory-map.bin",
        };

        return names[kind];
}

/* The bytes after "name=" up to the end of its line; data is NULL where there is no such line. */
static struct bytes line_find(struct bytes text, const char *name)
{
        size_t length = strlen(name);

        for (size_t at = 0; at < text.size;) {
                size_t end = at;

                while (end < text.size && text.data[end] != '\n')
                        end++;
                if (end - at > length && memcmp(text.data + at, name, length) == 0 && text.data[at + length] == '=')
                        return (struct bytes){text.data + at + length + 1, end - at - length - 1};
                at = end + 1;
        }
        return (struct bytes){0};
}

static int hex_digit(uint8_t c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        return -1;
}

bool evidence_number(const struct evidence *evidence, enum evidence_kind kind, const char *name, uint64_t *ret)
{
        struct bytes value = line_find(evidence->of[kind], name);
        uint64_t number = 0;

        if (value.size < 3 || value.size > 18 || value.data[0] != '0' || value.data[1] != 'x')
                return false;
        for (size_t i = 2; i < value.size; i++) {
                int digit = hex_digit(value.data[i]);

                if (digit < 0)
                        return false;
                number = number << 4 | (unsigned)digit;
        }
        *ret = number;
        return true;
}

bool evidence_text(const struct evidence *evidence, enum evidence_kind kind, const char *name, char *to, size_t size)
{
        struct bytes value = line_find(evidence->of[kind], name);
        size_t length = value.size < size ? value.size : size - 1;

        if (!value.data || size == 0)
                return false;
        for (size_t i = 0; i < length; i++)
                to[i] = value.data[i] >= 0x20 && value.data[i] < 0x7f ? (char)value.data[i] : '?';
        to[length] = 0;
        return true;
}

bool evidence_config_table(const struct evidence *evidence, const char *guid, uint64_t *ret_address)
{
        return evidence_number(evidence, EVIDENCE_CONFIG, guid, ret_address);
}

bool evidence_next_table(struct bytes container, size_t *at, struct evidence_table *ret, bool *ret_cut)
{
        const size_t head = 12;
        uint64_t address = 0;
        uint32_t length = 0;

        *ret_cut = false;
        if (*at == container.size)
                return false;
        *ret_cut = true;
        if (*at > container.size || container.size - *at < head)
                return false;
        for (int i = 7; i >= 0; i--)
                address = address << 8 | container.data[*at + (size_t)i];
        for (int i = 11; i >= 8; i--)
                length = length << 8 | container.data[*at + (size_t)i];
        if (container.size - *at - head < length)
                return false;
        *ret_cut = false;
        *ret = (struct evidence_table){address, {container.data + *at + head, length}};
        *at += head + length;
        return true;
}
