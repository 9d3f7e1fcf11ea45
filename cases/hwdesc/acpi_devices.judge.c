/* SPDX-License-Identifier: BSD-2-Clause */
/* MCFG, SPCR, DBG2 and IORT hold no value that their specifications reserve, and lead to what is there. */
#include "judge.h"

#include "acpi_fields.h"
#include "hwdesc.h"
#include "nodes.h"
#include "wire.h"

/* PCI Firmware Specification 4.1.2: each entry has a segment, its buses, and 1 MiB of address space for each of them.
 */
void judge_mcfg_entries_are_whole(struct judge *j)
{
        enum { FIRST = 44, ENTRY = 16, MOST = 64 };
        struct bytes mcfg = acpi_table_judged(j, "MCFG", FIRST);
        unsigned bits = address_bits(j->evidence);

        if (!mcfg.data)
                return;
        CHECK_SAY(j, (mcfg.size - FIRST) % ENTRY == 0, "whole entries", "%u bytes", (unsigned)mcfg.size - FIRST);
        CHECK_SAY(j, field_zero(mcfg, 36, 8), "reserved bytes 0", "0x%llx",
                  (unsigned long long)field_number(mcfg, 36, 8));
        for (size_t at = FIRST; at + ENTRY <= mcfg.size && at < FIRST + MOST * ENTRY; at += ENTRY) {
                uint64_t base = wire_get64(mcfg.data + at), first = mcfg.data[at + 10], last = mcfg.data[at + 11];

                CHECK_SAY(j, field_zero(mcfg, at + 12, 4), "a reserved field 0", "0x%llx",
                          (unsigned long long)field_number(mcfg, at + 12, 4));
                CHECK_SAY(j,
                          first <= last && base <= UINT64_MAX - (256 << 20) &&
                                  (base + (last << 20) + 0xfffff) >> (bits - 1) >> 1 == 0,
                          "buses in ascending order, at addresses that the processor has", "%u to %u at 0x%llx",
                          (unsigned)first, (unsigned)last, (unsigned long long)base);
                for (size_t k = FIRST; k < at; k += ENTRY)
                        CHECK_EACH(j,
                                   wire_get16(mcfg.data + k + 8) != wire_get16(mcfg.data + at + 8) ||
                                           mcfg.data[k + 11] < first || mcfg.data[k + 10] > last,
                                   "buses of a segment that no other entry has", "%u to %u", (unsigned)first,
                                   (unsigned)last);
        }
}

/* A UART's registers stand in memory, at bit 0 of words of 8 to 64 bits (ACPI 5.2.3.2; access size 0 is "legacy"). */
static void registers_judge(struct judge *j, struct bytes table, size_t at)
{
        uint64_t width = field_number(table, at + 1, 1), access = field_number(table, at + 3, 1);

        CHECK_SAY(j, field_number(table, at, 1) == 0, "registers in memory space (0)", "%llu",
                  (unsigned long long)field_number(table, at, 1));
        CHECK_SAY(j, width == 8 || width == 16 || width == 32 || width == 64, "a width of 8, 16, 32 or 64", "%llu",
                  (unsigned long long)width);
        CHECK_SAY(j, field_number(table, at + 2, 1) == 0, "bit offset 0", "%llu",
                  (unsigned long long)field_number(table, at + 2, 1));
        CHECK_SAY(j, access <= 4, "an access size of 0 to 4", "%llu", (unsigned long long)access);
}

static void spcr_pci_judge(struct judge *j, struct bytes spcr)
{
        bool none = field_number(spcr, 64, 4) == 0xffffffff;

        CHECK_SAY(j, none || (field_number(spcr, 64, 2) != 0xffff && field_number(spcr, 66, 2) != 0xffff),
                  "PCI ids that are all ones, both or neither", "0x%llx",
                  (unsigned long long)field_number(spcr, 64, 4));
        CHECK_SAY(j, !none || (field_zero(spcr, 68, 3) && field_zero(spcr, 71, 5)),
                  "no PCI address, flags or segment of what is no PCI device", "0x%llx",
                  (unsigned long long)field_number(spcr, 68, 8));
}

/* Serial Port Console Redirection Table: what is not listed here is reserved there. */
void judge_spcr_is_whole(struct judge *j)
{
        struct bytes spcr = acpi_table_judged(j, "SPCR", 80);
        uint64_t kind, gsiv, baud;

        if (!spcr.data)
                return;
        kind = field_number(spcr, 52, 1);
        gsiv = field_number(spcr, 54, 4);
        baud = field_number(spcr, 58, 1);
        CHECK_SAY(j, field_zero(spcr, 37, 3), "reserved bytes 0 behind the interface type", "0x%llx",
                  (unsigned long long)field_number(spcr, 37, 3));
        registers_judge(j, spcr, 40);
        CHECK_SAY(j, kind == 0 || kind == 8, "no interrupt (0) or one of the GIC (8)", "0x%llx",
                  (unsigned long long)kind);
        CHECK_SAY(j, field_zero(spcr, 53, 1), "no 8259 interrupt", "%llu",
                  (unsigned long long)field_number(spcr, 53, 1));
        CHECK_SAY(j, kind ? gsiv_is_spi(gsiv) : gsiv == 0, "an SPI where there is an interrupt", "%llu",
                  (unsigned long long)gsiv);
        CHECK_SAY(j, baud == 0 || baud == 3 || baud == 4 || baud == 6 || baud == 7, "a baud rate of 0, 3, 4, 6 or 7",
                  "%llu", (unsigned long long)baud);
        CHECK_EQ(j, field_number(spcr, 59, 1), 0); /* no parity */
        CHECK_EQ(j, field_number(spcr, 60, 1), 1); /* one stop bit */
        CHECK_LE(j, field_number(spcr, 61, 1), 7); /* DCD, RTS/CTS, XON/XOFF */
        CHECK_LE(j, field_number(spcr, 62, 1), 3); /* VT100, VT100+, VT-UTF8, ANSI */
        spcr_pci_judge(j, spcr);
}

/* A part of a debug device: inside it, and behind its fixed fields. */
static bool part_inside(struct bytes device, uint64_t offset, uint64_t size)
{
        return offset >= 22 && offset <= device.size && size <= device.size - offset;
}

static bool name_ends(struct bytes device)
{
        uint64_t length = field_number(device, 4, 2), at = field_number(device, 6, 2);

        if (!part_inside(device, at, length) || length < 2 || device.data[at + length - 1])
                return false;
        for (uint64_t i = at; i < at + length - 1; i++)
                if (device.data[i] < 0x20 || device.data[i] > 0x7e)
                        return false;
        return true;
}

static void device_judge(struct judge *j, struct bytes device)
{
        uint64_t count = field_number(device, 3, 1), oem = field_number(device, 8, 2);
        uint64_t bases = field_number(device, 18, 2), sizes = field_number(device, 20, 2);

        CHECK_SAY(j, device.data[0] == 0, "revision 0 of a debug device", "%u", device.data[0]);
        CHECK_SAY(j, name_ends(device), "a name inside the device that ends with a NUL", "%llu bytes at %llu",
                  (unsigned long long)field_number(device, 4, 2), (unsigned long long)field_number(device, 6, 2));
        CHECK_SAY(j, oem ? part_inside(device, field_number(device, 10, 2), oem) : field_zero(device, 10, 2),
                  "OEM data inside the device, or offset and length 0", "%llu bytes at %llu", (unsigned long long)oem,
                  (unsigned long long)field_number(device, 10, 2));
        CHECK_SAY(j, field_zero(device, 16, 2), "reserved bytes 0", "0x%llx",
                  (unsigned long long)field_number(device, 16, 2));
        if (!CHECK_SAY(j, count > 0 && part_inside(device, bases, 12 * count) && part_inside(device, sizes, 4 * count),
                       "base addresses and sizes inside the device", "%llu at %llu and %llu", (unsigned long long)count,
                       (unsigned long long)bases, (unsigned long long)sizes))
                return;
        for (uint64_t i = 0; i < count; i++) {
                registers_judge(j, device, (size_t)(bases + 12 * i));
                CHECK_SAY(j, field_number(device, (size_t)(sizes + 4 * i), 4) > 0, "a size that is not 0", "0");
        }
}

/* Microsoft Debug Port Table 2: devices one after the other; the subtypes of serial ports are the SPCR's types. */
void judge_dbg2_is_whole(struct judge *j)
{
        struct bytes dbg2 = acpi_table_judged(j, "DBG2", 44), spcr;
        uint64_t at, count, n = 0;

        if (!dbg2.data)
                return;
        at = field_number(dbg2, 36, 4);
        count = field_number(dbg2, 40, 4);
        spcr = acpi_table(j->evidence->of[EVIDENCE_ACPI], "SPCR", 0);
        CHECK_SAY(j, at >= 44, "debug devices behind the header", "%llu", (unsigned long long)at);
        for (; at >= 44 && n < count && n < 16 && at + 22 <= dbg2.size; n++) {
                uint64_t length = field_number(dbg2, (size_t)at + 1, 2);
                struct bytes device = {dbg2.data + at, (size_t)length};

                if (!CHECK_SAY(j, length >= 22 && length <= dbg2.size - at, "a debug device inside the table",
                               "%llu bytes", (unsigned long long)length))
                        return;
                device_judge(j, device);
                if (n == 0)
                        CHECK_SAY(j,
                                  field_number(device, 12, 2) == 0x8000 &&
                                          (spcr.size < 37 || field_number(device, 14, 2) == spcr.data[36]),
                                  "a serial port (0x8000) of the SPCR's type", "0x%llx, 0x%llx",
                                  (unsigned long long)field_number(device, 12, 2),
                                  (unsigned long long)field_number(device, 14, 2));
                at += length;
        }
        CHECK_SAY(j, n == count && at == dbg2.size, "as many devices as the header says, to the table's end",
                  "%llu of %llu, to %llu of %u", (unsigned long long)n, (unsigned long long)count,
                  (unsigned long long)at, (unsigned)dbg2.size);
}

/* IORT ------------------------------------------------------------------------------------------------------------- */

enum { NODES = 128, MAPPING = 20, HEAD = 16, TYPES = 7 };

struct iort {
        struct bytes bytes;
        unsigned nodes;
        uint32_t at[NODES];
};

/* DEN0049: the fixed bytes of each type of node. */
static const uint8_t node_least[TYPES] = {20, 32, 32, 76, 68, 36, 28};

static struct bytes node_at(const struct iort *iort, unsigned index)
{
        size_t at = iort->at[index];

        return (struct bytes){iort->bytes.data + at, (size_t)field_number(iort->bytes, at + 1, 2)};
}

/* Finds the nodes; each is inside the table and as long as its type wants. */
static bool nodes_find(struct judge *j, struct iort *iort)
{
        uint64_t count = field_number(iort->bytes, 36, 4), at = field_number(iort->bytes, 40, 4);

        for (iort->nodes = 0; iort->nodes < count && iort->nodes < NODES; iort->nodes++) {
                uint64_t length = at + HEAD <= iort->bytes.size ? field_number(iort->bytes, (size_t)at + 1, 2) : 0;
                uint8_t type = length ? iort->bytes.data[at] : TYPES;

                if (!CHECK_EACH(j,
                                at >= 48 && type < TYPES && length >= node_least[type] &&
                                        length <= iort->bytes.size - at,
                                "a node of type 0 to 6 inside the IORT", "type %u, %llu bytes at %llu", type,
                                (unsigned long long)length, (unsigned long long)at))
                        return false;
                iort->at[iort->nodes] = (uint32_t)at;
                at += length;
        }
        return CHECK_SAY(j, iort->nodes == count, "as many nodes as the IORT says", "%u of %llu", iort->nodes,
                         (unsigned long long)count);
}

/* A mapping leads to the start of an ITS group or of an SMMU. */
static void mappings_judge(struct judge *j, const struct iort *iort, struct bytes node)
{
        uint64_t count = field_number(node, 8, 4), at = field_number(node, 12, 4);

        CHECK_EACH(j, count || at <= node.size, "mappings inside the node", "none at %llu", (unsigned long long)at);
        if (!count ||
            !CHECK_EACH(j, node.data[0] != 0 && at >= HEAD && at <= node.size && count <= (node.size - at) / MAPPING,
                        "mappings inside a node that is no ITS group", "%llu at %llu of %u", (unsigned long long)count,
                        (unsigned long long)at, (unsigned)node.size))
                return;
        for (uint64_t m = 0; m < count && m < NODES; m++, at += MAPPING) {
                uint64_t target = field_number(node, (size_t)at + 12, 4);
                bool found = false;

                for (unsigned i = 0; i < iort->nodes; i++)
                        found |= iort->at[i] == target &&
                                 (node_at(iort, i).data[0] == 0 || node_at(iort, i).data[0] == 3 ||
                                  node_at(iort, i).data[0] == 4);
                CHECK_EACH(j, found, "a reference to an ITS group or an SMMU", "0x%llx", (unsigned long long)target);
                CHECK_EACH(j, field_number(node, (size_t)at, 4) + field_number(node, (size_t)at + 4, 4) <= UINT32_MAX,
                           "ids of 32 bits", "0x%llx", (unsigned long long)field_number(node, (size_t)at, 4));
        }
}

static bool its_known(struct bytes madt, uint64_t id)
{
        struct bytes e;

        for (size_t at = MADT_FIRST; madt_next(madt, &at, &e);)
                if (e.data[0] == 0xf && e.size >= 8 && field_number(e, 4, 4) == id)
                        return true;
        return false;
}

static bool segment_known(struct bytes mcfg, uint64_t segment)
{
        for (size_t at = 44; at + 16 <= mcfg.size; at += 16)
                if (wire_get16(mcfg.data + at + 8) == segment)
                        return true;
        return false;
}

/* An ITS group names ITSs of the MADT, a root complex a segment of the MCFG. */
static void node_judge(struct judge *j, struct bytes node)
{
        struct bytes acpi = j->evidence->of[EVIDENCE_ACPI], mcfg = acpi_table(acpi, "MCFG", 0);
        uint64_t count = node.data[0] == 0 ? field_number(node, 16, 4) : 0;

        if (!CHECK_EACH(j, count <= (node.size - 16) / 4, "ITS ids inside the group", "%llu",
                        (unsigned long long)count))
                return;
        for (uint64_t i = 0; i < count && i < 64; i++)
                CHECK_EACH(j, its_known(acpi_table(acpi, "APIC", 0), field_number(node, 20 + 4 * (size_t)i, 4)),
                           "an ITS of the MADT", "%llu", (unsigned long long)field_number(node, 20 + 4 * (size_t)i, 4));
        if (node.data[0] == 2 && mcfg.data)
                CHECK_EACH(j, segment_known(mcfg, field_number(node, 28, 4)), "a root complex of a segment of the MCFG",
                           "%llu", (unsigned long long)field_number(node, 28, 4));
}

void judge_iort_nodes_are_whole(struct judge *j)
{
        static struct iort iort;

        iort.bytes = acpi_table_judged(j, "IORT", 48);
        if (!iort.bytes.data)
                return;
        CHECK_SAY(j, field_zero(iort.bytes, 44, 4), "a reserved field 0", "0x%llx",
                  (unsigned long long)field_number(iort.bytes, 44, 4));
        if (!nodes_find(j, &iort))
                return;
        for (unsigned i = 0; i < iort.nodes; i++) {
                mappings_judge(j, &iort, node_at(&iort, i));
                node_judge(j, node_at(&iort, i));
                /* From revision 3 on: "Unique identifier for this node"; reserved before. */
                for (unsigned k = 0; k < i && iort.bytes.data[8] >= 3; k++)
                        CHECK_EACH(j, field_number(node_at(&iort, i), 4, 4) != field_number(node_at(&iort, k), 4, 4),
                                   "an identifier of its own", "%llu",
                                   (unsigned long long)field_number(node_at(&iort, i), 4, 4));
        }
}
