/* SPDX-License-Identifier: BSD-2-Clause */
/* What the AML of DSDT and SSDTs names, found by its bytes: enough to know that a device is there. */
#pragma once

#include <stdbool.h>

#include "evidence.h"

/* DSDT or an SSDT holds the bytes. */
bool aml_holds(struct bytes acpi, const void *what, size_t size);

/* A device of this hardware id: as a string ("PNP0A08"), or as the EISA id that AML packs it into. */
bool aml_names(struct bytes acpi, const char *id);

/*
 * Steps through the virtio-mmio transports (LNRO0005) that have one Memory32Fixed: *at starts at 0. False after the
 * last.
 */
bool aml_next_virtio_mmio(struct bytes acpi, size_t *at, uint64_t *ret_base);

/* The constant that the method _OSC of the DSDT masks its control field with; false where its bytes have no such And.
 */
bool aml_osc_control(struct bytes acpi, uint32_t *ret);

/*
 * Visits the bodies of the DSDT's devices that are PCI roots, and scopes that are opened once more for \_SB.PCI0, where
 * QEMU puts the _CRS of a PC.
 */
typedef void aml_visit(struct bytes aml, void *context);
void aml_visit_roots(struct bytes acpi, aml_visit *visit, void *context);

/* Marks each bus that a _BBN names as a root's first one. */
void aml_root_buses(struct bytes acpi, bool root[256]);

/* A PCI or PCI Express root. */
bool aml_names_pci(struct bytes acpi);
