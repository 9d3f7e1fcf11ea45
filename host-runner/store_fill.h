/* SPDX-License-Identifier: BSD-2-Clause */
/* A variable store that is nearly full before its firmware runs: to fill it by SetVariable takes half a minute of TCG.
 */
#pragma once

/*
 * Writes variables VmspecFill000, VmspecFill001, … of the suite's GUID behind those of an edk2 store, as its firmware
 * would have, until less than 12 KiB are free; each byte of a value is the variable's number. Returns how many; 0 where
 * the descriptor holds no whole store of that kind, or one with such variables; or a negative errno.
 */
int store_fill(int fd);
