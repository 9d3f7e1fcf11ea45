/* SPDX-License-Identifier: BSD-2-Clause */
/* With either GIC the guest comes up and an interrupt of its own reaches it; the firmware's handlers see none of that.
 */
#include "gic/gic.h"
#include "gic/port.h"
#include "guest.h"

enum { SGI = 3, PATIENCE_MS = 1000 };

struct arrival {
        struct gic_port port;
        uint32_t acknowledged;
};

static bool sgi_arrives(void *context)
{
        struct arrival *arrival = context;

        arrival->acknowledged = gic_acknowledge(&arrival->port);
        return gic_port_id(&arrival->port, arrival->acknowledged) < GIC_NONE_FIRST;
}

/* With interrupts masked: what arrives is asked for, and taken by nobody else. */
static void sgi_try(struct guest *g, struct arrival *arrival)
{
        struct gic_line line;
        uint32_t id;
        bool came;

        gic_port_open(&arrival->port);
        gic_line_open(&arrival->port, SGI, &line);
        gic_line_enable(&arrival->port, SGI);
        gic_send_self(&arrival->port, SGI);
        came = guest_wait(g, PATIENCE_MS, sgi_arrives, arrival);
        id = gic_port_id(&arrival->port, arrival->acknowledged);
        if (came)
                gic_end(&arrival->port, arrival->acknowledged);
        gic_line_close(&arrival->port, &line);
        gic_port_close(&arrival->port);
        CHECK_SAY(g, id == SGI, "SGI 3, sent to itself, arrives", "interrupt %u within 1 s", id);
}

void guest_xen_guest_has_either_gic(struct guest *g)
{
        struct arrival arrival = {.acknowledged = GIC_NONE_FIRST};
        uint64_t interrupts;
        const char *why;
        uint64_t told = 0;

        if (!evidence_number(g->evidence, EVIDENCE_TOLD, "gic", &told)) {
                SKIP(g, "the runner did not tell which GIC version it asked for");
                return;
        }
        CHECK_EQ(g, gic_version(g->hw), told);
        why = gic_port_find(g, arch_mpidr(), &arrival.port);
        if (!CHECK_SAY(g, !why, "a described GIC for the processor", "%s", why ? why : "there"))
                return;
        interrupts = arch_interrupts_mask();
        sgi_try(g, &arrival);
        arch_interrupts_restore(interrupts);
}
