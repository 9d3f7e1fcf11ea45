/* SPDX-License-Identifier: BSD-2-Clause */
/* MEM-05: a device that the firmware keeps for its runtime services is not given to the OS as well. */
#include "judge.h"

#include "aml_walk.h"
#include "hwdesc.h"
#include "map.h"
#include "tree.h"

enum { MAP_RUNTIME_BIT = 63, STA_PRESENT_ENABLED = 3 };

/* The index-th range of device registers that the runtime services use; false behind the last. */
static bool kept_range(struct bytes map, unsigned index, struct map_range *ret)
{
        for (size_t i = 0; map_range(map, i, ret); i++)
                if ((ret->type == MAP_MMIO || ret->type == MAP_MMIO_PORT) && ret->attributes >> MAP_RUNTIME_BIT &&
                    index-- == 0)
                        return true;
        return false;
}

static bool meets(const struct map_range *kept, uint64_t base, uint64_t size)
{
        return base < kept->base ? kept->base - base < size : base - kept->base < kept->size;
}

static unsigned nodes_judge(struct judge *j, const struct map_range *kept)
{
        struct tree tree;
        uint64_t base, size;
        unsigned count = 0;

        if (!tree_begin(&tree, j->evidence->of[EVIDENCE_FDT]))
                return 0;
        while (tree_next(&tree)) {
                bool enabled = tree_enabled(tree.fdt, tree_node(&tree));

                if (tree.depth != 1 || tree_text_is(tree.fdt, tree_node(&tree), "device_type", "memory"))
                        continue;
                for (unsigned i = 0; i < HW_RANGES && tree_reg(&tree, i, &base, &size); i++) {
                        if (!meets(kept, base, size))
                                continue;
                        count++;
                        CHECK_SAY(j, !enabled, "status disabled, as the firmware uses it",
                                  "FDT: the node at offset 0x%x with 0x%llx is %s", (unsigned)tree_node(&tree),
                                  (unsigned long long)base, enabled ? "enabled" : "disabled");
                }
        }
        return count;
}

/* What _STA says where it is a constant; where it is a method, nothing is known. */
static bool is_enabled(const struct aml_device *device)
{
        uint64_t status = 0;

        if (!device->has[AML_STA])
                return true;
        return aml_integer(device->value[AML_STA], &status) && (status & STA_PRESENT_ENABLED) == STA_PRESENT_ENABLED;
}

static unsigned devices_judge(struct judge *j, const struct aml *aml, const struct map_range *kept)
{
        unsigned count = 0;

        for (unsigned i = 0; i < aml->devices; i++) {
                const struct aml_device *device = &aml->device[i];

                if (!aml_resources_meet(aml_buffer(device->value[AML_CRS]), kept->base, kept->size))
                        continue;
                count++;
                CHECK_SAY(j, !is_enabled(device), "_STA without present and enabled, as the firmware uses it",
                          "ACPI: %s (%s), at 0x%llx, is %s", aml_path_text(&device->path).text,
                          aml_id(device->value[AML_HID]).text, (unsigned long long)kept->base,
                          is_enabled(device) ? "enabled" : "not enabled");
        }
        return count;
}

void judge_runtime_devices_are_not_described(struct judge *j)
{
        static struct aml aml;
        bool acpi = table_offered(j->evidence, guid_acpi20), fdt = table_offered(j->evidence, guid_fdt);
        struct bytes map = j->evidence->of[EVIDENCE_MEMORY_MAP];
        unsigned described = 0, ranges = 0;
        struct map_range kept;

        if (!CHECK_SAY(j, map_readable(map), "a memory map", "%u bytes", (unsigned)map.size))
                return;
        if (acpi && !aml_tables_walk(j, &aml, false)) {
                SKIP(j, "DSDT or an SSDT cannot be read to its end: dsdt_is_aml says where");
                return;
        }
        for (; kept_range(map, ranges, &kept); ranges++) {
                described += fdt ? nodes_judge(j, &kept) : 0;
                described += acpi ? devices_judge(j, &aml, &kept) : 0;
        }
        if (!ranges)
                NOT_APPLICABLE(j, "the map has no range of device registers for the runtime services");
        else
                CHECK_SAY(j, true, "no device of theirs enabled", "%u ranges, described %u times", ranges, described);
}
