/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads within a table's length only. */
#include "acpi_fields.h"

#include "hwdesc.h"

bool madt_next(struct bytes madt, size_t *at, struct bytes *ret)
{
        if (*at + 2 > madt.size || madt.data[*at + 1] < 2 || madt.data[*at + 1] > madt.size - *at)
                return false;
        *ret = (struct bytes){madt.data + *at, madt.data[*at + 1]};
        *at += madt.data[*at + 1];
        return true;
}

bool field_zero(struct bytes table, size_t from, size_t size)
{
        for (size_t i = from; i < from + size && i < table.size; i++)
                if (table.data[i])
                        return false;
        return true;
}

uint64_t field_number(struct bytes table, size_t from, unsigned size)
{
        uint64_t number = 0;

        for (unsigned i = size; i-- > 0 && from + size <= table.size;)
                number = number << 8 | table.data[from + i];
        return number;
}

bool gas_known(struct bytes table, size_t from)
{
        uint64_t space = field_number(table, from, 1);

        return space <= 0xa || space == 0x7f || space >= 0xc0;
}

bool gsiv_is_ppi(uint64_t gsiv)
{
        return (gsiv >= 16 && gsiv < 32) || (gsiv >= 1056 && gsiv < 1120);
}

bool gsiv_is_spi(uint64_t gsiv)
{
        return (gsiv >= 32 && gsiv < 1020) || (gsiv >= 4096 && gsiv < 5120);
}

struct bytes acpi_table_judged(struct judge *j, const char *signature, size_t least)
{
        static struct hw room;
        struct bytes table = {0};

        if (!acpi_judged(j, &room))
                return table;
        table = acpi_table(j->evidence->of[EVIDENCE_ACPI], signature, 0);
        if (table.size >= least)
                return table;
        NOT_APPLICABLE(j, "no %s of %u bytes or more to look into", signature, (unsigned)least);
        return (struct bytes){0};
}
