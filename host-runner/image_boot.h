/* SPDX-License-Identifier: BSD-2-Clause */
/* `vmspec image --boot`: images are started as they are in one VM after the other, and judged by what came of it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ledger.h"
#include "machine.h"

struct image_boot_options {
        char **image; /* paths */
        size_t images;
        unsigned block_size;
        const bool *selected;          /* by case id; of the STATIC and IMAGE ones */
        const struct machine *machine; /* the plain VM is made from it */
        const struct machine *xen;     /* a machine of Xen's, where the image is booted too; NULL: on none */
        const char *no_xen;            /* why; NULL: none was named */
        const char *marker;            /* what the guest prints when it is up */
        unsigned deadline;             /* seconds that a trial may take while nobody knows how long the image needs */
        unsigned jobs;
        const char *folder; /* output; must not hold a journal yet */
};

/*
 * Boots every image and writes what was heard into the folder. 0; or negative errno and one sentence where it could not
 * be done. ret_begun: the folder holds a journal that can be judged.
 */
int image_boot(const struct image_boot_options *options, bool *ret_begun, char *error, size_t error_size);

/* As verdicts_read(), which calls it, for the folder of such a run. */
int image_boot_verdicts(const char *folder, struct ledger *ledger, char *error, size_t error_size);
