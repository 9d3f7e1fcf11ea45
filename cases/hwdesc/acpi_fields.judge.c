/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables' headers and the FADT, MADT and GTDT hold no value that ACPI reserves. */
#include "judge.h"

#include "acpi_fields.h"
#include "hwdesc.h"
#include "wire.h"

/* ACPI 5.1, the first that knows PSCI and GICv3, has these revisions; a DSDT below 2 makes AML's integers 32 bits. */
void judge_acpi_headers_are_right(struct judge *j)
{
        static const struct {
                const char *signature;
                uint8_t least, most;
        } revisions[] = {{"XSDT", 1, 255}, {"APIC", 3, 255}, {"GTDT", 2, 255}, {"DSDT", 2, 255}, {"SSDT", 2, 255},
                         {"MCFG", 1, 255}, {"SPCR", 2, 255}, {"PPTT", 1, 255}, {"DBG2", 0, 0},   {"IORT", 0, 255}};
        struct hw room;
        struct evidence_table table = {0};
        struct bytes iort;
        size_t at = 0;
        bool cut;

        if (!acpi_judged(j, &room))
                return;
        (void)evidence_next_table(j->evidence->of[EVIDENCE_ACPI], &at, &table, &cut);
        /* ACPI 5.2.2.1: reserved bits and fields of tables are 0. */
        CHECK_SAY(j, field_zero(table.bytes, 33, 3), "reserved bytes 0 at the RSDP's end", "0x%llx",
                  (unsigned long long)field_number(table.bytes, 33, 3));
        while (evidence_next_table(j->evidence->of[EVIDENCE_ACPI], &at, &table, &cut))
                for (size_t i = 0; i < sizeof(revisions) / sizeof(revisions[0]); i++)
                        if (table.bytes.size >= 36 && memcmp(table.bytes.data, revisions[i].signature, 4) == 0)
                                CHECK_SAY(j,
                                          table.bytes.data[8] >= revisions[i].least &&
                                                  table.bytes.data[8] <= revisions[i].most,
                                          "a revision that Arm's tables have", "%s: %u, at least %u",
                                          revisions[i].signature, table.bytes.data[8], revisions[i].least);
        iort = acpi_table(j->evidence->of[EVIDENCE_ACPI], "IORT", 0);
        /* DEN0049 issues E, E.a and E.c were withdrawn. */
        if (iort.data)
                CHECK_SAY(j, iort.data[8] != 1 && iort.data[8] != 2 && iort.data[8] != 4,
                          "no withdrawn revision (1, 2 or 4) of the IORT", "%u", iort.data[8]);
}

/* ACPI 5.2.9 and, for the XSDT, 5.2.8: "This field must match the OEM Table ID in the FADT." */
void judge_fadt_fields_agree(struct judge *j)
{
        enum { PROFILE_LAST = 8, RESET_SUPPORTED = 1 << 10 };
        static const uint16_t registers[] = {116, 244, 256};
        struct bytes fadt = acpi_table_judged(j, "FACP", 148), xsdt;
        uint64_t facs, x_facs;

        if (!fadt.data)
                return;
        xsdt = acpi_table(j->evidence->of[EVIDENCE_ACPI], "XSDT", 0);
        if (xsdt.data)
                CHECK_SAY(j, memcmp(xsdt.data + 16, fadt.data + 16, 8) == 0, "the OEM table id of the FADT in the XSDT",
                          "0x%llx and 0x%llx", (unsigned long long)wire_get64(xsdt.data + 16),
                          (unsigned long long)wire_get64(fadt.data + 16));
        CHECK_LE(j, fadt.data[45], PROFILE_LAST);
        facs = wire_get32(fadt.data + 36);
        x_facs = wire_get64(fadt.data + 132);
        CHECK_SAY(j, facs % 64 == 0 && x_facs % 64 == 0 && (!facs || !x_facs || facs == x_facs),
                  "one FACS at a multiple of 64, or none", "0x%llx and 0x%llx", (unsigned long long)facs,
                  (unsigned long long)x_facs);
        CHECK_SAY(j, !(wire_get16(fadt.data + 109) >> 6), "reserved bits 0 in IAPC_BOOT_ARCH", "0x%x",
                  wire_get16(fadt.data + 109));
        CHECK_SAY(j, field_zero(fadt, 111, 1), "a reserved byte 0 behind IAPC_BOOT_ARCH", "0x%x", fadt.data[111]);
        for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++)
                CHECK_SAY(j, gas_known(fadt, registers[i]), "a register in a known address space", "0x%llx at %u",
                          (unsigned long long)field_number(fadt, registers[i], 1), registers[i]);
        if (wire_get32(fadt.data + 112) & RESET_SUPPORTED)
                CHECK_SAY(j, fadt.data[117] == 8 && fadt.data[118] == 0 && wire_get64(fadt.data + 120),
                          "a reset register of 8 bits, where the flags say that there is one", "%u bits at 0x%llx",
                          fadt.data[117], (unsigned long long)wire_get64(fadt.data + 120));
}

struct madt {
        uint64_t revision;
        unsigned version; /* of the GIC */
        uint32_t interfaces;
        unsigned uids, its;
        uint32_t uid[HW_CPUS];
        uint32_t its_id[64];
};

static bool number_new(uint32_t *known, unsigned *count, unsigned most, uint32_t number)
{
        for (unsigned i = 0; i < *count; i++)
                if (known[i] == number)
                        return false;
        if (*count < most)
                known[(*count)++] = number;
        return true;
}

/* ACPI 5.2.12.14. In a GICv2 the interface's number is a bit of GICD_ITARGETSR, for eight processors. */
static void gicc_judge(struct judge *j, struct madt *madt, struct bytes e)
{
        uint64_t number = field_number(e, 4, 4), flags = field_number(e, 12, 4);

        CHECK_EACH(j, e.size >= 76, "a GICC of 76 bytes or more", "%u", (unsigned)e.size);
        CHECK_EACH(j, field_zero(e, 2, 2) && field_zero(e, 77, 1), "reserved bytes 0 in a GICC", "interface %u",
                   (unsigned)number);
        CHECK_EACH(j, !(flags >> 4), "reserved flags 0 of a GICC", "0x%llx", (unsigned long long)flags);
        CHECK_EACH(j, number_new(madt->uid, &madt->uids, HW_CPUS, (uint32_t)field_number(e, 8, 4)),
                   "an ACPI processor UID of its own", "0x%llx", (unsigned long long)field_number(e, 8, 4));
        if (madt->version == 2) {
                CHECK_EACH(j, number < 8 && !(madt->interfaces >> number & 1), "a GICv2's interface number of its own",
                           "%llu", (unsigned long long)number);
                madt->interfaces |= number < 8 ? 1u << number : 0;
        }
        CHECK_EACH(j, field_number(e, 16, 4) <= 1, "version 0 or 1 of the parking protocol", "%llu",
                   (unsigned long long)field_number(e, 16, 4));
        CHECK_EACH(j,
                   !field_number(e, 20, 4) || gsiv_is_ppi(field_number(e, 20, 4)) ||
                           gsiv_is_spi(field_number(e, 20, 4)),
                   "a performance interrupt that is a PPI, an SPI or 0", "%llu",
                   (unsigned long long)field_number(e, 20, 4));
        CHECK_EACH(j, !field_number(e, 56, 4) || gsiv_is_ppi(field_number(e, 56, 4)),
                   "a maintenance interrupt that is a PPI or 0", "%llu", (unsigned long long)field_number(e, 56, 4));
        CHECK_EACH(j,
                   (field_number(e, 24, 8) | field_number(e, 32, 8) | field_number(e, 40, 8) | field_number(e, 48, 8)) %
                                   0x1000 ==
                           0,
                   "mailbox, GICC, GICV and GICH at pages", "interface %u", (unsigned)number);
        CHECK_EACH(j, field_number(e, 60, 8) % 0x10000 == 0, "a GICR at a multiple of 64 KiB", "0x%llx",
                   (unsigned long long)field_number(e, 60, 8));
}

/* ACPI 5.2.12.16: the SPI count and base hold where flag bit 0 says so. */
static void msi_judge(struct judge *j, struct bytes e)
{
        uint64_t flags = field_number(e, 16, 4), count = field_number(e, 20, 2), base = field_number(e, 22, 2);

        CHECK_EACH(j, e.size == 24 && field_zero(e, 2, 2) && !(flags >> 1),
                   "24 bytes, reserved ones 0, of an MSI frame", "%u, flags 0x%llx", (unsigned)e.size,
                   (unsigned long long)flags);
        CHECK_EACH(j, field_number(e, 8, 8) && field_number(e, 8, 8) % 0x1000 == 0, "an MSI frame at a page", "0x%llx",
                   (unsigned long long)field_number(e, 8, 8));
        CHECK_EACH(j, !(flags & 1) || (count && base >= 32 && base + count <= 1020), "SPIs of an MSI frame",
                   "%llu from %llu", (unsigned long long)count, (unsigned long long)base);
}

/* ACPI 6.6 gave GICR and ITS a flag where reserved bytes were, in MADTs of revision 7. */
static bool head_reserved(const struct madt *madt, struct bytes e)
{
        return field_zero(e, 3, 1) && (field_zero(e, 2, 1) || (madt->revision >= 7 && e.data[2] == 1));
}

static void structure_judge(struct judge *j, struct madt *madt, struct bytes e)
{
        switch (e.data[0]) {
        case 0xb:
                gicc_judge(j, madt, e);
                break;
        case 0xc:
                CHECK_SAY(j, e.size == 24 && field_zero(e, 2, 2) && field_zero(e, 16, 4) && field_zero(e, 21, 3),
                          "24 bytes, vector base and reserved ones 0, of a GICD", "%u", (unsigned)e.size);
                CHECK_SAY(j, field_number(e, 8, 8) % 0x1000 == 0, "a GICD at a page", "0x%llx",
                          (unsigned long long)field_number(e, 8, 8));
                break;
        case 0xd:
                msi_judge(j, e);
                break;
        case 0xe:
                CHECK_EACH(j, e.size == 16 && head_reserved(madt, e), "16 bytes, reserved ones 0, of a GICR", "%u",
                           (unsigned)e.size);
                CHECK_EACH(j, field_number(e, 4, 8) % 0x10000 == 0, "a GICR at a multiple of 64 KiB", "0x%llx",
                           (unsigned long long)field_number(e, 4, 8));
                break;
        case 0xf:
                CHECK_EACH(j, e.size == 20 && head_reserved(madt, e) && field_zero(e, 16, 4),
                           "20 bytes, reserved ones 0, of an ITS", "%u", (unsigned)e.size);
                CHECK_EACH(j, number_new(madt->its_id, &madt->its, 64, (uint32_t)field_number(e, 4, 4)),
                           "an ITS id of its own", "%llu", (unsigned long long)field_number(e, 4, 4));
                CHECK_EACH(j, field_number(e, 8, 8) && field_number(e, 8, 8) % 0x10000 == 0,
                           "an ITS at a multiple of 64 KiB", "0x%llx", (unsigned long long)field_number(e, 8, 8));
        }
}

void judge_madt_entries_are_whole(struct judge *j)
{
        static struct madt madt;
        struct bytes table = acpi_table_judged(j, "APIC", MADT_FIRST), e;

        if (!table.data)
                return;
        madt = (struct madt){.revision = table.data[8]};
        /* Bit 0 says that the machine also has two 8259, the others are reserved. */
        CHECK_SAY(j, field_zero(table, 40, 4), "flags 0 of the MADT", "0x%llx",
                  (unsigned long long)field_number(table, 40, 4));
        for (size_t at = MADT_FIRST; madt_next(table, &at, &e);)
                if (e.data[0] == 0xc)
                        madt.version = (unsigned)field_number(e, 20, 1);
        for (size_t at = MADT_FIRST; madt_next(table, &at, &e);)
                structure_judge(j, &madt, e);
}

/* Platform timers (ACPI 5.2.25.1, 5.2.25.2): GT blocks and watchdogs, one after the other to the table's end. */
static void platform_timers_judge(struct judge *j, struct bytes gtdt)
{
        uint64_t count = field_number(gtdt, 88, 4), at = field_number(gtdt, 92, 4), n = 0;

        CHECK_SAY(j, at <= gtdt.size && (!count || at >= 96), "platform timers inside the GTDT", "%llu from %llu of %u",
                  (unsigned long long)count, (unsigned long long)at, (unsigned)gtdt.size);
        for (; n < count && at <= gtdt.size && gtdt.size - at >= 20; n++) {
                uint64_t length = field_number(gtdt, (size_t)at + 1, 2);

                CHECK_EACH(j, gtdt.data[at] <= 1 && field_zero(gtdt, (size_t)at + 3, 1),
                           "a GT block (0) or a watchdog (1)", "%u", gtdt.data[at]);
                if (!CHECK_EACH(j, length >= (gtdt.data[at] ? 28 : 20) && length <= gtdt.size - at,
                                "a timer inside the GTDT", "%llu bytes", (unsigned long long)length))
                        return;
                at += length;
        }
        CHECK_SAY(j, n == count, "as many platform timers as the GTDT says", "%llu of %llu", (unsigned long long)n,
                  (unsigned long long)count);
}

/* ACPI 5.2.25: an address that is not provided is all ones; flags have bits 0 to 2. Timers are the processor's own. */
void judge_gtdt_timers_are_ppis(struct judge *j)
{
        static const struct {
                const char *name;
                uint8_t at;
        } timers[] = {{"secure", 48}, {"non-secure", 56}, {"virtual", 64}, {"EL2", 72}, {"virtual EL2", 96}};
        struct bytes gtdt = acpi_table_judged(j, "GTDT", 96);
        uint64_t used[5];

        if (!gtdt.data)
                return;
        for (unsigned i = 0; i < 5 && (i < 4 || (gtdt.data[8] >= 3 && gtdt.size >= 104)); i++) {
                used[i] = field_number(gtdt, timers[i].at, 4);
                CHECK_SAY(j, !used[i] || gsiv_is_ppi(used[i]), "a PPI, or 0 for a timer that is not there", "%s: %llu",
                          timers[i].name, (unsigned long long)used[i]);
                CHECK_SAY(j, !(field_number(gtdt, timers[i].at + 4u, 4) >> 3), "flags of three bits", "%s: 0x%llx",
                          timers[i].name, (unsigned long long)field_number(gtdt, timers[i].at + 4u, 4));
                for (unsigned k = 0; k < i; k++)
                        CHECK_EACH(j, !used[i] || used[i] != used[k], "a PPI of its own", "%s and %s: %llu",
                                   timers[i].name, timers[k].name, (unsigned long long)used[i]);
        }
        CHECK_SAY(j, field_zero(gtdt, 44, 4), "a reserved field 0", "0x%llx",
                  (unsigned long long)field_number(gtdt, 44, 4));
        for (unsigned at = 36; at <= 80; at += 44)
                CHECK_SAY(j, field_number(gtdt, at, 8) == UINT64_MAX || field_number(gtdt, at, 8) % 0x1000 == 0,
                          "a counter's page, or all ones for none", "0x%llx",
                          (unsigned long long)field_number(gtdt, at, 8));
        platform_timers_judge(j, gtdt);
}
