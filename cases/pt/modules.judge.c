/* SPDX-License-Identifier: BSD-2-Clause */
/* Every module is made here and nowhere else: the files for the VMM and what a judge compares with are the same bytes.
 */
#include "modules.h"

#include <string.h>

#include "text.h"
#include "wire.h"

enum { HEADER = 36, LENGTH = 4, SUM = 9, BEYOND = 64, HANDLE = 0xa000 };

/* A structure: its type, how long its formatted part is, its strings with '|' between them, a number at an offset. */
static const struct recipe {
        const char *name;
        uint8_t type;
        uint8_t length;
        const char *strings;
        uint8_t value_at;
        uint16_t value;
} structures[] = {
        {"type0", 0, 24, "vmspec|VS-PT-02-0|11/21/2026", 18, 0},
        {"type1", 1, 27, "vmspec|pass-through|1|VS-PT-02", 24, 6},
        {"type2", 2, 15, "vmspec|board|1|VS-PT-02-2", 13, 10},
        {"type3", 3, 22, "vmspec|1|VS-PT-02-3", 5, 0x101},
        {"type11", 11, 5, "VS-PT-02-11", 4, 1},
        {"type22", 22, 26, "here|vmspec|2026|VS-PT-02-22", 9, 2},
        {"type39", 39, 22, "there|supply|vmspec|VS-PT-02-39", 14, 4},
        {"vendor1", 200, 8, "VS-PT-03-first", 4, 0x1111},
        {"vendor2", 200, 8, "VS-PT-03-second", 4, 0x2222},
        {"vendor3", 201, 12, "VS-PT-03-third|more", 4, 0x3333},
        {"type17", 17, 40, "VS-PT-04", 12, 0x7ffe},       /* nearly 32 GiB */
        {"zero", 210, 8, "VS-PT-06-zero", 4, 0x4444},     /* then its length is 0 */
        {"beyond", 211, 8, "VS-PT-06-beyond", 4, 0x5555}, /* then its length is 255 */
        {"short", 212, 8, "VS-PT-06-short", 4, 0x6666},   /* then it is 3 bytes */
};
enum { STRUCTURES = sizeof(structures) / sizeof(structures[0]), ZERO = 210, BEYOND_FILE = 211, SHORT = 212 };

/* The fields that name the strings: those behind the header, as many as there are strings. */
static void structure_make(unsigned index, struct module *ret)
{
        const struct recipe *recipe = &structures[index];
        uint8_t *bytes = ret->bytes, count = 1;
        size_t length = strlen(recipe->strings);

        text_copy(ret->name, sizeof(ret->name), recipe->name);
        bytes[0] = recipe->type;
        bytes[1] = recipe->length;
        wire_put16(bytes + 2, (uint16_t)(HANDLE + index));
        for (size_t i = 0; i < length; i++) {
                bytes[recipe->length + i] = recipe->strings[i] == '|' ? 0 : (uint8_t)recipe->strings[i];
                count = (uint8_t)(count + (recipe->strings[i] == '|'));
        }
        for (uint8_t i = 0; i < count && 4 + i < recipe->value_at; i++)
                bytes[4 + i] = (uint8_t)(i + 1);
        bytes[recipe->value_at] = (uint8_t)recipe->value;
        if (recipe->value_at + 1 < recipe->length)
                bytes[recipe->value_at + 1] = (uint8_t)(recipe->value >> 8);
        ret->size = recipe->length + length + 2;
        ret->kind = recipe->type == 17     ? MODULE_SMBIOS_OWN
                    : recipe->type >= ZERO ? MODULE_SMBIOS_BROKEN
                                           : MODULE_SMBIOS;
        if (recipe->type == ZERO || recipe->type == BEYOND_FILE)
                bytes[1] = recipe->type == ZERO ? 0 : 255;
        if (recipe->type == SHORT)
                ret->size = 3;
}

static void table_make(struct module *ret, const char *signature, const char *id, const uint8_t *body, size_t size)
{
        uint8_t *bytes = ret->bytes, sum = 0;

        ret->size = HEADER + size;
        memcpy(bytes, signature, 4);
        wire_put32(bytes + LENGTH, (uint32_t)ret->size);
        bytes[8] = 2;
        memcpy(bytes + 10, "VMSPEC", 6);
        memcpy(bytes + 16, id, strlen(id));
        wire_put32(bytes + 24, 1);
        memcpy(bytes + 28, "VMSP", 4);
        wire_put32(bytes + 32, 1);
        if (size)
                memcpy(bytes + HEADER, body, size);
        for (size_t i = 0; i < ret->size; i++)
                sum = (uint8_t)(sum + bytes[i]);
        bytes[SUM] = (uint8_t)-sum;
}

/* Name (VSnn, n): an SSDT that says nothing more. */
static void small_table_make(struct module *ret, unsigned number)
{
        uint8_t body[] = {0x08, 'V', 'S', (uint8_t)('0' + number / 10), (uint8_t)('0' + number % 10), 0x0a, 0};
        char id[9];

        body[6] = (uint8_t)number;
        text_format(id, sizeof(id), "VSSMAL%02u", number);
        text_format(ret->name, sizeof(ret->name), "ssdt%u", number);
        table_make(ret, "SSDT", id, body, sizeof(body));
}

/* An OEM's table, an SSDT, and an APIC that must not take the platform's place: flags 1, no structure. */
static bool table_of_acpi_make(struct module *ret, unsigned index)
{
        static const uint8_t oem[] = "a table that only its vendor knows";
        static const uint8_t apic[8] = {0, 0, 0xe0, 0xfe, 1};

        ret->kind = MODULE_ACPI;
        if (index < MODULE_SMALL_TABLES) {
                small_table_make(ret, index);
                return true;
        }
        if (index == MODULE_SMALL_TABLES) {
                text_copy(ret->name, sizeof(ret->name), "oem");
                table_make(ret, "VSPT", "VSOEMTAB", oem, sizeof(oem));
                return true;
        }
        if (index == MODULE_SMALL_TABLES + 1) {
                text_copy(ret->name, sizeof(ret->name), "apic");
                table_make(ret, "APIC", "VSAPICPT", apic, sizeof(apic));
                return true;
        }
        ret->kind = MODULE_ACPI_BAD;
        text_copy(ret->name, sizeof(ret->name), "long");
        table_make(ret, "VSPL", "VSLONGER", oem, sizeof(oem));
        wire_put32(ret->bytes + LENGTH, (uint32_t)ret->size + BEYOND);
        return index == MODULE_SMALL_TABLES + 2;
}

bool module_make(unsigned index, struct module *ret)
{
        memset(ret, 0, sizeof(*ret));
        if (index >= STRUCTURES)
                return table_of_acpi_make(ret, index - STRUCTURES);
        structure_make(index, ret);
        return true;
}

void module_large_make(uint8_t bytes[MODULE_LARGE])
{
        struct module head = {0};
        uint8_t sum = 0;

        table_make(&head, "VSPB", "VSLARGER", NULL, 0);
        memset(bytes, 0, MODULE_LARGE);
        memcpy(bytes, head.bytes, HEADER);
        wire_put32(bytes + LENGTH, MODULE_LARGE);
        bytes[SUM] = 0;
        for (size_t i = 0; i < HEADER; i++)
                sum = (uint8_t)(sum + bytes[i]);
        bytes[SUM] = (uint8_t)-sum;
}
