/* SPDX-License-Identifier: BSD-2-Clause */
/* No defect of the processor itself can be seeded here: the AArch64 machines have them. */
#include "../shim.h"

EFI_STATUS processor_defect(struct shim *shim, struct words *words)
{
        (void)shim;
        (void)words;
        return EFI_UNSUPPORTED;
}
