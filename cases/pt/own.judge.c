/* SPDX-License-Identifier: BSD-2-Clause */
/* What is the platform's to tell stays the platform's, whatever is given; what is not whole costs nothing else. */
#include "passed.h"

#include "wire.h"

enum {
        PROCESSOR = 4,
        MEMORY_ARRAY = 16,
        MEMORY_DEVICE = 17,
        MEMORY_MAPPED = 19,
        DEVICE_MAPPED = 20,
        BOOT = 32,
        SYSTEM = 1
};

/* MiB that a structure of type 17 tells of. */
static uint64_t device_size(struct bytes structure)
{
        uint16_t size = structure.size > 14 && structure.data[1] > 13 ? wire_get16(structure.data + 12) : 0;

        if (size == 0x7fff && structure.data[1] >= 0x20 && structure.size > 0x20)
                return wire_get32(structure.data + 0x1c) & 0x7fffffff;
        return size == 0xffff ? 0 : size & 0x8000 ? (size & 0x7fff) / 1024 : size;
}

static bool is_own_type(uint8_t type)
{
        return type == PROCESSOR || type == MEMORY_ARRAY || type == MEMORY_DEVICE || type == MEMORY_MAPPED ||
               type == DEVICE_MAPPED || type == BOOT || type == END_OF_TABLE;
}

static bool is_given(struct bytes structure)
{
        struct module module;

        for (unsigned i = 0; module_make(i, &module); i++)
                if (module.kind == MODULE_SMBIOS_OWN && structure_is(structure, &module))
                        return true;
        return false;
}

void judge_own_structures_stay_in_force(struct judge *j)
{
        uint64_t memory = 0, told = 0;
        struct bytes entry, table, structure;
        unsigned there[END_OF_TABLE + 1] = {0};

        if (!modules_given(j, MODULE_SMBIOS) || !smbios_read(j, &entry, &table))
                return;
        for (size_t at = 0; structure_next(table, &at, &structure);) {
                if (!is_own_type(structure.data[0]))
                        continue;
                there[structure.data[0]]++;
                told += structure.data[0] == MEMORY_DEVICE ? device_size(structure) : 0;
                CHECK_SAY(j, !is_given(structure), "a structure of the platform's own", "type %u as it was given",
                          structure.data[0]);
        }
        CHECK_SAY(j, there[PROCESSOR] && there[MEMORY_ARRAY] && there[MEMORY_MAPPED] && there[END_OF_TABLE],
                  "structures of types 4, 16, 19 and 127", "%u, %u, %u and %u of them", there[PROCESSOR],
                  there[MEMORY_ARRAY], there[MEMORY_MAPPED], there[END_OF_TABLE]);
        (void)evidence_number(j->evidence, EVIDENCE_TOLD, "memory", &memory);
        CHECK_SAY(j, told == memory >> 20, "memory devices of what the VM was given in all", "%llu MiB of %llu MiB",
                  (unsigned long long)told, (unsigned long long)memory >> 20);
}

/* The option's UUID is not the module's: whose is in type 1? */
void judge_structure_wins_over_strings(struct judge *j)
{
        struct bytes entry, table, structure;
        struct module module;
        uint64_t given = 0;
        unsigned systems = 0, same = 0;

        if (!modules_given(j, MODULE_SMBIOS))
                return;
        if (!evidence_number(j->evidence, EVIDENCE_TOLD, "smbios_uuid", &given) || !given) {
                NOT_APPLICABLE(j, "smbios_uuid=0x%llx: no option tells a field of what is passed through",
                               (unsigned long long)given);
                return;
        }
        if (!smbios_read(j, &entry, &table))
                return;
        for (unsigned i = 0; module_make(i, &module); i++)
                for (size_t at = 0; module.kind == MODULE_SMBIOS && module.bytes[0] == SYSTEM &&
                                    structure_next(table, &at, &structure);)
                        if (structure.data[0] == SYSTEM) {
                                systems++;
                                same += structure_is(structure, &module);
                        }
        CHECK_SAY(j, systems == 1 && same == 1, "one type 1, as the module has it",
                  "%u, %u of them as the module has it", systems, same);
}

/* Where the guest came up with a broken module, it has all else. */
void judge_broken_module_is_refused_or_skipped(struct judge *j)
{
        struct bytes entry, table, structure = {0};
        unsigned there[256] = {0}, overrun = 0;
        struct module module;
        size_t at = 0;

        if (!smbios_read(j, &entry, &table))
                return;
        while (structure_next(table, &at, &structure)) {
                there[structure.data[0]]++;
                for (unsigned i = 0; module_make(i, &module); i++)
                        overrun += module.kind == MODULE_SMBIOS_BROKEN && module.bytes[0] == structure.data[0] &&
                                   structure.size > module.size;
                if (structure.data[0] == END_OF_TABLE)
                        break;
        }
        CHECK_SAY(j, there[END_OF_TABLE] == 1, "structures that end with type 127", "an end at byte %u of %u",
                  (unsigned)at, (unsigned)table.size);
        CHECK_SAY(j, !overrun, "nothing of the module, or no more than its file has", "a structure that is longer");
        CHECK_SAY(j, there[PROCESSOR] && there[MEMORY_ARRAY] && there[MEMORY_DEVICE] && there[MEMORY_MAPPED],
                  "structures of types 4, 16, 17 and 19", "%u, %u, %u and %u of them", there[PROCESSOR],
                  there[MEMORY_ARRAY], there[MEMORY_DEVICE], there[MEMORY_MAPPED]);
}
