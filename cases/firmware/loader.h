/* SPDX-License-Identifier: BSD-2-Clause */
/* A small application in memory, for what is to be loaded and started. */
#pragma once

#include "guest.h"

enum { LOADER_FILE = 0x400, LOADER_CODE = 0x200 };

/*
 * Puts a PE file of LOADER_FILE bytes for a machine (0: this one), with at most LOADER_CODE bytes of code that needs no
 * relocation; NULL: code that returns LOADER_ANSWER.
 */
enum { LOADER_ANSWER = 0x5a };
void loader_file_put(uint8_t *file, uint16_t machine, const uint8_t *code, size_t size);

/* Loads the first size bytes of a file. */
EFI_STATUS loader_load(struct guest *g, uint8_t *file, UINTN size, EFI_HANDLE *ret);
