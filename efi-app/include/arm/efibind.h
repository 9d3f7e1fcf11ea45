/* SPDX-License-Identifier: BSD-2-Clause */
/* The name under which efi.h looks for it. */
#include "../efibind-arm.h"
