/* SPDX-License-Identifier: BSD-2-Clause */
/* What comes with the GIC's version: system registers and redistributors with a GICv3, and a way for messages of PCIe.
 */
#include "gic/gic.h"

#include "guest.h"

enum {
        ICC_SRE_SRE = 1,
        GICD_TYPER = 0x4,
        GICD_TYPER_LPIS = 1 << 17,
        GITS_CTLR = 0x0,
        GITS_CTLR_ENABLED = 1,
        GITS_CTLR_QUIESCENT = 1u << 31,
        GITS_TYPER = 0x8,
        GITS_TYPER_PHYSICAL = 1,
        GITS_PIDR2 = 0xffe8,
        GITS_SIZE = 0x10000,
        MSI_TYPER = 0x8,
        V2M_SIZE = 0x1000,
        SPI_FIRST = 32,
        SPI_LAST = 1019,
};

/* An operating system sets the bit where it finds it clear; where it stays clear there is no GICv3 for it. */
static void sre_read(void *context)
{
        uint32_t *sre = context;

        *sre = arch_icc_read(ICC_SRE);
        if (!(*sre & ICC_SRE_SRE)) {
                arch_icc_write(ICC_SRE, *sre | ICC_SRE_SRE);
                *sre = arch_icc_read(ICC_SRE);
        }
}

void guest_gicv3_has_system_registers(struct guest *g)
{
        unsigned version = gic_version(g->hw);
        uint32_t sre = 0;
        bool read;

        if (!CHECK_IN(g, version, 2, 4))
                return;
        if (version == 2) {
                NOT_APPLICABLE(g, "the %s describes a GICv2", g->hw->source);
                return;
        }
        read = guest_try(g, sre_read, &sre);
        if (CHECK_SAY(g, read, "ICC_SRE can be read", "%s", read ? "it can" : "an exception"))
                CHECK_EQ(g, sre & ICC_SRE_SRE, 1);
}

void guest_one_redistributor_per_processor(struct guest *g)
{
        unsigned version = gic_version(g->hw);

        if (!CHECK_IN(g, version, 2, 4))
                return;
        if (version == 2) {
                NOT_APPLICABLE(g, "the %s describes a GICv2", g->hw->source);
                return;
        }
        if (g->hw->gicrs == HW_RANGES) {
                SKIP(g, "only the first %u redistributor regions were kept", HW_RANGES);
                return;
        }
        for (unsigned i = 0; i < g->hw->cpus && i < HW_CPUS; i++) {
                uint64_t mpidr = g->hw->cpu[i].mpidr;
                unsigned count = g->hw->cpu[i].enabled ? gic_redistributor_count(g, mpidr) : 1;

                CHECK_SAY(g, count == 1, "one redistributor of its affinity", "%s for processor 0x%llx",
                          count == 0   ? "none"
                          : count == 1 ? "one"
                                       : "two or more",
                          (unsigned long long)mpidr);
        }
}

static void its_judge(struct guest *g)
{
        uint32_t gicd = 0, control = 0, its = 0, pidr2 = 0;

        if (CHECK(g, guest_peek32(g, g->hw->gicd.base + GICD_TYPER, &gicd)))
                CHECK_NE(g, gicd & GICD_TYPER_LPIS, 0);
        if (!CHECK_SAY(g, g->hw->itss, "an ITS is described", "%u by %s", g->hw->itss, g->hw->source) ||
            !CHECK_NE(g, g->hw->its.base, 0) || !CHECK_GE(g, g->hw->its.size, GITS_SIZE) ||
            !CHECK(g, guest_peek32(g, g->hw->its.base + GITS_TYPER, &its)))
                return;
        CHECK_NE(g, its & GITS_TYPER_PHYSICAL, 0);
        if (CHECK(g, guest_peek32(g, g->hw->its.base + GITS_CTLR, &control)) && !(control & GITS_CTLR_ENABLED))
                CHECK_NE(g, control & GITS_CTLR_QUIESCENT, 0);
        if (CHECK(g, guest_peek32(g, g->hw->its.base + GITS_PIDR2, &pidr2)))
                CHECK_IN(g, pidr2 >> 4 & 15, 3, 4);
}

static void v2m_judge(struct guest *g)
{
        uint32_t typer = 0, first = g->hw->v2m_first, count = g->hw->v2m_count;

        if (!CHECK_SAY(g, g->hw->v2ms, "a GICv2m frame is described", "%u by %s", g->hw->v2ms, g->hw->source) ||
            !CHECK_NE(g, g->hw->v2m.base, 0) || !CHECK_GE(g, g->hw->v2m.size, V2M_SIZE) ||
            !CHECK(g, guest_peek32(g, g->hw->v2m.base + MSI_TYPER, &typer)))
                return;
        if (!count) {
                first = typer >> 16 & 0x3ff;
                count = typer & 0x3ff;
        }
        NOTE_NUMBER(g, "message interrupts", count);
        if (CHECK_GE(g, first, SPI_FIRST) && CHECK_GE(g, count, 1))
                CHECK_LE(g, first + count - 1, SPI_LAST);
}

void guest_pci_has_message_interrupts(struct guest *g)
{
        unsigned version = gic_version(g->hw);

        if (!CHECK_IN(g, version, 2, 4))
                return;
        if (!g->hw->ecams)
                NOT_APPLICABLE(g, "the %s describes no PCIe", g->hw->source);
        else if (version == 2)
                v2m_judge(g);
        else
                its_judge(g);
}
