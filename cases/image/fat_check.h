/* SPDX-License-Identifier: BSD-2-Clause */
/* What a consistent FAT file system is, checked fact by fact: what fsck.fat -n would complain about, and equal FATs. */
#pragma once

#include "check.h"
#include "fat.h"

struct judge;

enum { FAT_CHECK_CLUSTERS = 16 * 1024 * 1024 }; /* larger file systems are not examined */

/* Tells its facts under the name of the partition. */
void fat_check(struct judge *j, struct fat *fat, const char *name);
