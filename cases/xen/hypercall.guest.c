/* SPDX-License-Identifier: BSD-2-Clause */
/* The hypervisor answers what a guest asks, and refuses what there is not. */
#include "guest.h"
#include "xen.h"

#include <libfdt.h>

enum { NO_CALL = 63, MAJOR_LEAST = 4, MAJOR_MOST = 99 };

struct version_call {
        int64_t version, unknown;
};

static void version_ask(void *context)
{
        struct version_call *call = context;

        call->version = arch_xen_call(XEN_VERSION_CALL, XEN_VERSION, 0, 0);
        call->unknown = arch_xen_call(NO_CALL, 0, 0, 0);
}

/* The version by the hypercall is the one that the device tree names. */
static void version_compare(struct guest *g, int64_t version)
{
        struct bytes fdt = g->evidence->of[EVIDENCE_FDT];
        char want[24];
        int node;

        if (fdt.size < sizeof(struct fdt_header) || fdt_check_header(fdt.data) || fdt_totalsize(fdt.data) > fdt.size)
                return;
        text_format(want, sizeof(want), "xen,xen-%u.%u", (unsigned)(version >> 16 & 0xffff),
                    (unsigned)(version & 0xffff));
        node = fdt_node_offset_by_compatible(fdt.data, -1, want);
        CHECK_SAY(g, node >= 0, "a node that is compatible with the version", "none with %s", want);
}

void guest_xen_hypercalls_answer(struct guest *g)
{
        struct version_call call = {0};
        int64_t major;

        if (!CHECK_SAY(g, guest_try(g, version_ask, &call), "an answer to HVC 0xEA1", "an exception"))
                return;
        major = call.version >> 16;
        if (CHECK_SAY(g, major >= MAJOR_LEAST && major <= MAJOR_MOST, "XENVER_version of Xen 4 or later", "0x%llx",
                      (unsigned long long)call.version))
                version_compare(g, call.version);
        CHECK_SAY(g, call.unknown == XEN_ENOSYS, "-38 (ENOSYS) to a call that there is not", "%lld",
                  (long long)call.unknown);
}

/* A line and its answer have been through the ring in both directions. */
void guest_xen_console_works_at_runtime(struct guest *g)
{
        struct xen_console console = xen_console_find();
        char answer[MAILBOX_TEXT];
        bool answered;

        if (!CHECK_SAY(g, console.page, "HVM_PARAM_CONSOLE_PFN and _EVTCHN", "none"))
                return;
        if (!g->attended) {
                SKIP(g, "no runner is there to answer");
                return;
        }
        if (g->hw->uart == HW_UART_PL011 || g->hw->uart == HW_UART_SBSA) {
                SKIP(g, "requests go through the described UART here, and not through the ring");
                return;
        }
        NOTE(g, "console", "ring at 0x%llx, event channel %u", (unsigned long long)(uintptr_t)console.page,
             console.port);
        answered = guest_ask(g, answer, "time");
        CHECK_SAY(g, answered, "what is written to the console's ring is heard, and its answer comes out of it", "%s",
                  answered ? "heard and answered" : answer);
}
