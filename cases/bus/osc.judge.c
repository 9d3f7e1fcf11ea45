/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether the guest is let near the slots: what the bytes of _OSC say, as no AML is run. */
#include "aml.h"
#include "hwdesc.h"
#include "judge.h"

enum { NATIVE_HOTPLUG = 1 };

void judge_native_hotplug_is_granted(struct judge *j)
{
        struct bytes acpi = j->evidence->of[EVIDENCE_ACPI];
        static struct hw hw;
        uint32_t control = 0;
        bool named;

        hw_read(j->evidence, &hw);
        if (!hw.source || !hw.ecams) {
                NOT_APPLICABLE(j, "no PCI root with ECAM is described");
                return;
        }
        if (strcmp(hw.source, "FDT") == 0) {
                CHECK_SAY(j, hw.ecams != 0, "a host bridge that the guest drives by itself",
                          "%u in the FDT: native hotplug by nature", hw.ecams);
                return;
        }
        named = aml_holds(acpi, "_OSC", 4);
        if (!CHECK_SAY(j, named, "an _OSC, by which native hotplug is asked for", named ? "it is there" : "none"))
                return;
        if (!aml_osc_control(acpi, &control)) {
                NOTE(j, "_OSC", "what it leaves of the control field is not to be seen in its bytes");
                return;
        }
        CHECK_SAY(j, control & NATIVE_HOTPLUG, "bit 0, native hotplug, in what _OSC leaves of the control field",
                  "0x%x", control);
}
