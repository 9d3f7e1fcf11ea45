/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An event of the guest's own comes as the interrupt that Xen names for events. What Xen tells of pending events is put
 * into memory of the application's, once and for good: nothing that runs later in this boot wants it elsewhere.
 */
#include "gic/irq.h"
#include "guest.h"
#include "xen.h"

#include <libfdt.h>

enum { PPI = 1, PPI_FIRST = 16, CALLBACK_PPI = 2, PATIENCE_MS = 1000, OLD_MS = 20, PAGE = 4096 };

/* struct vcpu_info on Arm. */
struct told {
        uint8_t upcall, pad[7];
        uint32_t selected[2]; /* 64 bits: one for each word of channels */
        uint8_t rest[48];
};

struct channel {
        uint32_t processor, port;
};

struct placed {
        uint64_t frame;
        uint32_t offset, pad;
};

struct add_page {
        uint16_t domain, size;
        uint32_t space;
        uint64_t index, frame;
};

static volatile struct told told __attribute__((aligned(64)));
static volatile struct channel channel;
static volatile uint32_t selected_then;

/* The interrupt that the hypervisor says by itself, 0: it says none. */
static uint32_t interrupt_told(struct guest *g)
{
        uint64_t value = 0;
        bool named = xen_parameter(XEN_CALLBACK, &value) && value >> 56 == CALLBACK_PPI;

        CHECK_SAY(g, named, "HVM_PARAM_CALLBACK_IRQ names a PPI", "0x%llx", (unsigned long long)value);
        return named ? value & 0xff : 0;
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

static bool told_placed(struct guest *g)
{
        static volatile struct placed placed;
        int64_t status;

        placed.frame = (uintptr_t)&told / PAGE;
        placed.offset = (uintptr_t)&told % PAGE;
        status = arch_xen_call(XEN_PROCESSOR_CALL, XEN_REGISTER_INFO, 0, (uintptr_t)&placed);
        return CHECK_SAY(g, status == 0, "VCPUOP_register_vcpu_info: 0", "%lld", (long long)status);
}

/* In the handler: what was told is taken, and may be told again. */
static void event_quench(struct irq *irq)
{
        (void)irq;
        told.upcall = 0;
        selected_then = told.selected[0];
        told.selected[0] = told.selected[1] = 0;
}

/* Xen tells of all channels once, when the place is new: that goes first. */
static void event_send(struct guest *g, struct irq *irq)
{
        gic_line_enable(&irq->port, irq->id);
        irq_take(g, irq, 1, OLD_MS);
        event_quench(irq);
        irq->taken = 0;
        selected_then = 0;
        (void)xen_event_send(channel.port);
        irq_take(g, irq, 1, PATIENCE_MS);
}

void guest_xen_event_is_an_interrupt(struct guest *g)
{
        struct irq irq = {.id = interrupt_told(g), .quench = event_quench};
        int64_t status;
        bool named;

        if (!irq.id)
                return;
        node_agrees(g, irq.id);
        if (!irq_port_found(g, arch_mpidr(), &irq.port) || !told_placed(g))
                return;
        status = arch_xen_call(XEN_EVENT_CALL, XEN_EVENT_BIND_IPI, (uintptr_t)&channel, 0);
        if (!CHECK_SAY(g, status == 0, "EVTCHNOP_bind_ipi: 0", "%lld", (long long)status))
                return;
        (void)arch_xen_call(XEN_EVENT_CALL, XEN_EVENT_UNMASK, (uintptr_t)&channel.port, 0);
        if (irq_tried(g, &irq, event_send)) {
                named = channel.port < 32 * 64 && selected_then >> channel.port / 64 & 1;
                CHECK_SAY(g, named, "the word of the channel is told as pending", "channel %u, words 0x%x",
                          channel.port, selected_then);
                irq_judge(g, arch_mpidr(), &irq, 1);
        }
        status = arch_xen_call(XEN_EVENT_CALL, XEN_EVENT_CLOSE, (uintptr_t)&channel.port, 0);
        CHECK_SAY(g, status == 0, "EVTCHNOP_close: 0", "%lld", (long long)status);
}

/*
 * What an operating system does first. Xen has one place for the page: firmware that took it must have given it back.
 * Nothing of it is read here, and the page under it is nobody's.
 */
void guest_xen_shared_page_is_free(struct guest *g)
{
        static uint8_t page[PAGE] __attribute__((aligned(PAGE)));
        static volatile struct add_page add;
        int64_t status;

        add.domain = XEN_SELF;
        add.space = XEN_SHARED_INFO;
        add.frame = (uintptr_t)page / PAGE;
        status = arch_xen_call(XEN_MEMORY_CALL, XEN_ADD_PAGE, (uintptr_t)&add, 0);
        CHECK_SAY(g, status == 0, "XENMEM_add_to_physmap of the shared info page: 0", "%lld", (long long)status);
}
