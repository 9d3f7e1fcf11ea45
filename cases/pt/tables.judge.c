/* SPDX-License-Identifier: BSD-2-Clause */
/* What was given as a module is in the guest's tables as it was given, beside all that the platform has to tell. */
#include "judge.h"

#include "hwdesc.h"
#include "modules.h"
#include "passed.h"
#include "wire.h"

enum { VENDOR = 128, ENTRY_V2 = 31, ENTRY_V3 = 24, TABLE_HEADER = 36 };

bool modules_given(struct judge *j, enum module_kind kind)
{
        const char *name = kind == MODULE_SMBIOS ? "smbios_modules" : "acpi_modules";
        uint64_t given = 0;

        if (evidence_number(j->evidence, EVIDENCE_TOLD, name, &given) && given)
                return true;
        NOT_APPLICABLE(j, "%s=0x%llx: nothing is passed through to this machine", name, (unsigned long long)given);
        return false;
}

/* SMBIOS ----------------------------------------------------------------------------------------------------------- */

bool smbios_read(struct judge *j, struct bytes *ret_entry, struct bytes *ret_table)
{
        struct evidence_table entry, table;
        size_t at = 0;
        bool cut;

        if (!CHECK_SAY(j,
                       evidence_next_table(j->evidence->of[EVIDENCE_SMBIOS], &at, &entry, &cut) &&
                               entry.bytes.size >= ENTRY_V3 &&
                               evidence_next_table(j->evidence->of[EVIDENCE_SMBIOS], &at, &table, &cut),
                       "an SMBIOS entry point that leads to its structures", "%u bytes of SMBIOS",
                       (unsigned)j->evidence->of[EVIDENCE_SMBIOS].size))
                return false;
        *ret_entry = entry.bytes;
        *ret_table = table.bytes;
        return true;
}

bool structure_next(struct bytes table, size_t *at, struct bytes *ret)
{
        size_t end = *at + STRUCTURE_HEADER <= table.size ? smbios_structure_end(table, *at) : 0;

        if (!end)
                return false;
        *ret = (struct bytes){table.data + *at, end - *at};
        *at = end;
        return true;
}

bool structure_is(struct bytes structure, const struct module *module)
{
        return structure.size == module->size && memcmp(structure.data, module->bytes, 2) == 0 &&
               memcmp(structure.data + STRUCTURE_HEADER, module->bytes + STRUCTURE_HEADER,
                      module->size - STRUCTURE_HEADER) == 0;
}

static void structure_judge(struct judge *j, struct bytes table, const struct module *module)
{
        struct bytes structure;
        unsigned of_type = 0, same = 0;

        for (size_t at = 0; structure_next(table, &at, &structure);)
                if (structure.data[0] == module->bytes[0]) {
                        of_type++;
                        same += structure_is(structure, module);
                }
        CHECK_SAY(j, of_type == 1 && same == 1, "one structure of the type, as the module has it",
                  "type %u: %u structures, %u as given", module->bytes[0], of_type, same);
}

void judge_given_structures_are_there(struct judge *j)
{
        struct bytes entry, table;
        struct module module;

        if (!modules_given(j, MODULE_SMBIOS) || !smbios_read(j, &entry, &table))
                return;
        for (unsigned i = 0; module_make(i, &module); i++)
                if (module.kind == MODULE_SMBIOS && module.bytes[0] < VENDOR)
                        structure_judge(j, table, &module);
}

/* The next module of a vendor's type; false where there is none. */
static bool vendor_next(unsigned *index, struct module *ret)
{
        while (module_make((*index)++, ret))
                if (ret->kind == MODULE_SMBIOS && ret->bytes[0] >= VENDOR)
                        return true;
        return false;
}

void judge_vendor_structures_are_in_order(struct judge *j)
{
        struct bytes entry, table, structure;
        struct module module;
        unsigned index = 0, more = 0;

        if (!modules_given(j, MODULE_SMBIOS) || !smbios_read(j, &entry, &table))
                return;
        for (size_t at = 0; structure_next(table, &at, &structure);) {
                if (structure.data[0] < VENDOR)
                        continue;
                if (!vendor_next(&index, &module)) {
                        more++;
                        continue;
                }
                CHECK_SAY(j, structure_is(structure, &module), "the module that comes next", "type %u, expected %s",
                          structure.data[0], module.name);
                CHECK_EQ(j, wire_get16(structure.data + 2), wire_get16(module.bytes + 2));
        }
        CHECK_SAY(j, !vendor_next(&index, &module) && !more, "as many vendor structures as were given", "%u too many",
                  more);
}

static void entry_v2_judge(struct judge *j, struct bytes entry, unsigned count, size_t largest)
{
        CHECK_SAY(j, bytes_sum((struct bytes){entry.data, ENTRY_V2}) == 0, "an entry point that sums to 0", "0x%x",
                  bytes_sum((struct bytes){entry.data, ENTRY_V2}));
        CHECK_SAY(j, bytes_sum((struct bytes){entry.data + 16, ENTRY_V2 - 16}) == 0, "\"_DMI_\" and on sums to 0",
                  "0x%x", bytes_sum((struct bytes){entry.data + 16, ENTRY_V2 - 16}));
        CHECK_EQ(j, wire_get16(entry.data + 28), count);
        CHECK_EQ(j, wire_get16(entry.data + 8), largest);
}

void judge_entry_point_counts_structures(struct judge *j)
{
        struct bytes entry, table, structure = {0};
        unsigned count = 0;
        size_t largest = 0, at = 0;

        if (!modules_given(j, MODULE_SMBIOS) || !smbios_read(j, &entry, &table))
                return;
        while (structure_next(table, &at, &structure)) {
                count++;
                largest = structure.size > largest ? structure.size : largest;
                if (structure.data[0] == END_OF_TABLE)
                        break;
        }
        CHECK_SAY(j, structure.size && structure.data[0] == END_OF_TABLE, "structures that end with type 127",
                  "%u structures in %u of %u bytes", count, (unsigned)at, (unsigned)table.size);
        if (entry.size >= ENTRY_V2 && memcmp(entry.data, "_SM_", 4) == 0) {
                entry_v2_judge(j, entry, count, largest);
                CHECK_EQ(j, table.size, at);
                return;
        }
        entry.size = ENTRY_V3;
        CHECK_SAY(j, memcmp(entry.data, "_SM3_", 5) == 0 && bytes_sum(entry) == 0, "an entry point that sums to 0",
                  "0x%x", bytes_sum(entry));
        CHECK_LE(j, at, table.size);
}

/* ACPI ------------------------------------------------------------------------------------------------------------- */

static bool acpi_given(struct judge *j)
{
        return modules_given(j, MODULE_ACPI) &&
               CHECK_SAY(j, acpi_table(j->evidence->of[EVIDENCE_ACPI], "XSDT", 0).size, "an XSDT", "none");
}

/* How many tables are the module byte for byte. */
static unsigned table_count(const struct judge *j, const struct module *module)
{
        struct bytes table;
        char signature[5] = {0};
        unsigned same = 0;

        memcpy(signature, module->bytes, 4);
        for (unsigned i = 0; (table = acpi_table(j->evidence->of[EVIDENCE_ACPI], signature, i)).data; i++)
                same += table.size == module->size && memcmp(table.data, module->bytes, module->size) == 0;
        return same;
}

void judge_given_tables_are_there(struct judge *j)
{
        struct module module;

        if (!acpi_given(j))
                return;
        for (unsigned i = 0; module_make(i, &module); i++)
                if (module.kind == MODULE_ACPI)
                        CHECK_SAY(j, table_count(j, &module) == 1, "one table that is the module", "%s: %u",
                                  module.name, table_count(j, &module));
}

void judge_own_tables_stay_in_force(struct judge *j)
{
        struct bytes first, second;

        if (!acpi_given(j))
                return;
        first = acpi_table(j->evidence->of[EVIDENCE_ACPI], "APIC", 0);
        second = acpi_table(j->evidence->of[EVIDENCE_ACPI], "APIC", 1);
        NOTE_NUMBER(j, "bytes of a second APIC", second.size);
        CHECK_SAY(j, first.size > TABLE_HEADER && memcmp(first.data + 10, "VMSPEC", 6) != 0,
                  "a first APIC that is the platform's", "%u bytes%s", (unsigned)first.size,
                  first.size > TABLE_HEADER ? "" : ", none");
}

void judge_many_tables_keep_the_xsdt_whole(struct judge *j)
{
        unsigned given = 0, there = 0;
        struct module module;

        if (!acpi_given(j))
                return;
        judge_acpi_tables_are_whole(j);
        for (unsigned i = 0; module_make(i, &module); i++)
                if (module.kind == MODULE_ACPI) {
                        given++;
                        there += table_count(j, &module) > 0;
                }
        NOTE_NUMBER(j, "tables given", given);
        CHECK_EQ(j, there, given);
}

/* A VMM may repair its length or leave it out; what lies behind the file is nobody's to see. */
void judge_too_long_a_table_shows_no_more(struct judge *j)
{
        struct bytes table;
        struct module module;

        if (!acpi_given(j))
                return;
        for (unsigned i = 0; module_make(i, &module); i++) {
                if (module.kind != MODULE_ACPI_BAD)
                        continue;
                table = acpi_table(j->evidence->of[EVIDENCE_ACPI], "VSPL", 0);
                CHECK_SAY(j, table.size <= module.size, "none, or no more than the module has", "%u bytes of %u",
                          (unsigned)table.size, (unsigned)module.size);
                CHECK_SAY(j, bytes_sum(table) == 0, "none, or bytes that sum to 0", "0x%x", bytes_sum(table));
        }
}

/* Both --------------------------------------------------------------------------------------------------------- */

void judge_uefi_leads_to_given_tables(struct judge *j)
{
        if (!modules_given(j, MODULE_SMBIOS))
                return;
        CHECK_SAY(j, table_offered(j->evidence, guid_acpi20), "a configuration table with the ACPI 2.0 GUID", "none");
        CHECK_SAY(j, table_offered(j->evidence, guid_smbios) || table_offered(j->evidence, guid_smbios3),
                  "a configuration table with an SMBIOS GUID", "none");
        judge_given_structures_are_there(j);
        judge_vendor_structures_are_in_order(j);
        judge_given_tables_are_there(j);
}

void judge_qemu_options_pass_tables_through(struct judge *j)
{
        judge_uefi_leads_to_given_tables(j);
}

/* Where the tables ended up, a loader that takes all RAM does not overwrite them. */
void judge_tables_left_their_modules(struct judge *j)
{
        if (acpi_given(j))
                judge_acpi_tables_lie_in_acpi_memory(j);
}
