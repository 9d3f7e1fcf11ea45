/* SPDX-License-Identifier: BSD-2-Clause */
/* SMBIOS structures are as long as their types want, their strings are there, and their handles lead somewhere. */
#include "judge.h"

#include "acpi_fields.h"
#include "hwdesc.h"
#include "wire.h"

enum { STRUCTURES = 256, HANDLE_LAST = 0xfeff, NONE = 0xffff, NOT_PROVIDED = 0xfffe };

struct structures {
        unsigned count;
        uint16_t handle[STRUCTURES];
        uint8_t type[STRUCTURES];
        struct bytes bytes[STRUCTURES]; /* the formatted part */
        unsigned strings[STRUCTURES];
};

/* SMBIOS 3.0 section 7: least lengths, and the fields that number a string. */
static const struct kind {
        uint8_t type, least;
        uint8_t strings[7]; /* 0 ends the list */
} kinds[] = {
        {0, 0x12, {4, 5, 8}},
        {1, 0x19, {4, 5, 6, 7, 0x19, 0x1a}},
        {2, 0x08, {4, 5, 6, 7, 8, 0xa}},
        {3, 0x0d, {4, 6, 7, 8}},
        {4, 0x1a, {4, 7, 0x10, 0x20, 0x21, 0x22}},
        {7, 0x0f, {4}},
        {9, 0x0d, {4}},
        {16, 0x0f, {0}},
        {17, 0x15, {0x10, 0x11, 0x17, 0x18, 0x19, 0x1a}},
        {19, 0x0f, {0}},
        {32, 0x0b, {0}},
};

/* A byte that holds one of a few values, the others being reserved; masked first. */
static const struct choice {
        uint8_t type, at, mask, least, most;
} choices[] = {
        {0, 0x0a, 0x03, 0, 0},     {1, 0x18, 0xff, 0, 8},     {3, 0x05, 0x7f, 1, 0x24}, {3, 0x09, 0xff, 1, 6},
        {3, 0x0a, 0xff, 1, 6},     {3, 0x0b, 0xff, 1, 6},     {3, 0x0c, 0xff, 1, 5},    {4, 0x05, 0xff, 1, 6},
        {4, 0x11, 0x70, 0, 0},     {4, 0x18, 0xb8, 0, 0},     {4, 0x19, 0xff, 1, 0xff}, {4, 0x26, 0x01, 0, 0},
        {4, 0x27, 0xfc, 0, 0},     {16, 0x04, 0xff, 1, 0xa4}, {16, 0x05, 0xff, 1, 7},   {16, 0x06, 0xff, 1, 7},
        {17, 0x0e, 0xff, 1, 0x12}, {17, 0x12, 0xff, 1, 0x30}, {17, 0x13, 0x01, 0, 0},   {17, 0x1b, 0xf0, 0, 0},
        {17, 0x1f, 0x80, 0, 0},    {32, 0x04, 0xff, 0, 0},    {32, 0x05, 0xff, 0, 0},   {32, 0x06, 0xff, 0, 0},
        {32, 0x07, 0xff, 0, 0},    {32, 0x08, 0xff, 0, 0},    {32, 0x09, 0xff, 0, 0},
};

static void structures_find(struct bytes table, struct structures *all)
{
        all->count = 0;
        for (size_t at = 0; at + 4 <= table.size && all->count < STRUCTURES;) {
                unsigned length = table.data[at + 1], strings = 0;
                size_t end = at + length;

                if (length < 4 || end + 2 > table.size)
                        return;
                for (; end + 2 <= table.size && (table.data[end] || table.data[end + 1]); end++)
                        strings += table.data[end] != 0 && table.data[end + 1] == 0;
                all->handle[all->count] = wire_get16(table.data + at + 2);
                all->type[all->count] = table.data[at];
                all->bytes[all->count] = (struct bytes){table.data + at, length};
                all->strings[all->count++] = strings;
                if (table.data[at] == 127)
                        return;
                at = end + 2;
        }
}

static bool handle_of(const struct structures *all, uint16_t handle, uint8_t type)
{
        for (unsigned i = 0; i < all->count; i++)
                if (all->handle[i] == handle && all->type[i] == type)
                        return true;
        return false;
}

static void strings_judge(struct judge *j, struct bytes s, unsigned strings)
{
        for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
                if (kinds[k].type != s.data[0])
                        continue;
                CHECK_EACH(j, s.size >= kinds[k].least, "a structure as long as its type wants", "type %u: %u bytes",
                           s.data[0], (unsigned)s.size);
                for (unsigned i = 0; i < 7 && kinds[k].strings[i]; i++)
                        CHECK_EACH(j, field_number(s, kinds[k].strings[i], 1) <= strings,
                                   "the number of a string that is there", "type %u, byte %u: %u of %u", s.data[0],
                                   kinds[k].strings[i], (unsigned)field_number(s, kinds[k].strings[i], 1), strings);
        }
        for (size_t c = 0; c < sizeof(choices) / sizeof(choices[0]); c++)
                if (choices[c].type == s.data[0] && s.size > choices[c].at)
                        CHECK_EACH(j,
                                   (s.data[choices[c].at] & choices[c].mask) >= choices[c].least &&
                                           (s.data[choices[c].at] & choices[c].mask) <= choices[c].most,
                                   "a value that is not reserved", "type %u, byte %u: 0x%x", s.data[0], choices[c].at,
                                   s.data[choices[c].at]);
}

/* Memory devices and mapped addresses belong to an array (7.18, 7.20), a processor's caches to caches (7.5). */
static void handles_judge(struct judge *j, const struct structures *all, struct bytes s)
{
        if ((s.data[0] == 17 && s.size >= 6) || (s.data[0] == 19 && s.size >= 14)) {
                uint16_t array = wire_get16(s.data + (s.data[0] == 17 ? 4 : 12));

                CHECK_EACH(j, handle_of(all, array, 16), "the handle of a memory array", "type %u: 0x%x", s.data[0],
                           array);
        }
        for (size_t at = 0x1a; s.data[0] == 4 && at <= 0x1e && at + 2 <= s.size; at += 2)
                CHECK_EACH(j, wire_get16(s.data + at) == NONE || handle_of(all, wire_get16(s.data + at), 7),
                           "the handle of a cache, or 0xffff", "0x%x", wire_get16(s.data + at));
        for (size_t at = s.data[0] == 16 ? 11 : 6; (s.data[0] == 16 || s.data[0] == 17) && at + 2 <= s.size;
             at = s.size) {
                uint16_t error = wire_get16(s.data + at);

                CHECK_EACH(j, error >= NOT_PROVIDED || handle_of(all, error, 18) || handle_of(all, error, 33),
                           "the handle of a memory error, 0xfffe or 0xffff", "type %u: 0x%x", s.data[0], error);
        }
}

/* 7.5: a count above 254 stands in the wider field alone; both agree where it does not, and 0 is unknown. */
static void counts_judge(struct judge *j, struct bytes s)
{
        if (s.size >= 0x26)
                CHECK_EACH(j, s.data[0x24] <= s.data[0x23] || s.data[0x23] == 0, "no more cores enabled than there are",
                           "%u of %u", s.data[0x24], s.data[0x23]);
        for (unsigned i = 0; i < 3 && s.size >= 0x30; i++) {
                uint64_t narrow = s.data[0x23 + i], wide = field_number(s, 0x2a + 2 * i, 2);

                CHECK_EACH(j, !wide || wide == narrow || (narrow == 255 && wide > 255),
                           "counts of cores and threads that agree", "%llu and %llu", (unsigned long long)narrow,
                           (unsigned long long)wide);
        }
}

/* 7.17: an array has as many devices as it says, and no more memory in them than it can take (KiB; devices say MiB). */
static void array_judge(struct judge *j, const struct structures *all, struct bytes s)
{
        uint64_t most = field_number(s, 7, 4), sum = 0, devices = 0;

        if (s.size < 15)
                return;
        if (most == 0x80000000)
                most = field_number(s, 15, 8) / 1024;
        else /* "Extended Maximum Capacity must contain zeros" */
                CHECK_EACH(j, field_zero(s, 15, 8), "an extended capacity of 0 beside one below 2 TiB", "0x%llx",
                           (unsigned long long)field_number(s, 15, 8));
        for (unsigned i = 0; i < all->count; i++) {
                uint64_t size = field_number(all->bytes[i], 12, 2);

                if (all->type[i] != 17 || field_number(all->bytes[i], 4, 2) != field_number(s, 2, 2))
                        continue;
                devices++;
                if (size == 0x7fff)
                        sum += field_number(all->bytes[i], 0x1c, 4) * 1024;
                else if (size != 0xffff)
                        sum += size & 0x8000 ? size & 0x7fff : size * 1024;
        }
        CHECK_EACH(j, most && sum <= most, "a capacity for all memory devices", "%llu KiB of %llu",
                   (unsigned long long)sum, (unsigned long long)most);
        CHECK_EACH(j, devices <= field_number(s, 13, 2), "as many memory devices as the array has room for",
                   "%llu of %llu", (unsigned long long)devices, (unsigned long long)field_number(s, 13, 2));
}

/* 7.4: the SKU's string stands behind the contained elements. */
static void chassis_judge(struct judge *j, struct bytes s, unsigned strings)
{
        size_t sku = 0x15 + field_number(s, 0x13, 1) * field_number(s, 0x14, 1);

        if (s.size > 0x15)
                CHECK_EACH(j, sku < s.size && s.data[sku] <= strings, "the number of a string that is there",
                           "type 3, byte %u: %u of %u", (unsigned)sku, (unsigned)field_number(s, sku, 1), strings);
}

/* SMBIOS 3.0 section 5.2.2: the 64-bit entry point. */
static void entry_judge(struct judge *j, struct bytes entry, const struct evidence_table *table)
{
        CHECK_SAY(j, field_number(entry, 10, 1) == 1 && field_zero(entry, 11, 1),
                  "entry point revision 1, reserved byte 0", "%llu, 0x%llx",
                  (unsigned long long)field_number(entry, 10, 1), (unsigned long long)field_number(entry, 11, 1));
        CHECK_SAY(j, field_number(entry, 16, 8) == table->address, "the structure table's address",
                  "0x%llx, read at 0x%llx", (unsigned long long)field_number(entry, 16, 8),
                  (unsigned long long)table->address);
        CHECK_GE(j, field_number(entry, 12, 4), table->bytes.size);
}

void judge_smbios_structures_are_whole(struct judge *j)
{
        static struct structures all;
        struct bytes smbios = j->evidence->of[EVIDENCE_SMBIOS];
        struct evidence_table entry, table;
        size_t at = 0;
        uint64_t address = 0;
        bool cut;

        if (!table_offered(j->evidence, guid_smbios3)) {
                NOT_APPLICABLE(j, "no configuration table has the SMBIOS3 GUID");
                return;
        }
        if (!CHECK_SAY(j,
                       evidence_next_table(smbios, &at, &entry, &cut) && entry.bytes.size >= 24 &&
                               evidence_next_table(smbios, &at, &table, &cut),
                       "an entry point and a structure table that can be read", "%u bytes", (unsigned)smbios.size))
                return;
        (void)evidence_config_table(j->evidence, guid_smbios3, &address);
        CHECK_SAY(j, entry.address == address, "an entry point where the configuration table points",
                  "0x%llx, read at 0x%llx", (unsigned long long)address, (unsigned long long)entry.address);
        entry_judge(j, entry.bytes, &table);
        structures_find(table.bytes, &all);
        for (unsigned i = 0; i < all.count; i++) {
                strings_judge(j, all.bytes[i], all.strings[i]);
                handles_judge(j, &all, all.bytes[i]);
                if (all.type[i] == 3)
                        chassis_judge(j, all.bytes[i], all.strings[i]);
                else if (all.type[i] == 4)
                        counts_judge(j, all.bytes[i]);
                else if (all.type[i] == 16)
                        array_judge(j, &all, all.bytes[i]);
                CHECK_EACH(j, all.handle[i] <= HANDLE_LAST, "a handle to 0xfeff", "0x%x", all.handle[i]);
                for (unsigned k = 0; k < i; k++)
                        CHECK_EACH(j, all.handle[i] != all.handle[k], "a handle of its own", "0x%x", all.handle[i]);
        }
        NOTE_NUMBER(j, "structures", all.count);
}
