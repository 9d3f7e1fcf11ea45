/* SPDX-License-Identifier: BSD-2-Clause */
/* The interrupt of a described device, the UART's transmitter: it is taken by its described id, and only when let. */
#include "console/uart.h"
#include "gic/irq.h"
#include "guest.h"

enum { PENDING_MS = 1000, TAKEN_MS = 1000, MASKED_MS = 1, WORDS_MAX = 32, GICD_TYPER = 0x4 };

static void uart_quench(struct irq *irq)
{
        mmio_write32(irq->source + UART_IMSC, 0);
}

static bool line_pending(void *context)
{
        const struct irq *irq = context;

        return gic_line_is_pending(&irq->port, irq->id);
}

/* The line of the UART: in its described id's place, with UARTIMSC restored whatever happens. */
static void uart_line_run(struct guest *g, void (*work)(struct guest *g, struct irq *irq))
{
        struct irq irq = {.id = g->hw->uart_interrupt, .quench = uart_quench};
        uint32_t before;

        if (!CHECK_IN(g, irq.id, GIC_SPI_FIRST, GIC_SPI_LAST) || !irq_port_found(g, arch_mpidr(), &irq.port) ||
            !uart_found(g, &irq.source))
                return;
        before = mmio_read32(irq.source + UART_IMSC);
        (void)irq_tried(g, &irq, work);
        mmio_write32(irq.source + UART_ICR, UART_INTERRUPTS);
        mmio_write32(irq.source + UART_IMSC, before);
}

/* The line is raised while it is off: it shows as pending, and nothing comes. */
static bool held_back(struct guest *g, struct irq *irq, uint32_t taken)
{
        bool pending;

        gic_line_disable(&irq->port, irq->id);
        mmio_write32(irq->source + UART_IMSC, UART_TX);
        pending = guest_wait(g, PENDING_MS, line_pending, irq);
        irq_take(g, irq, taken + 1, MASKED_MS);
        return CHECK_SAY(g, pending, "pending while it is disabled and raised", "SPI %u is not", irq->id) &&
               CHECK_SAY(g, irq->taken == taken && !irq->strange, "nothing taken while it is disabled",
                         "SPI %u: %u taken, %u others", irq->id, irq->taken - taken, irq->strange);
}

static void taken_and_masked(struct guest *g, struct irq *irq)
{
        if (!uart_transmit_raised(g, irq->source))
                return;
        for (uint32_t taken = 0; taken < 2 && held_back(g, irq, taken); taken++) {
                gic_line_enable(&irq->port, irq->id);
                irq_take(g, irq, taken + 1, TAKEN_MS);
                irq_judge(g, arch_mpidr(), irq, taken + 1);
        }
}

void guest_described_spi_is_taken(struct guest *g)
{
        if (!uart_is_listed(g) || !g->hw->uart_interrupt)
                SKIP(g, "no device is described whose interrupt the suite can raise: no pl011 or SBSA UART with one");
        else
                uart_line_run(g, taken_and_masked);
}

/* A word of pending bits for each 32 lines, to tell which SPI came instead; only as many as the distributor has. */
static unsigned pending_read(const struct gic_port *port, uint32_t word[WORDS_MAX])
{
        unsigned count = (mmio_read32(port->gicd + GICD_TYPER) & 31) + 1;

        for (unsigned i = 1; i < count; i++) {
                word[i] = 0;
                for (uint32_t bit = 0; bit < 32; bit++)
                        if (32 * i + bit <= GIC_SPI_LAST && gic_line_is_pending(port, 32 * i + bit))
                                word[i] |= 1u << bit;
        }
        return count;
}

static uint32_t spi_raised(const uint32_t *before, const uint32_t *after, unsigned count)
{
        for (uint32_t id = GIC_SPI_FIRST; id < 32 * count; id++)
                if (after[id / 32] & ~before[id / 32] & 1u << id % 32)
                        return id;
        return 0;
}

static uint32_t mis_seen;

static void mis_quench(struct irq *irq)
{
        mis_seen = mmio_read32(irq->source + UART_MIS);
        uart_quench(irq);
}

static void transmit_arrives(struct guest *g, struct irq *irq)
{
        uint32_t before[WORDS_MAX], after[WORDS_MAX];
        unsigned count = pending_read(&irq->port, before);

        if (!uart_transmit_raised(g, irq->source))
                return;
        irq->quench = mis_quench;
        mis_seen = 0;
        gic_line_enable(&irq->port, irq->id);
        mmio_write32(irq->source + UART_IMSC, UART_TX);
        irq_take(g, irq, 1, TAKEN_MS);
        (void)pending_read(&irq->port, after);
        CHECK_SAY(g, irq->taken == 1 && !irq->strange, "the described SPI taken once",
                  "SPI %u: %u taken, %u others; SPI %u was raised", irq->id, irq->taken, irq->strange,
                  irq->taken ? irq->id : spi_raised(before, after, count));
        if (!irq->taken)
                return;
        CHECK_NE(g, mis_seen & UART_TX, 0);
        CHECK_SAY(g, !line_pending(irq), "not pending once UARTIMSC masks it", "SPI %u still is", irq->id);
}

void guest_transmit_interrupt_arrives(struct guest *g)
{
        uart_line_run(g, transmit_arrives);
}
