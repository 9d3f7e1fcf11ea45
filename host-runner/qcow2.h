/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of QEMU's qcow2 format that say where a disk's bytes are. */
#pragma once

#include <stdint.h>

/*
 * A private file (see suite_disk.h) of a disk of so many bytes. The first data bytes of it are those of an external
 * data file, at the same offsets; with data 0 there is no such file, and what is written goes into this one. Whatever
 * is in neither is the backing disk's. The descriptor, or a negative errno: -EFBIG for a disk that one L1 table, or one
 * L2 table of what is in the data file, has no room for.
 */
int qcow2_make(uint64_t size, uint64_t data);

/*
 * The same, for a flash chip's file, which is often zeros from some byte on to its end: the bytes up to there are the
 * data file's. -ENODATA where that is not worth it: the file is small, or in use up to its end.
 */
int qcow2_make_flash(int file);
