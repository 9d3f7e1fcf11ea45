/* SPDX-License-Identifier: BSD-2-Clause */
/* With either GIC the guest comes up, and an interrupt of its own reaches it that the firmware sees nothing of. */
#include "gic/gic.h"
#include "gic/port.h"
#include "guest.h"
#include "secondary.h"

enum { SGI = 3, PATIENCE_MS = 1000, OTHERS_MAX = 8, VIRTUAL = 0 };

struct arrival {
        struct gic_port port;
        bool came;
        unsigned others; /* that were on their way already */
        uint32_t other;
};

static bool sgi_arrives(void *context)
{
        struct arrival *arrival = context;
        uint32_t acknowledged = gic_acknowledge(&arrival->port), id = gic_port_id(&arrival->port, acknowledged);

        if (id >= GIC_NONE_FIRST)
                return false;
        gic_end(&arrival->port, acknowledged);
        arrival->came = id == SGI;
        if (!arrival->came) {
                arrival->others++;
                arrival->other = id;
        }
        return arrival->came || arrival->others >= OTHERS_MAX;
}

/* With interrupts masked: what arrives is asked for, and taken by nobody else. */
static void sgi_try(struct guest *g, struct arrival *arrival)
{
        struct gic_line line;

        gic_port_open(&arrival->port);
        gic_line_open(&arrival->port, SGI, &line);
        gic_line_enable(&arrival->port, SGI);
        gic_send_self(&arrival->port, SGI);
        (void)guest_wait(g, PATIENCE_MS, sgi_arrives, arrival);
        gic_line_close(&arrival->port, &line);
        gic_port_close(&arrival->port);
        CHECK_SAY(g, arrival->came, "SGI 3, sent to itself, arrives within 1 s", "%s, and %u others, %u the last",
                  arrival->came ? "it did" : "it did not", arrival->others, arrival->other);
}

void guest_xen_guest_has_either_gic(struct guest *g)
{
        struct arrival arrival = {.came = false};
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
        if (arrival.others) /* the timer may have been among them: it fires once more, for the firmware */
                arch_timer_set(VIRTUAL, arch_timer_compare(VIRTUAL), arch_timer_control(VIRTUAL) & TIMER_ENABLE);
        arch_interrupts_restore(interrupts);
}
