/* SPDX-License-Identifier: BSD-2-Clause */
/* One boot as far as the shim does for all the trials of a machine that is left as it is. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "selftest_private.h"

enum { FROZEN_LEAST = 3 }; /* trials of a machine that are worth it */

static bool trial_can_thaw(const struct trial *trial, const char *stock)
{
        return trial->shim && trial->stock && strcmp(trial->stock, stock) == 0;
}

int freezer_fill(const struct selftest *selftest, const struct trials *trials, const char *shim,
                 struct freezer *freezer)
{
        int result;

        if (selftest->booted)
                return 0;
        freezer->freezing = calloc(selftest->machines->count + 1, sizeof(*freezer->freezing));
        if (!freezer->freezing)
                return -ENOMEM;
        for (size_t m = 0; m < selftest->machines->count; m++) {
                const struct machine *machine = &selftest->machines->machine[m];
                unsigned uses = 0;

                if (hypervisor_of(machine) != &hypervisor_qemu) /* the only one that can be frozen */
                        continue;
                for (size_t i = 0; i < trials->count; i++)
                        uses += trial_can_thaw(&trials->trial[i], machine->id);
                if (uses >= FROZEN_LEAST)
                        freezer->freezing[freezer->count++] = (struct freezing){.machine = machine};
        }
        result = frozen_make(freezer->freezing, freezer->count, shim);
        for (size_t i = 0; i < freezer->count; i++)
                if (!freezer->freezing[i].frozen)
                        fprintf(stderr, "vmspec: %s: every trial is booted: %s\n", freezer->freezing[i].machine->id,
                                freezer->freezing[i].why);
        return result;
}

const struct frozen *freezer_find(const struct freezer *freezer, const struct trial *trial)
{
        for (size_t i = 0; i < freezer->count; i++)
                if (trial_can_thaw(trial, freezer->freezing[i].machine->id))
                        return freezer->freezing[i].frozen;
        return NULL;
}

void freezer_free(struct freezer *freezer)
{
        for (size_t i = 0; i < freezer->count; i++)
                frozen_free(freezer->freezing[i].frozen);
        free(freezer->freezing);
}
