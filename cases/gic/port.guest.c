/* SPDX-License-Identifier: BSD-2-Clause */
/* GICv2 by IHI 0048, GICv3 by IHI 0069: what an operating system does first, for one processor and one line. */
#include "gic/port.h"

#include "gic/gic.h"
#include "guest.h"

enum {
        GICD_CTLR = 0x0,
        GICD_CTLR_V2_ENABLE = 1,
        GICD_CTLR_ARE = 1 << 4,
        GICD_CTLR_GROUPS = 3,
        GICD_RWP = 1u << 31,
        /* These also count from a redistributor's SGI_base. */
        GICD_IGROUPR = 0x80,
        GICD_ISENABLER = 0x100,
        GICD_ICENABLER = 0x180,
        GICD_ISPENDR = 0x200,
        GICD_ICPENDR = 0x280,
        GICD_ISACTIVER = 0x300,
        GICD_ICACTIVER = 0x380,
        GICD_IPRIORITYR = 0x400,
        GICD_ICFGR = 0xc00,
        GICD_ITARGETSR = 0x800,
        GICD_SGIR = 0xf00,
        GICD_SGIR_SELF = 2 << 24,
        GICD_CPENDSGIR = 0xf10,
        GICD_IROUTER = 0x6000,
        GICD_SIZE_V2 = 0x1000,
        GICD_SIZE_V3 = 0x10000,

        GICR_CTLR = 0x0,
        GICR_RWP = 1 << 3,
        GICR_WAKER = 0x14,
        GICR_SLEEP = 1 << 1,
        GICR_CHILDREN_ASLEEP = 1 << 2,
        GICR_SGI_BASE = 0x10000,

        GICC_CTLR = 0x0,
        GICC_PMR = 0x4,
        GICC_BPR = 0x8,
        GICC_IAR = 0xc,
        GICC_EOIR = 0x10,
        GICC_RPR = 0x14,
        GICC_SIZE = 0x100,

        SGIS = 16,
        PRIORITY = 0x80,
        PRIORITY_ALL = 0xff,
        ICC_SRE_SRE = 1,
        ICC_CTLR_EOIMODE = 2,
        RWP_SPINS = 100000,
};

uint32_t gic_port_id(const struct gic_port *port, uint32_t acknowledged)
{
        return acknowledged & (port->version == 2 ? 0x3ff : 0xffffff);
}

const char *gic_port_find(struct guest *g, uint64_t mpidr, struct gic_port *ret)
{
        const struct hw *hw = g->hw;
        struct gic_port port = {.version = gic_version(hw), .affinity = mpidr, .gicd = hw->gicd.base};

        if (port.version == 0 || !hw->gicd.base)
                return "no GIC is described";
        if (hw->gicd.size < (port.version == 2 ? GICD_SIZE_V2 : GICD_SIZE_V3))
                return "the described distributor is too small for its registers";
        port.gicc = hw->gicc.base;
        if (port.version == 2 && (!port.gicc || hw->gicc.size < GICC_SIZE))
                return "no GICv2 CPU interface is described";
        if (port.version >= 3 && !gic_redistributor_find(g, mpidr, &port.redistributor))
                return "no described redistributor has the processor's affinity";
        *ret = port;
        return NULL;
}

/* Register by register ------------------------------------------------------------------------------------------- */

static uint64_t bank(const struct gic_port *port, uint32_t id)
{
        return id < GIC_SPI_FIRST && port->redistributor ? port->redistributor + GICR_SGI_BASE : port->gicd;
}

/* The word with the bit of a line, in a register of one bit per line. */
static uint64_t bit_word(const struct gic_port *port, uint32_t registers, uint32_t id)
{
        return bank(port, id) + registers + id / 32 * 4;
}

static uint64_t priority_word(const struct gic_port *port, uint32_t id)
{
        return bank(port, id) + GICD_IPRIORITYR + id / 4 * 4;
}

static uint64_t trigger_word(const struct gic_port *port, uint32_t id)
{
        return bank(port, id) + GICD_ICFGR + id / 16 * 4;
}

static uint64_t target_word(const struct gic_port *port, uint32_t id)
{
        return port->gicd + GICD_ITARGETSR + id / 4 * 4;
}

static bool bit_get(const struct gic_port *port, uint32_t registers, uint32_t id)
{
        return mmio_read32(bit_word(port, registers, id)) >> id % 32 & 1;
}

static void bit_put(const struct gic_port *port, uint32_t registers, uint32_t id)
{
        mmio_write32(bit_word(port, registers, id), 1u << id % 32);
}

static uint32_t byte_in(uint32_t word, uint32_t id, uint32_t value)
{
        return (word & ~(0xffu << id % 4 * 8)) | value << id % 4 * 8;
}

/* GICv3: until the writes to enables and to the control register have their effect. */
static void effect_wait(const struct gic_port *port, uint32_t id)
{
        bool redistributor = id < GIC_SPI_FIRST && port->redistributor;
        uint64_t at = redistributor ? port->redistributor + GICR_CTLR : port->gicd + GICD_CTLR;
        uint32_t mask = redistributor ? GICR_RWP : GICD_RWP;

        for (unsigned i = 0; port->version >= 3 && i < RWP_SPINS && mmio_read32(at) & mask; i++)
                ;
}

/* The processor's interface -------------------------------------------------------------------------------------- */

static void interface_open_v2(struct gic_port *port)
{
        port->before[2] = mmio_read32(port->gicc + GICC_CTLR);
        port->before[3] = mmio_read32(port->gicc + GICC_PMR);
        port->before[4] = mmio_read32(port->gicc + GICC_BPR);
        mmio_write32(port->gicc + GICC_PMR, PRIORITY_ALL);
        mmio_write32(port->gicc + GICC_BPR, 0);
        mmio_write32(port->gicc + GICC_CTLR, 1);
        mmio_write32(port->gicd + GICD_CTLR, port->before[0] | GICD_CTLR_V2_ENABLE);
}

static void redistributor_wake(const struct gic_port *port, bool awake)
{
        uint64_t waker = port->redistributor + GICR_WAKER;
        uint32_t value = mmio_read32(waker);

        mmio_write32(waker, awake ? value & ~(uint32_t)GICR_SLEEP : value | GICR_SLEEP);
        for (unsigned i = 0; awake && i < RWP_SPINS && mmio_read32(waker) & GICR_CHILDREN_ASLEEP; i++)
                ;
}

static void interface_open_v3(struct gic_port *port)
{
        arch_icc_write(ICC_SRE, arch_icc_read(ICC_SRE) | ICC_SRE_SRE);
        port->before[2] = arch_icc_read(ICC_IGRPEN1);
        port->before[3] = arch_icc_read(ICC_PMR);
        port->before[4] = arch_icc_read(ICC_CTLR);
        arch_icc_write(ICC_PMR, PRIORITY_ALL);
        arch_icc_write(ICC_BPR1, 0);
        arch_icc_write(ICC_CTLR, port->before[4] & ~(uint32_t)ICC_CTLR_EOIMODE);
        arch_icc_write(ICC_IGRPEN1, 1);
        mmio_write32(port->gicd + GICD_CTLR, port->before[0] | GICD_CTLR_ARE);
        effect_wait(port, GIC_SPI_FIRST);
        mmio_write32(port->gicd + GICD_CTLR, port->before[0] | GICD_CTLR_ARE | GICD_CTLR_GROUPS);
        effect_wait(port, GIC_SPI_FIRST);
}

void gic_port_open(struct gic_port *port)
{
        port->before[0] = mmio_read32(port->gicd + GICD_CTLR);
        if (port->version >= 3) {
                port->before[5] = mmio_read32(port->redistributor + GICR_WAKER);
                redistributor_wake(port, true);
        }
        port->before[1] = mmio_read32(bit_word(port, GICD_ISENABLER, 0));
        mmio_write32(bit_word(port, GICD_ICENABLER, 0), UINT32_MAX);
        effect_wait(port, 0);
        if (port->version == 2)
                interface_open_v2(port);
        else
                interface_open_v3(port);
}

void gic_port_close(const struct gic_port *port)
{
        if (port->version == 2) {
                mmio_write32(port->gicc + GICC_CTLR, port->before[2]);
                mmio_write32(port->gicc + GICC_PMR, port->before[3]);
                mmio_write32(port->gicc + GICC_BPR, port->before[4]);
        } else {
                arch_icc_write(ICC_IGRPEN1, port->before[2]);
                arch_icc_write(ICC_PMR, port->before[3]);
                arch_icc_write(ICC_CTLR, port->before[4]);
        }
        mmio_write32(bit_word(port, GICD_ISENABLER, 0), port->before[1]);
        mmio_write32(port->gicd + GICD_CTLR, port->before[0] | (port->version == 2 ? 0 : GICD_CTLR_ARE));
        effect_wait(port, GIC_SPI_FIRST);
        if (port->version >= 3 && port->before[5] & GICR_SLEEP)
                redistributor_wake(port, false);
}

uint32_t gic_acknowledge(const struct gic_port *port)
{
        return port->version == 2 ? mmio_read32(port->gicc + GICC_IAR) : arch_icc_read(ICC_IAR1);
}

void gic_end(const struct gic_port *port, uint32_t acknowledged)
{
        if (port->version == 2)
                mmio_write32(port->gicc + GICC_EOIR, acknowledged);
        else
                arch_icc_write(ICC_EOIR1, acknowledged);
}

uint32_t gic_running_priority(const struct gic_port *port)
{
        return (port->version == 2 ? mmio_read32(port->gicc + GICC_RPR) : arch_icc_read(ICC_RPR)) & GIC_IDLE;
}

/* One line ------------------------------------------------------------------------------------------------------- */

void gic_line_enable(const struct gic_port *port, uint32_t id)
{
        bit_put(port, GICD_ISENABLER, id);
        effect_wait(port, id);
}

void gic_line_disable(const struct gic_port *port, uint32_t id)
{
        bit_put(port, GICD_ICENABLER, id);
        effect_wait(port, id);
}

bool gic_line_is_pending(const struct gic_port *port, uint32_t id)
{
        return bit_get(port, GICD_ISPENDR, id);
}

bool gic_line_is_active(const struct gic_port *port, uint32_t id)
{
        return bit_get(port, GICD_ISACTIVER, id);
}

static void line_quiet(const struct gic_port *port, uint32_t id)
{
        uint64_t sgi = port->gicd + GICD_CPENDSGIR + id / 4 * 4;
        uint32_t senders = 0xffu << id % 4 * 8;

        gic_line_disable(port, id);
        bit_put(port, GICD_ICACTIVER, id);
        if (port->version != 2 || id >= SGIS)
                bit_put(port, GICD_ICPENDR, id);
        else if (mmio_read32(sgi) & senders) /* Xen has the register to be read alone, and stops who writes it */
                mmio_write32(sgi, senders);
}

/* The whole system routes by affinity with GICv3, by a mask of at most eight processors before. */
static void line_route(const struct gic_port *port, struct gic_line *line)
{
        uint64_t router = port->gicd + GICD_IROUTER + 8 * (uint64_t)line->id;

        if (port->version == 2) {
                line->route = mmio_read32(target_word(port, line->id));
                mmio_write32(target_word(port, line->id),
                             byte_in((uint32_t)line->route, line->id, gic_own_target(port)));
                return;
        }
        line->route = mmio_read32(router) | (uint64_t)mmio_read32(router + 4) << 32;
        mmio_write32(router, (uint32_t)port->affinity);
        mmio_write32(router + 4, (uint32_t)(port->affinity >> 32));
}

/*
 * The group is the one whose interrupts come as IRQ to who has no business with security: the first one of a GICv2,
 * the second one later. A SPI is made level-sensitive, as a UART's is; SGIs and PPIs are what they are.
 */
void gic_line_open(const struct gic_port *port, uint32_t id, struct gic_line *ret)
{
        uint32_t bit = 1u << id % 32;
        struct gic_line line = {.id = id, .enabled = bit_get(port, GICD_ISENABLER, id)};

        line_quiet(port, id);
        line.group = mmio_read32(bit_word(port, GICD_IGROUPR, id));
        mmio_write32(bit_word(port, GICD_IGROUPR, id), port->version == 2 ? line.group & ~bit : line.group | bit);
        line.priority = mmio_read32(priority_word(port, id));
        mmio_write32(priority_word(port, id), byte_in(line.priority, id, PRIORITY));
        line.trigger = mmio_read32(trigger_word(port, id));
        if (id >= GIC_SPI_FIRST) {
                mmio_write32(trigger_word(port, id), line.trigger & ~(2u << id % 16 * 2));
                line_route(port, &line);
        }
        *ret = line;
}

void gic_line_close(const struct gic_port *port, const struct gic_line *line)
{
        uint64_t router = port->gicd + GICD_IROUTER + 8 * (uint64_t)line->id;

        line_quiet(port, line->id);
        mmio_write32(bit_word(port, GICD_IGROUPR, line->id), line->group);
        mmio_write32(priority_word(port, line->id), line->priority);
        if (line->id >= GIC_SPI_FIRST) {
                mmio_write32(trigger_word(port, line->id), line->trigger);
                if (port->version == 2) {
                        mmio_write32(target_word(port, line->id), (uint32_t)line->route);
                } else {
                        mmio_write32(router, (uint32_t)line->route);
                        mmio_write32(router + 4, (uint32_t)(line->route >> 32));
                }
        }
        if (line->enabled)
                gic_line_enable(port, line->id);
}

/* SGIs ----------------------------------------------------------------------------------------------------------- */

uint32_t gic_own_target(const struct gic_port *port)
{
        uint32_t targets = mmio_read32(port->gicd + GICD_ITARGETSR);

        return (targets | targets >> 8 | targets >> 16 | targets >> 24) & 0xff;
}

void gic_send(const struct gic_port *port, uint32_t id, uint64_t affinity, uint32_t target)
{
        uint64_t low = affinity & 0xff;

        if (port->version == 2)
                mmio_write32(port->gicd + GICD_SGIR, target << 16 | id);
        else
                arch_icc_send((affinity >> 32 & 0xff) << 48 | (low >> 4) << 44 | (affinity >> 16 & 0xff) << 32 |
                              (uint64_t)id << 24 | (affinity >> 8 & 0xff) << 16 | 1u << (low & 15));
}

void gic_send_self(const struct gic_port *port, uint32_t id)
{
        if (port->version == 2)
                mmio_write32(port->gicd + GICD_SGIR, GICD_SGIR_SELF | id);
        else
                gic_send(port, id, port->affinity, 0);
}
