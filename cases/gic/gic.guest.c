/* SPDX-License-Identifier: BSD-2-Clause */
/* The described interrupt controller is the one that answers, and it is large enough for what is described. */
#include "gic/gic.h"

#include "guest.h"

enum {
        GICD_TYPER = 0x4,
        GICD_TYPER_LINES = 31,
        GICD_PIDR2_V2 = 0xfe8,  /* the distributor has 4 KiB: what lies behind must not be touched */
        GICD_PIDR2_V3 = 0xffe8, /* it has 64 KiB */
        GICC_IIDR = 0xfc,
        GICV2_CPUS = 8,
        SPI_LAST = 1019,
};

static uint32_t arch_rev(uint32_t pidr2)
{
        return pidr2 >> 4 & 15;
}

static uint32_t iidr_version(uint32_t iidr)
{
        return iidr >> 16 & 15;
}

/* GICC_IIDR names the architecture version too, and a distributor may leave its identification registers zero. */
static void version_2_answers(struct guest *g)
{
        uint32_t pidr2 = 0, iidr = 0;

        if (!CHECK(g, guest_peek32(g, g->hw->gicd.base + GICD_PIDR2_V2, &pidr2)))
                return;
        NOTE_NUMBER(g, "ICPIDR2", pidr2);
        if (pidr2) {
                CHECK_EQ(g, arch_rev(pidr2), 2);
                return;
        }
        if (CHECK_NE(g, g->hw->gicc.base, 0) && CHECK(g, guest_peek32(g, g->hw->gicc.base + GICC_IIDR, &iidr)))
                CHECK_EQ(g, iidr_version(iidr), 2);
}

static void version_3_answers(struct guest *g, unsigned version)
{
        uint32_t pidr2 = 0;

        if (!CHECK(g, guest_peek32(g, g->hw->gicd.base + GICD_PIDR2_V3, &pidr2)))
                return;
        NOTE_NUMBER(g, "GICD_PIDR2", pidr2);
        CHECK_IN(g, arch_rev(pidr2), version, 4); /* a GICv4 may be described as the GICv3 that it also is */
}

static void described_gic_answers(struct guest *g)
{
        unsigned version = gic_version(g->hw);

        CHECK_EQ(g, g->hw->gics, 1);
        if (!CHECK_IN(g, version, 2, 4) || !CHECK_NE(g, g->hw->gicd.base, 0))
                return;
        if (version == 2)
                version_2_answers(g);
        else
                version_3_answers(g, version);
}

void guest_described_gic_answers(struct guest *g)
{
        described_gic_answers(g);
}

void guest_both_gic_versions_work(struct guest *g)
{
        uint64_t told = 0;

        if (!evidence_number(g->evidence, EVIDENCE_TOLD, "gic", &told)) {
                SKIP(g, "the runner did not tell which GIC version it asked for");
                return;
        }
        NOTE_NUMBER(g, g->part == 1 ? "GIC asked for first" : "GIC asked for then", told);
        CHECK_IN(g, gic_version(g->hw), told < 3 ? told : 3, told);
        described_gic_answers(g);
}

static unsigned cpus_enabled(const struct hw *hw)
{
        unsigned count = 0;

        for (unsigned i = 0; i < hw->cpus && i < HW_CPUS; i++)
                count += hw->cpu[i].enabled;
        return count;
}

void guest_gicv2_has_at_most_8_cpus(struct guest *g)
{
        unsigned count = cpus_enabled(g->hw), version = gic_version(g->hw), served;
        uint32_t typer = 0;

        if (version == 0) {
                SKIP(g, "no GIC is described");
                return;
        }
        if (version != 2) {
                NOT_APPLICABLE(g, "the %s describes a GICv%u", g->hw->source, version);
                return;
        }
        CHECK_LE(g, g->hw->cpus, GICV2_CPUS);
        if (!CHECK(g, guest_peek32(g, g->hw->gicd.base + GICD_TYPER, &typer)))
                return;
        served = (typer >> 5 & 7) + 1; /* CPUNumber */
        CHECK_GE(g, served, count);
}

void guest_gic_has_every_described_spi(struct guest *g)
{
        uint32_t typer = 0, last;

        if (!CHECK_IN(g, gic_version(g->hw), 2, 4) || !CHECK(g, guest_peek32(g, g->hw->gicd.base + GICD_TYPER, &typer)))
                return;
        last = 32 * ((typer & GICD_TYPER_LINES) + 1) - 1;
        last = last < SPI_LAST ? last : SPI_LAST;
        CHECK_LE(g, g->hw->highest_spi, last);
}

static void redistributors_answer(struct guest *g)
{
        uint64_t frame = 0;

        CHECK_NE(g, g->hw->gicrs, 0);
        for (unsigned i = 0; i < g->hw->cpus && i < HW_CPUS; i++) {
                const struct hw_cpu *cpu = &g->hw->cpu[i];
                bool found = !cpu->enabled || gic_redistributor_find(g, cpu->mpidr, &frame);

                if (!found && g->hw->gicrs == HW_RANGES)
                        SKIP(g, "only the first %u redistributor regions were kept", HW_RANGES);
                else
                        CHECK_SAY(g, found, "a redistributor of its affinity", "processor 0x%llx",
                                  (unsigned long long)cpu->mpidr);
        }
}

void guest_gic_windows_answer(struct guest *g)
{
        unsigned version = gic_version(g->hw);
        uint32_t iidr = 0;

        if (!CHECK_IN(g, version, 2, 4))
                return;
        if (version >= 3) {
                redistributors_answer(g);
                return;
        }
        if (CHECK_NE(g, g->hw->gicc.base, 0) && CHECK(g, guest_peek32(g, g->hw->gicc.base + GICC_IIDR, &iidr)))
                CHECK_EQ(g, iidr_version(iidr), 2);
}
