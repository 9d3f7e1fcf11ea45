/* SPDX-License-Identifier: BSD-2-Clause */
/* DSDT and SSDTs can be read from end to end, and tell of the console, the transports and the PCI roots all of it. */
#include "judge.h"

#include "aml_walk.h"
#include "hwdesc.h"

static const char *const uarts[] = {"ARMH0011", "ARMHB000", "PNP0501", "PNP0500", NULL};
static const char *const transports[] = {"LNRO0005", NULL};
static const char *const roots[] = {"PNP0A08", "PNP0A03", NULL};

static bool table_walk(struct judge *j, struct aml *aml, const char *signature, struct bytes table, bool tell)
{
        char why[160];
        bool whole = aml_walk(aml, table, why, sizeof(why));

        if (tell)
                CHECK_SAY(j, whole, "AML to its end", "%s of %u bytes: %s", signature, (unsigned)table.size,
                          whole ? "it is" : why);
        return whole;
}

bool aml_tables_walk(struct judge *j, struct aml *aml, bool tell)
{
        struct bytes acpi = j->evidence->of[EVIDENCE_ACPI], dsdt = acpi_table(acpi, "DSDT", 0), ssdt;
        bool whole;

        aml->devices = aml->methods = 0;
        aml_declare(aml, dsdt);
        for (unsigned i = 0; (ssdt = acpi_table(acpi, "SSDT", i)).data; i++)
                aml_declare(aml, ssdt);
        whole = table_walk(j, aml, "DSDT", dsdt, tell);
        for (unsigned i = 0; (ssdt = acpi_table(acpi, "SSDT", i)).data; i++)
                whole &= table_walk(j, aml, "SSDT", ssdt, tell);
        return whole;
}

void judge_dsdt_is_aml(struct judge *j)
{
        static struct aml aml;
        struct hw room;

        if (!acpi_judged(j, &room))
                return;
        (void)aml_tables_walk(j, &aml, true);
        NOTE_NUMBER(j, "devices", aml.devices);
        NOTE_NUMBER(j, "methods", aml.methods);
}

/* The devices, for a case that can say nothing where they cannot be read. */
static struct aml *devices_read(struct judge *j, struct hw *room)
{
        static struct aml aml;

        if (!acpi_judged(j, room))
                return NULL;
        if (aml_tables_walk(j, &aml, false))
                return &aml;
        SKIP(j, "DSDT or an SSDT cannot be read to its end: dsdt_is_aml says where");
        return NULL;
}

static bool is_of(const struct aml_device *device, const char *const ids[])
{
        struct aml_id id = aml_id(device->value[AML_HID]);

        for (size_t i = 0; device->has[AML_HID] && ids[i]; i++)
                if (strcmp(id.text, ids[i]) == 0)
                        return true;
        return false;
}

/* The device has resources: whole descriptors, or a method that makes them. */
static void resources_judge(struct judge *j, const struct aml_device *device)
{
        struct bytes value = device->value[AML_CRS];
        struct bytes resources = aml_buffer(value);

        CHECK_SAY(j, device->has[AML_CRS] && (!value.size || aml_resources_whole(resources)),
                  "_CRS with whole resource descriptors", "%s (%s): %s", aml_path_text(&device->path).text,
                  aml_id(device->value[AML_HID]).text,
                  !device->has[AML_CRS] ? "no _CRS"
                  : !value.size         ? "a method"
                                        : "a buffer");
}

static unsigned devices_judge(struct judge *j, const struct aml *aml, const char *const ids[])
{
        unsigned count = 0;

        for (unsigned i = 0; i < aml->devices; i++)
                if (is_of(&aml->device[i], ids)) {
                        resources_judge(j, &aml->device[i]);
                        count++;
                }
        return count;
}

void judge_aml_devices_have_resources(struct judge *j)
{
        struct hw room;
        const struct aml *aml = devices_read(j, &room);
        unsigned consoles, pci, at_console = 0;

        if (!aml)
                return;
        consoles = devices_judge(j, aml, uarts);
        (void)devices_judge(j, aml, transports);
        pci = devices_judge(j, aml, roots);
        for (unsigned i = 0; i < aml->devices; i++)
                if (is_of(&aml->device[i], uarts))
                        at_console +=
                                !aml->device[i].value[AML_CRS].size ||
                                aml_resources_hold(aml_buffer(aml->device[i].value[AML_CRS]), room.uart_range.base);
        CHECK_SAY(j, !room.uart_range.base || at_console, "a UART's device with the registers that the SPCR names",
                  "0x%llx, and %u UARTs elsewhere", (unsigned long long)room.uart_range.base, consoles);
        CHECK_SAY(j, !room.ecams || pci, "a PCI root's device, as there is an MCFG", "%u", pci);
}

/* _CCA is inherited from what a device is below. */
static bool has_coherency(struct aml *aml, const struct aml_device *device, uint64_t *ret)
{
        struct aml_path path = device->path;

        for (; path.length; path.length--) {
                const struct aml_device *above = aml_device(aml, &path);

                *ret = 0;
                if (above && above->has[AML_CCA])
                        return !above->value[AML_CCA].size || (aml_integer(above->value[AML_CCA], ret) && *ret <= 1);
        }
        return false;
}

void judge_aml_bus_masters_tell_coherency(struct judge *j)
{
        struct hw room;
        struct aml *aml = devices_read(j, &room);
        unsigned count = 0;

        for (unsigned i = 0; aml && i < aml->devices; i++) {
                const struct aml_device *device = &aml->device[i];
                uint64_t value = 0;

                if (!is_of(device, roots) && !is_of(device, transports))
                        continue;
                count++;
                CHECK_SAY(j, has_coherency(aml, device, &value), "_CCA of 0 or 1, its own or inherited", "%s (%s): %s",
                          aml_path_text(&device->path).text, aml_id(device->value[AML_HID]).text,
                          has_coherency(aml, device, &value) ? value ? "1" : "0" : "none");
        }
        if (aml && !count)
                NOT_APPLICABLE(j, "no PCI root and no virtio-mmio transport among the %u devices of AML", aml->devices);
}
