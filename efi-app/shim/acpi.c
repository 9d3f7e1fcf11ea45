/* SPDX-License-Identifier: BSD-2-Clause */
/* ACPI tables are edited where they lie, or on copies that the XSDT then names; sums are repaired but where asked. */
#include "shim.h"

#include <string.h>

enum { HEADER = 36, RSDP_OLD = 20, RSDP_SIZE = 36, SUM = 9, RSDP_SUM = 8, RSDP_NEW_SUM = 32, XSDT_MAX = 512 };

/* A table and the place that names it. */
struct table {
        uint8_t *bytes;
        uint8_t *named_at; /* the 8-byte address in the XSDT, RSDP or FADT */
        uint8_t *namer;    /* the table that holds that address */
};

static uint32_t length_of(const uint8_t *table)
{
        return memcmp(table, "RSD ", 4) == 0 ? RSDP_SIZE : wire_get32(table + 4);
}

static void sum_one(uint8_t *table, size_t size, size_t at)
{
        uint8_t sum = 0;

        table[at] = 0;
        for (size_t i = 0; i < size; i++)
                sum = (uint8_t)(sum + table[i]);
        table[at] = (uint8_t)-sum;
}

static void sum_repair(uint8_t *table)
{
        if (memcmp(table, "RSD ", 4) != 0) {
                sum_one(table, length_of(table), SUM);
                return;
        }
        sum_one(table, RSDP_OLD, RSDP_SUM);
        sum_one(table, RSDP_SIZE, RSDP_NEW_SUM);
}

static uint8_t *pointer(const uint8_t *at)
{
        return (uint8_t *)(uintptr_t)wire_get64(at);
}

static bool table_find(struct shim *shim, const char *signature, struct table *ret)
{
        uint8_t *rsdp = config_find(shim, &shim_acpi_guid), *xsdt = rsdp ? pointer(rsdp + 24) : NULL;

        if (!rsdp || !xsdt)
                return false;
        *ret = (struct table){rsdp, NULL, NULL};
        if (strcmp(signature, "RSDP") == 0)
                return true;
        *ret = (struct table){xsdt, rsdp + 24, rsdp};
        if (strcmp(signature, "XSDT") == 0)
                return true;
        for (uint32_t at = HEADER; at + 8 <= length_of(xsdt); at += 8) {
                uint8_t *table = pointer(xsdt + at);

                *ret = (struct table){table, xsdt + at, xsdt};
                if (memcmp(table, signature, 4) == 0)
                        return true;
                *ret = (struct table){pointer(table + 140), table + 140, table};
                if (strcmp(signature, "DSDT") == 0 && memcmp(table, "FACP", 4) == 0)
                        return true;
        }
        return false;
}

/* The table stands elsewhere from now on, with room for more behind it. */
static uint8_t *table_copy(struct shim *shim, struct table *table, EFI_MEMORY_TYPE type, size_t more)
{
        uint8_t *copy = shim_pages(shim, type, length_of(table->bytes) + more);

        if (!copy || !table->named_at)
                return NULL;
        memcpy(copy, table->bytes, length_of(table->bytes));
        wire_put64(table->named_at, (uintptr_t)copy);
        sum_repair(table->namer);
        table->bytes = copy;
        return copy;
}

static EFI_STATUS table_remove(struct table *table)
{
        uint32_t length = length_of(table->namer);
        uint8_t *end = table->namer + length;

        if (memcmp(table->namer, "XSDT", 4) != 0)
                return EFI_INVALID_PARAMETER;
        memmove(table->named_at, table->named_at + 8, (size_t)(end - table->named_at - 8));
        wire_put32(table->namer + 4, length - 8);
        sum_repair(table->namer);
        return EFI_SUCCESS;
}

static EFI_STATUS table_append(struct shim *shim, struct table *table, const uint8_t *bytes, size_t size)
{
        uint32_t length = length_of(table->bytes);

        if (!size || !table_copy(shim, table, EfiACPIReclaimMemory, size))
                return EFI_INVALID_PARAMETER;
        memcpy(table->bytes + length, bytes, size);
        wire_put32(table->bytes + 4, length + (uint32_t)size);
        sum_repair(table->bytes);
        return EFI_SUCCESS;
}

/* A second table with the same contents under another signature. */
static EFI_STATUS table_copy_as(struct shim *shim, const struct table *table, const char *signature)
{
        uint32_t length = length_of(table->bytes);
        uint8_t *copy = shim_pages(shim, EfiACPIReclaimMemory, length), address[8];
        struct table xsdt;

        if (!copy || strlen(signature) != 4 || !table_find(shim, "XSDT", &xsdt))
                return EFI_INVALID_PARAMETER;
        memcpy(copy, table->bytes, length);
        memcpy(copy, signature, 4);
        sum_repair(copy);
        wire_put64(address, (uintptr_t)copy);
        return table_append(shim, &xsdt, address, sizeof(address));
}

static EFI_STATUS table_repeat(struct shim *shim, struct table *table, struct words *words)
{
        uint32_t length = length_of(table->bytes);
        uint64_t offset = 0, size = 0, count = 0;

        if (!word_number(words, &offset) || !word_number(words, &size) || !word_number(words, &count) ||
            offset + size > length || !table_copy(shim, table, EfiACPIReclaimMemory, (size_t)(size * count)))
                return EFI_INVALID_PARAMETER;
        for (uint64_t i = 0; i < count; i++)
                memcpy(table->bytes + length + i * size, table->bytes + offset, (size_t)size);
        wire_put32(table->bytes + 4, length + (uint32_t)(size * count));
        sum_repair(table->bytes);
        return EFI_SUCCESS;
}

static EFI_STATUS table_replace(struct table *table, struct word from, struct word to)
{
        size_t length = strlen(from.text);
        bool any = false;

        if (!length || length != strlen(to.text))
                return EFI_INVALID_PARAMETER;
        for (size_t at = HEADER; at + length <= length_of(table->bytes); at++)
                if (memcmp(table->bytes + at, from.text, length) == 0) {
                        memcpy(table->bytes + at, to.text, length);
                        any = true;
                }
        sum_repair(table->bytes);
        return any ? EFI_SUCCESS : EFI_NOT_FOUND;
}

static EFI_STATUS table_late(struct shim *shim, const struct table *table, struct words *words)
{
        uint64_t offset = 0;

        if (!word_number(words, &offset) || offset >= length_of(table->bytes))
                return EFI_INVALID_PARAMETER;
        return late_change(shim, table->bytes + offset, table->bytes + SUM);
}

static EFI_STATUS table_patch(struct table *table, uint64_t offset, struct words *words)
{
        uint8_t bytes[HEX_MAX];
        size_t size = word_bytes(words, bytes);

        if (!size || offset + size > length_of(table->bytes))
                return EFI_INVALID_PARAMETER;
        memcpy(table->bytes + offset, bytes, size);
        if (strcmp(word_next(words).text, "keep-sum") != 0)
                sum_repair(table->bytes);
        return EFI_SUCCESS;
}

EFI_STATUS acpi_defect(struct shim *shim, struct words *words)
{
        struct word signature = word_next(words), verb;
        struct words rest = *words;
        struct table table;
        uint8_t bytes[HEX_MAX];
        uint64_t offset = 0;
        EFI_MEMORY_TYPE type;

        if (!table_find(shim, signature.text, &table))
                return EFI_NOT_FOUND;
        if (word_number(words, &offset))
                return table_patch(&table, offset, words);
        verb = word_next(&rest);
        if (strcmp(verb.text, "remove") == 0)
                return table_remove(&table);
        if (strcmp(verb.text, "append") == 0)
                return table_append(shim, &table, bytes, word_bytes(&rest, bytes));
        if (strcmp(verb.text, "repeat") == 0)
                return table_repeat(shim, &table, &rest);
        if (strcmp(verb.text, "replace") == 0) {
                struct word from = word_next(&rest);

                return table_replace(&table, from, word_next(&rest));
        }
        if (strcmp(verb.text, "late") == 0)
                return table_late(shim, &table, &rest);
        if (strcmp(verb.text, "copy-as") == 0)
                return table_copy_as(shim, &table, word_next(&rest).text);
        if (strcmp(verb.text, "move") != 0 || !word_memory_type(&rest, &type))
                return EFI_INVALID_PARAMETER;
        return table_copy(shim, &table, type, 0) ? EFI_SUCCESS : EFI_INVALID_PARAMETER;
}
