/* SPDX-License-Identifier: BSD-2-Clause */
/* `vmspec firmware`: what a file of firmware or of variables is made of, or where it is not whole. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "blob.h"

/* The bytes of a regular file of at most 256 MiB, to be unmapped. 0; or negative errno and a sentence that names it. */
int firmware_file_map(const char *path, struct bytes *ret, char *error, size_t error_size);
void firmware_file_unmap(struct bytes *bytes);

/* What a file is; the first that is wrong in it, where something is. */
struct firmware_about {
        bool elf, nvvars;
        struct blob_pvh pvh;          /* where elf */
        struct blob_volumes volumes;  /* count 0: it has none */
        const struct blob_volume *nv; /* the first one of variables; NULL: none */
        struct blob_store store;      /* where nv */
        unsigned variables;           /* where nvvars */
};

/* Each variable of a store or \NvVars is told. False where the file is nothing known, or not whole. */
bool firmware_about_read(struct bytes bytes, struct firmware_about *ret, blob_variable_function *tell, void *context,
                         struct blob_fault *fault);

/* What PVH-01 asks of the ELF part; false with the fault. */
bool firmware_is_for_pvh(struct bytes bytes, const struct firmware_about *about, struct blob_fault *fault);

/*
 * Prints what each file is, as text or JSON; with pvh each must also be what PVH-01 asks for. The exit status: 0 all
 * are whole, 1 one is not, 3 one cannot be read.
 */
int firmware_files_print(char *const paths[], size_t count, bool pvh, bool json, FILE *to);
