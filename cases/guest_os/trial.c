/* SPDX-License-Identifier: BSD-2-Clause */
/* What a trial says of one variation is not taken from a trial that had others as well and failed. */
#include "trial.h"

#include <string.h>

#include "text.h"

static const char *const names[VARY_COUNT] = {"gic2",           "fdt",         "virtio-mmio", "virtio-scsi",
                                              "virtio-console", "sbsa-uart",   "6-gib",       "highmem-off",
                                              "other-slot",     "wiped-store", "xen"};

const char *trial_vary_name(unsigned bit)
{
        return bit < VARY_COUNT ? names[bit] : "";
}

unsigned trial_vary_find(const char *name)
{
        for (unsigned bit = 0; bit < VARY_COUNT; bit++)
                if (strcmp(names[bit], name) == 0)
                        return 1u << bit;
        return 0;
}

struct trial_name trial_name(unsigned varied)
{
        struct trial_name name = {""};
        size_t at = 0;

        for (unsigned bit = 0; bit < VARY_COUNT; bit++)
                if (varied & 1u << bit)
                        at += text_format(name.text + at, sizeof(name.text) - at, "%s%s", at ? " " : "", names[bit]);
        if (!at)
                text_copy(name.text, sizeof(name.text), "plain");
        return name;
}

/* The less the better. */
static unsigned distance(const struct boot_trial *trial)
{
        return (unsigned)__builtin_popcount(trial->varied) + (trial->end == TRIAL_BROKEN ? VARY_COUNT : 0) +
               (trial->end == TRIAL_REACHED ? 0 : 2 * VARY_COUNT);
}

const struct boot_trial *trial_pick(const struct boot_trials *trials, unsigned with, unsigned without)
{
        const struct boot_trial *best = NULL;

        for (size_t i = 0; i < trials->count; i++) {
                const struct boot_trial *trial = &trials->trial[i];

                if (trial->over && (trial->varied & with) == with &&
                    !(trial->varied & (without | (VARY_XEN & ~with))) && (!best || distance(trial) < distance(best)))
                        best = trial;
        }
        return best;
}
