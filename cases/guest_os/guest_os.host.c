/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GOS, IMG-12 and MEM-01: the image comes to its marker in every VM that a clause names. Only a trial that failed where
 * the plain VM did not, and that differs from it by nothing else, is held against the image.
 */
#include <stdlib.h>

#include "host.h"
#include "trial.h"

enum { CLOCK_SLACK = 10 /* seconds */ };

static const char marker_wanted[] = "the marker on the console";

static bool any_reached(const struct boot_trials *trials)
{
        const struct boot_trial *trial = trial_pick(trials, 0, 0);

        return trial && trial->end == TRIAL_REACHED;
}

/* True where the image was given its time in both plain VMs: only then is it known to boot in none. */
static bool boots_nowhere(const struct boot_trials *trials)
{
        const struct boot_trial *acpi = trial_pick(trials, 0, VARY_ALL);
        const struct boot_trial *fdt = trial_pick(trials, VARY_FDT, VARY_ALL & ~VARY_FDT);

        return acpi && fdt && acpi->end == TRIAL_FAILED && fdt->end == TRIAL_FAILED && !any_reached(trials);
}

/* True where no trial is to be had at all: then the reason has been given. */
static bool trials_missing(struct host *h)
{
        const struct boot_trials *trials = h->trials;

        if (!trials || *trials->none)
                SKIP(h, "%s", trials ? trials->none : "the image was not booted");
        return !trials || *trials->none;
}

/* True where the image came to its marker with all of one mask and none of the other. */
static bool boots(struct host *h, const char *what, unsigned with, unsigned without)
{
        const struct boot_trial *trial = trial_pick(h->trials, with, without);
        unsigned base = VARY_FDT; /* of the plain VM, where ACPI alone did not do */

        if (trial && trial->end == TRIAL_REACHED)
                return CHECK_SAY(h, true, marker_wanted, "%s: found after %llu ms (trial: %s)", what,
                                 (unsigned long long)trial->milliseconds, trial_name(trial->varied).text);
        if (trial && trial->end == TRIAL_BROKEN)
                SUITE_ERROR(h, "%s: %s", what, trial->how);
        else if (boots_nowhere(h->trials))
                CHECK_SAY(h, false, marker_wanted, "%s: not found, nor in any other VM: %s", what,
                          trial_pick(h->trials, 0, 0)->how);
        else if (!any_reached(h->trials))
                SUITE_ERROR(h, "%s: the trials did not come to their end", what);
        else if (!trial || trial->varied & ~(with | base))
                SUITE_ERROR(h, "%s: no trial has this alone", what);
        else
                CHECK_SAY(h, false, marker_wanted, "%s: not found: %s (trial: %s)", what, trial->how,
                          trial_name(trial->varied).text);
        return false;
}

void host_image_boots_without_setup(struct host *h)
{
        if (trials_missing(h))
                return;
        boots(h, "a blank store", 0, VARY_WIPED);
        boots(h, "the store wiped after a boot", VARY_WIPED, 0);
        boots(h, "the disk in another slot", VARY_SLOT, 0);
}

void host_image_boots_on_other_memory_maps(struct host *h)
{
        if (trials_missing(h))
                return;
        boots(h, "1 GiB", 0, VARY_MEMORY | VARY_LOW);
        boots(h, "6 GiB", VARY_MEMORY, 0);
        boots(h, "nothing above 4 GiB", VARY_LOW, 0);
}

void host_guest_boots_with_either_gic(struct host *h)
{
        if (trials_missing(h))
                return;
        boots(h, "GICv2", VARY_GIC2, 0);
        boots(h, "GICv3", 0, VARY_GIC2);
}

/* What the judge half noted of a driver: true where it noted anything. */
static bool driver_noted(const struct host *h, const char *name, uint64_t *ret)
{
        for (size_t i = 0; i < h->row->entries; i++) {
                const struct entry *entry = &h->row->entry[i];

                if (entry->fact.kind != FACT_NOTE || entry->half != HALF_J || strcmp(entry->fact.what, name) != 0)
                        continue;
                *ret = strtoull(entry->fact.got, NULL, 0);
                return true;
        }
        return false;
}

/* Either way of the criterion is enough: it speaks there, or the kernel's configuration has the driver. */
static void console_judge(struct host *h, const char *what, const char *driver, unsigned with, unsigned without)
{
        uint64_t has = 0;
        bool noted = driver_noted(h, driver, &has);

        if (noted && has)
                CHECK_SAY(h, true, "its driver, or the marker on it", "%s: its driver is configured", what);
        else
                boots(h, what, with, without);
}

static bool booted_on_xen(const struct host *h)
{
        return trial_pick(h->trials, VARY_XEN, 0) != NULL;
}

void host_guest_has_every_console(struct host *h)
{
        uint64_t has = 0;
        bool noted = driver_noted(h, "xen-console", &has);

        if (trials_missing(h))
                return;
        console_judge(h, "a pl011", "pl011", 0, VARY_CONSOLE | VARY_SBSA);
        console_judge(h, "a virtio-console", "virtio-console", VARY_CONSOLE, 0);
        if (booted_on_xen(h) && !noted)
                boots(h, "a Xen PV console", VARY_XEN | VARY_FDT, 0);
        else if (noted)
                CHECK_SAY(h, has, "the driver of the Xen PV console", "%s", has ? "configured" : "not configured");
        else
                SKIP(h, "a Xen PV console: the image was not booted on Xen, and no kernel configuration is found");
}

void host_guest_speaks_on_sbsa_uart(struct host *h)
{
        const struct boot_trial *fdt;

        if (trials_missing(h))
                return;
        fdt = trial_pick(h->trials, VARY_FDT, VARY_SBSA);
        boots(h, "a pl011", 0, VARY_CONSOLE | VARY_SBSA);
        if (any_reached(h->trials) && fdt && fdt->end == TRIAL_FAILED &&
            trial_pick(h->trials, VARY_FDT, 0)->end == TRIAL_FAILED)
                SKIP(h, "only an FDT describes an SBSA UART here, and with an FDT the guest does not boot");
        else
                boots(h, "a UART that the FDT calls an SBSA UART", VARY_SBSA | VARY_FDT, 0);
}

/* The number behind the last VMSPEC-DATE on the console. */
static bool date_printed(const struct boot_trial *trial, uint64_t *ret)
{
        static const char word[] = "VMSPEC-DATE ";
        const char *at = (const char *)trial->console.data, *end = at + trial->console.size;
        const char *found = NULL;
        uint64_t value = 0;

        while (at && (at = memmem(at, (size_t)(end - at), word, sizeof(word) - 1)) != NULL)
                found = at += sizeof(word) - 1;
        if (!found || found == end || *found < '0' || *found > '9')
                return false;
        for (unsigned digits = 0; found < end && *found >= '0' && *found <= '9' && digits < 18; found++, digits++)
                value = value * 10 + (uint64_t)(*found - '0');
        *ret = value;
        return true;
}

/* The ACPI tables of the VM describe no clock: only the firmware knows it. */
void host_guest_clock_is_that_of_uefi(struct host *h)
{
        const struct boot_trial *trial;
        uint64_t date, last;

        if (trials_missing(h))
                return;
        trial = trial_pick(h->trials, 0, VARY_ALL);
        if (trial && trial->end == TRIAL_BROKEN) {
                SUITE_ERROR(h, "%s", trial->how);
                return;
        }
        if (!trial || trial->end != TRIAL_REACHED) {
                SKIP(h, "only a VM with ACPI hides its clock from the guest, and the guest did not boot in it");
                return;
        }
        if (!date_printed(trial, &date)) {
                SKIP(h, "the image prints no line \"VMSPEC-DATE seconds\" before its marker: its clock is not known");
                return;
        }
        last = trial->rtc + trial->milliseconds / 1000 + CLOCK_SLACK;
        CHECK_IN(h, date, trial->rtc, last);
}

void host_guest_boots_from_every_virtio_disk(struct host *h)
{
        if (trials_missing(h))
                return;
        boots(h, "virtio-blk on PCI", 0, VARY_MMIO | VARY_SCSI);
        boots(h, "virtio-blk on MMIO", VARY_MMIO, 0);
        boots(h, "virtio-scsi", VARY_SCSI, 0);
}

/* A guest of Xen's has an FDT alone: what does not come up with that elsewhere tells nothing of the disk. */
void host_guest_boots_from_xen_disk(struct host *h)
{
        const struct boot_trial *fdt, *xen;

        if (trials_missing(h))
                return;
        fdt = trial_pick(h->trials, VARY_FDT, 0);
        xen = trial_pick(h->trials, VARY_XEN, 0);
        if (!xen)
                SKIP(h, "the image was not booted on Xen: %s", h->trials->no_xen);
        else if (xen->end == TRIAL_FAILED && any_reached(h->trials) && (!fdt || fdt->end != TRIAL_REACHED))
                SKIP(h,
                     "Xen describes its guest by an FDT alone, and with that the guest does not boot elsewhere either");
        else
                boots(h, "a Xen virtual block device", VARY_XEN | VARY_FDT, 0);
}

void host_guest_boots_with_fdt_alone(struct host *h)
{
        if (!trials_missing(h))
                boots(h, "an FDT alone", VARY_FDT, VARY_SBSA);
}

void host_guest_boots_with_acpi_alone(struct host *h)
{
        if (!trials_missing(h))
                boots(h, "ACPI alone", 0, VARY_FDT);
}

/* No upgrade of the loader is driven in somebody else's guest: what is judged is the disk after a boot of it. */
void host_guest_boots_after_store_is_wiped(struct host *h)
{
        if (trials_missing(h))
                return;
        NOTE(h, "upgrade", "none was driven: the disk is as its first boot left it");
        boots(h, "the store wiped after a boot", VARY_WIPED, 0);
}
