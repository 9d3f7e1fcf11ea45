/* SPDX-License-Identifier: BSD-2-Clause */
/* PCIe configuration space through the ECAM that ACPI or the FDT describes; whatever faults reads as all ones. */
#pragma once

#include "guest.h"

/* Registers of configuration space; those of the bridge header hold for type 1 only. */
enum {
        PCI_ID = 0x00,      /* vendor, device */
        PCI_COMMAND = 0x04, /* command; status in the upper half, whose bits are cleared by writing 1 */
        PCI_CLASS = 0x08,   /* revision, programming interface, subclass, class */
        PCI_HEADER = 0x0c,  /* cache line, latency, header type, BIST */
        PCI_BAR = 0x10,     /* the first of six, or of two in a bridge */
        PCI_BUSES = 0x18,   /* primary, secondary, subordinate, latency */
        PCI_CAPABILITIES = 0x34,
};

enum {
        PCI_COMMAND_IO = 1,
        PCI_COMMAND_MEMORY = 2,
        PCI_COMMAND_MASTER = 4,
        PCI_COMMAND_NO_INTX = 0x400,
        PCI_BRIDGE = 1
};
enum { PCI_CAP_VENDOR = 0x09, PCI_CAP_EXPRESS = 0x10 };

/* What an absent function reads as. */
#define PCI_NOTHING UINT32_C(0xffffffff)

struct pci_function {
        uint64_t config; /* where its configuration space is */
        uint8_t root;    /* index of its host bridge in struct hw */
        uint8_t bus;
        uint8_t device;
        uint8_t function;
};

/* True where an ECAM is described; says as the case's failed or skipped fact why it cannot be used. */
bool pci_described(struct guest *g);

/* The host bridges that are described and kept. */
unsigned pci_roots(const struct guest *g);
/* True where the application can address all of its ECAM. */
bool pci_root_reachable(const struct hw_root *root);

struct pci_function pci_function_at(const struct guest *g, unsigned root, unsigned bus, unsigned device,
                                    unsigned function);

uint32_t pci_read(struct guest *g, const struct pci_function *f, unsigned offset);
void pci_write(const struct pci_function *f, unsigned offset, uint32_t value);

/* True for a type 1 header. */
bool pci_is_bridge(struct guest *g, const struct pci_function *f);

/* The next capability of that id behind the one at `after`; 0 starts at the first, and means none. */
unsigned pci_capability(struct guest *g, const struct pci_function *f, unsigned id, unsigned after);

/*
 * Visits every function, host bridge by host bridge and in ascending order: of the first bus, of the buses that a _BBN
 * makes a root of the same ECAM, and of those that bridges with assigned bus numbers lead to.
 */
typedef void pci_visit(struct guest *g, const struct pci_function *f, void *context);
void pci_walk(struct guest *g, pci_visit *visit, void *context);
