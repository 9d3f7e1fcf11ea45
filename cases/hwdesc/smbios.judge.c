/* SPDX-License-Identifier: BSD-2-Clause */
/* The SMBIOS 3 entry point and its structures are whole, and those that SBBR asks of a server are there. */
#include "judge.h"

#include "hwdesc.h"
#include "wire.h"

enum { ENTRY = 24, END_OF_TABLE = 127 };

size_t smbios_structure_end(struct bytes table, size_t at)
{
        size_t next = at + table.data[at + 1];

        if (table.data[at + 1] < 4)
                return 0;
        for (; next + 2 <= table.size; next++)
                if (!table.data[next] && !table.data[next + 1])
                        return next + 2;
        return 0;
}

/* Marks the types that are there; false where the walk breaks off before the end-of-table structure. */
static bool table_walk(struct bytes table, bool ret_types[256])
{
        for (size_t at = 0; at + 4 <= table.size;) {
                uint8_t type = table.data[at];

                ret_types[type] = true;
                at = smbios_structure_end(table, at);
                if (!at)
                        return false;
                if (type == END_OF_TABLE)
                        return true;
        }
        return false;
}

static void entry_judge(struct judge *j, struct bytes entry)
{
        CHECK_SAY(j, memcmp(entry.data, "_SM3_", 5) == 0, "the anchor \"_SM3_\"", "0x%llx",
                  (unsigned long long)wire_get64(entry.data));
        CHECK_SAY(j, entry.data[6] == ENTRY && bytes_sum(entry) == 0, "24 bytes that sum to 0", "%u that sum to 0x%x",
                  entry.data[6], bytes_sum(entry));
        CHECK_GE(j, entry.data[7], 3);
}

void judge_smbios3_is_whole(struct judge *j)
{
        static const uint8_t wanted[] = {0, 1, 3, 4, 16, 17, 19};
        struct bytes smbios = j->evidence->of[EVIDENCE_SMBIOS];
        struct evidence_table entry, table;
        bool types[256] = {false}, cut;
        size_t at = 0;

        if (!CHECK_SAY(j, table_offered(j->evidence, guid_smbios3), "a configuration table with the SMBIOS3 GUID", "%s",
                       table_offered(j->evidence, guid_smbios3) ? "it is there" : "none"))
                return;
        if (!CHECK_SAY(j, evidence_next_table(smbios, &at, &entry, &cut) && entry.bytes.size >= ENTRY,
                       "an entry point that can be read", "%u bytes", (unsigned)smbios.size))
                return;
        entry.bytes.size = ENTRY;
        entry_judge(j, entry.bytes);
        if (!CHECK_SAY(j, evidence_next_table(smbios, &at, &table, &cut), "a structure table that can be read",
                       "%u bytes", (unsigned)smbios.size))
                return;
        CHECK_SAY(j, table_walk(table.bytes, types), "structures that end, the last of type 127", "%u bytes",
                  (unsigned)table.bytes.size);
        for (size_t i = 0; i < sizeof(wanted); i++)
                CHECK_SAY(j, types[wanted[i]], "a structure that SBBR requires", "type %u", wanted[i]);
}
