/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An event of the guest's own comes as the interrupt that Xen names for events. To see it alone, all other channels are
 * masked for the while; the page that Xen shares with the guest takes the place of one of the application's.
 */
#include "gic/irq.h"
#include "guest.h"
#include "xen.h"

#include <libfdt.h>

/* struct shared_info on Arm, of one virtual processor: vcpu_info, and a bit for each of the channels. */
enum { UPCALL = 0, SELECTED = 8, PENDING = 48, MASK = 48 + 512, WORDS = 128 };
enum { PPI = 1, PPI_FIRST = 16, CALLBACK_PPI = 2, PATIENCE_MS = 1000 };

struct add_page {
        uint16_t domain, size;
        uint32_t space;
        uint64_t index, frame;
};

struct channel {
        uint32_t processor, port;
};

static volatile uint8_t shared[4096] __attribute__((aligned(4096)));
static volatile struct channel channel;

static volatile uint32_t *word_of(unsigned at, unsigned index)
{
        return (volatile uint32_t *)(uintptr_t)(shared + at) + index;
}

static uint64_t selected_read(void)
{
        return *word_of(SELECTED, 0) | (uint64_t)*word_of(SELECTED, 1) << 32;
}

static void selected_write(uint64_t value)
{
        *word_of(SELECTED, 0) = (uint32_t)value;
        *word_of(SELECTED, 1) = (uint32_t)(value >> 32);
}

/* The interrupt that the hypervisor says by itself, 0: it says none. */
static uint32_t interrupt_told(struct guest *g)
{
        uint64_t value = 0;
        bool told = xen_parameter(XEN_CALLBACK, &value) && value >> 56 == CALLBACK_PPI;

        CHECK_SAY(g, told, "HVM_PARAM_CALLBACK_IRQ names a PPI", "0x%llx", (unsigned long long)value);
        return told ? value & 0xff : 0;
}

/* Where there is a device tree, its node names the same one. */
static void node_agrees(struct guest *g, uint32_t id)
{
        struct bytes fdt = g->evidence->of[EVIDENCE_FDT];
        const fdt32_t *cell;
        int node, length = 0;

        if (fdt.size < sizeof(struct fdt_header) || fdt_check_header(fdt.data) || fdt_totalsize(fdt.data) > fdt.size)
                return;
        node = fdt_node_offset_by_compatible(fdt.data, -1, "xen,xen");
        cell = node < 0 ? NULL : fdt_getprop(fdt.data, node, "interrupts", &length);
        if (!CHECK_SAY(g, cell && length >= 8, "a node xen,xen with interrupts", "%d bytes", length))
                return;
        CHECK_SAY(g, fdt32_to_cpu(cell[0]) == PPI && fdt32_to_cpu(cell[1]) + PPI_FIRST == id,
                  "the node's interrupt is the one that Xen names", "kind %u, number %u; Xen names %u",
                  (unsigned)fdt32_to_cpu(cell[0]), (unsigned)fdt32_to_cpu(cell[1]), id);
}

static bool page_shared(struct guest *g)
{
        static volatile struct add_page add;
        int64_t status;

        add.domain = XEN_SELF;
        add.space = XEN_SHARED_INFO;
        add.frame = (uintptr_t)shared / 4096;
        arch_cache_clean(shared, sizeof(shared));
        status = arch_xen_call(XEN_MEMORY_CALL, XEN_ADD_PAGE, (uintptr_t)&add, 0);
        return CHECK_EQ(g, status, 0);
}

/* In the handler: the event is taken, and may come again. */
static void event_quench(struct irq *irq)
{
        unsigned port = channel.port;

        (void)irq;
        shared[UPCALL] = 0;
        selected_write(0);
        (void)__atomic_fetch_and(word_of(PENDING, port / 32), ~(UINT32_C(1) << port % 32), __ATOMIC_SEQ_CST);
}

static uint32_t seen_pending;

static void event_send(struct guest *g, struct irq *irq)
{
        gic_line_enable(&irq->port, irq->id);
        (void)xen_event_send(channel.port);
        seen_pending = *word_of(PENDING, channel.port / 32) >> channel.port % 32 & 1;
        irq_take(g, irq, 1, PATIENCE_MS);
}

static void event_try(struct guest *g, uint32_t id)
{
        struct irq irq = {.id = id, .quench = event_quench};
        uint32_t mask[WORDS];
        uint64_t selected = selected_read();
        uint8_t upcall = shared[UPCALL];

        if (!irq_port_found(g, arch_mpidr(), &irq.port))
                return;
        for (unsigned i = 0; i < WORDS; i++) {
                mask[i] = *word_of(MASK, i);
                *word_of(MASK, i) = UINT32_MAX;
        }
        shared[UPCALL] = 0;
        selected_write(0);
        CHECK_EQ(g, arch_xen_call(XEN_EVENT_CALL, XEN_EVENT_UNMASK, (uintptr_t)&channel.port, 0), 0);
        if (irq_tried(g, &irq, event_send)) {
                CHECK_SAY(g, seen_pending, "the channel's bit is pending", "%s", seen_pending ? "it is" : "it is not");
                irq_judge(g, arch_mpidr(), &irq, 1);
        }
        for (unsigned i = 0; i < WORDS; i++)
                *word_of(MASK, i) = mask[i];
        selected_write(selected);
        shared[UPCALL] = upcall;
}

void guest_xen_event_is_an_interrupt(struct guest *g)
{
        uint32_t id = interrupt_told(g);
        int64_t status;

        if (!id)
                return;
        node_agrees(g, id);
        if (!page_shared(g))
                return;
        channel.processor = 0;
        status = arch_xen_call(XEN_EVENT_CALL, XEN_EVENT_BIND_IPI, (uintptr_t)&channel, 0);
        if (!CHECK_EQ(g, status, 0) || !CHECK_SAY(g, channel.port < WORDS * 32, "a channel", "%u", channel.port))
                return;
        event_try(g, id);
        CHECK_EQ(g, arch_xen_call(XEN_EVENT_CALL, XEN_EVENT_CLOSE, (uintptr_t)&channel.port, 0), 0);
}
