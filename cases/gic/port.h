/* SPDX-License-Identifier: BSD-2-Clause */
/* One processor's way to the GIC, programmed so that one interrupt is delivered to it, and put back afterwards. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct guest;

/* Where the registers are, all in described windows; GICv2: the CPU interface, later: system registers. */
struct gic_port {
        unsigned version;
        uint64_t affinity; /* as MPIDR has it, affinity fields alone */
        uint64_t gicd;
        uint64_t gicc;
        uint64_t redistributor; /* RD_base; 0 with a GICv2 */
        uint32_t before[6];     /* what gic_port_open() found */
};

/* What an interrupt line was before it was programmed. */
struct gic_line {
        uint32_t id;
        bool enabled;
        uint32_t group;    /* the word of its group bit */
        uint32_t priority; /* the word of its priority */
        uint32_t trigger;  /* the word of its trigger */
        uint64_t route;    /* the word of its targets, or its affinity; of an SPI alone */
};

/* From GIC_NONE_FIRST on an interrupt id means that there is none. */
enum { GIC_NONE_FIRST = 1020, GIC_SPI_FIRST = 32, GIC_SPI_LAST = 1019, GIC_IDLE = 0xff };
/* The id in what the acknowledge register read. */
uint32_t gic_port_id(const struct gic_port *port, uint32_t acknowledged);

/* The described way to the GIC for a processor; NULL, or why there is none. Touches no register but GICR_TYPER. */
const char *gic_port_find(struct guest *g, uint64_t mpidr, struct gic_port *ret);

/* On the processor itself: the distributor and its own interface pass interrupts on; all SGIs and PPIs are off. */
void gic_port_open(struct gic_port *port);
void gic_port_close(const struct gic_port *port);

/* The line is put to this processor, quiet and off; gic_line_close() puts back what it found. */
void gic_line_open(const struct gic_port *port, uint32_t id, struct gic_line *ret);
void gic_line_close(const struct gic_port *port, const struct gic_line *line);
void gic_line_enable(const struct gic_port *port, uint32_t id);
void gic_line_disable(const struct gic_port *port, uint32_t id);
bool gic_line_is_pending(const struct gic_port *port, uint32_t id);
bool gic_line_is_active(const struct gic_port *port, uint32_t id);

uint32_t gic_acknowledge(const struct gic_port *port);
void gic_end(const struct gic_port *port, uint32_t acknowledged);
/* GIC_IDLE where no interrupt is being handled. */
uint32_t gic_running_priority(const struct gic_port *port);

/* The GICv2 CPU interface of this processor as a mask, as it stands in its banked GICD_ITARGETSR0; 0 where it is alone.
 */
uint32_t gic_own_target(const struct gic_port *port);
/* An SGI to another processor, or to this one: by its affinity, or its GICv2 target mask. */
void gic_send(const struct gic_port *port, uint32_t id, uint64_t affinity, uint32_t target);
void gic_send_self(const struct gic_port *port, uint32_t id);
