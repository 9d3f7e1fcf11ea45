/* SPDX-License-Identifier: BSD-2-Clause */
/* A frame is found by what it answers, inside the regions that the description gives. */
#include "gic/gic.h"

#include "guest.h"

enum {
        GICD_ISPENDR0 = 0x200,
        GICR_TYPER = 0x8,
        GICR_TYPER_VLPIS = 1 << 1,
        GICR_TYPER_LAST = 1 << 4,
        GICR_STRIDE = 0x20000, /* RD_base and SGI_base; twice that with virtual LPIs */
        GICR_ISPENDR0 = 0x10200,
};

unsigned gic_version(const struct hw *hw)
{
        if (hw->gics == 0)
                return 0;
        if (hw->gic_version)
                return hw->gic_version;
        return hw->gicrs ? 3 : 2;
}

static uint32_t affinity_of(uint64_t mpidr)
{
        return (uint32_t)(mpidr >> 32 & 0xff) << 24 | (uint32_t)(mpidr & 0xffffff);
}

/* True where the region holds a frame of the affinity that is not the one at `but`; its walk ends at the last frame. */
static bool region_search(struct guest *g, const struct hw_range *region, uint32_t affinity, uint64_t but,
                          uint64_t *ret)
{
        uint32_t low = 0, high = 0;

        for (uint64_t at = 0; at + GICR_STRIDE <= region->size;) {
                uint64_t frame = region->base + at;

                if (!guest_peek32(g, frame + GICR_TYPER, &low) || !guest_peek32(g, frame + GICR_TYPER + 4, &high))
                        return false;
                if (high == affinity && frame != but) {
                        *ret = frame;
                        return true;
                }
                if (low & GICR_TYPER_LAST)
                        return false;
                at += low & GICR_TYPER_VLPIS ? 2 * GICR_STRIDE : GICR_STRIDE;
        }
        return false;
}

static bool regions_search(struct guest *g, uint64_t mpidr, uint64_t but, uint64_t *ret)
{
        for (unsigned i = 0; i < g->hw->gicrs; i++)
                if (region_search(g, &g->hw->gicr[i], affinity_of(mpidr), but, ret))
                        return true;
        return false;
}

bool gic_redistributor_find(struct guest *g, uint64_t mpidr, uint64_t *ret)
{
        return regions_search(g, mpidr, UINT64_MAX, ret);
}

unsigned gic_redistributor_count(struct guest *g, uint64_t mpidr)
{
        uint64_t first = 0, second = 0;

        if (!gic_redistributor_find(g, mpidr, &first))
                return 0;
        return regions_search(g, mpidr, first, &second) ? 2 : 1;
}

bool gic_pending_find(struct guest *g, uint64_t mpidr, uint64_t *ret)
{
        uint64_t address = g->hw->gicd.base + GICD_ISPENDR0, frame = 0;
        uint32_t value;

        if (gic_version(g->hw) >= 3) {
                if (!gic_redistributor_find(g, mpidr, &frame))
                        return false;
                address = frame + GICR_ISPENDR0;
        }
        if (gic_version(g->hw) == 0 || !guest_peek32(g, address, &value))
                return false;
        *ret = address;
        return true;
}
