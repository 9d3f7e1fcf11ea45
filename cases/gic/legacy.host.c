/* SPDX-License-Identifier: BSD-2-Clause */
/* A GICv2 for the VM is recommended of hosts whose own GIC is newer; of any other host the clause says nothing. */
#include "host.h"

/* The part whose boot was asked for with a GICv2; 0: none. */
static unsigned legacy_part(const struct host *h)
{
        for (unsigned part = 1; part <= 2; part++) {
                uint64_t asked = 0;

                if (host_noted(h, part, "GIC asked for", &asked) && asked == 2)
                        return part;
        }
        return 0;
}

void host_gicv2_works_on_gicv3_host(struct host *h)
{
        const char *arch = h->history->host_arch, *gic = h->history->host_gic;
        bool arm = strcmp(arch, "aarch64") == 0 || strncmp(arch, "arm", 3) == 0;
        unsigned part = legacy_part(h);
        uint64_t described = 0;

        if (!*arch || (arm && !*gic)) {
                SKIP(h, "the run does not tell %s of its host",
                     *arch ? "the interrupt controller" : "the architecture");
                return;
        }
        if (!arm || strcmp(gic, "GICv3") < 0) {
                NOT_APPLICABLE(h, "the host is %s%s%s, not an Arm machine with a GICv3", arch, *gic ? " with a " : "",
                               gic);
                return;
        }
        NOTE(h, "the host", "%s with a %s", arch, gic);
        if (!CHECK_SAY(h, part != 0, "a boot with a GICv2 gets as far as the application", "%s",
                       part ? "it did" : "none did"))
                return;
        (void)host_noted(h, part, "GIC described", &described);
        CHECK_EQ(h, described, 2);
}
