/* SPDX-License-Identifier: BSD-2-Clause */
/* The Xen labs of a run that stand ready, for its later domains to go on from. */
#pragma once

struct xen_standbys;

/* NULL where memory is out. */
struct xen_standbys *xen_standbys_new(void);
/* After the last VM that was started with them is released. */
void xen_standbys_free(struct xen_standbys *standbys);
