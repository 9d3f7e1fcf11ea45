/* SPDX-License-Identifier: BSD-2-Clause */
/* The described interrupt controller's registers, reached without assuming more than the description says. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct guest;
struct hw;

/* 2, 3 or 4 as described; where the description leaves it open, what its windows mean; 0: no GIC is described. */
unsigned gic_version(const struct hw *hw);

/* The redistributor frame of processor mpidr in a described region; false where no frame answers with that affinity. */
bool gic_redistributor_find(struct guest *g, uint64_t mpidr, uint64_t *ret);

/* How many frames answer with its affinity: 0, 1, or 2 where there are more than one. */
unsigned gic_redistributor_count(struct guest *g, uint64_t mpidr);

/* The register with the pending bits of processor mpidr's SGIs and PPIs; false where it cannot be read. */
bool gic_pending_find(struct guest *g, uint64_t mpidr, uint64_t *ret);
