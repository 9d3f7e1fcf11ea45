/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine as the firmware describes it, read from the FDT or from ACPI into one form. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence.h"

enum { HW_CPUS = 512, HW_RANGES = 32, HW_ROOTS = 8, HW_TEXT = 64 };

#define HW_NO_MPIDR UINT64_MAX

struct hw_range {
        uint64_t base;
        uint64_t size;
};

struct hw_cpu {
        uint64_t mpidr; /* as described: the affinity fields only, as CPU_ON takes them; HW_NO_MPIDR: not described */
        bool enabled;   /* there, or to be started by its enable-method */
        bool psci;      /* described as started by PSCI */
};

/* A PCI host bridge with an ECAM. MCFG gives the address of bus 0, the device-tree binding that of the first bus. */
struct hw_root {
        struct hw_range ecam;
        unsigned segment;   /* 0 where the FDT does not say (linux,pci-domain) */
        uint8_t bus_origin; /* the bus that ecam.base is the address of */
        uint8_t bus_first;
        uint8_t bus_last;
};

enum hw_uart { HW_UART_NONE, HW_UART_PL011, HW_UART_SBSA, HW_UART_16550, HW_UART_OTHER };
enum hw_conduit { HW_CONDUIT_NONE, HW_CONDUIT_HVC, HW_CONDUIT_SMC };

/* Numbers that are not described are 0; ranges that are not described have size 0. */
struct hw {
        const char *source; /* "FDT" or "ACPI"; NULL: nothing could be read */
        unsigned cpus;      /* described, at most HW_CPUS are kept */
        struct hw_cpu cpu[HW_CPUS];

        unsigned gics;        /* interrupt controllers of the GIC family at the root: 1 in a sound description */
        unsigned gic_version; /* 2, 3 or 4; 0: not said */
        struct hw_range gicd;
        struct hw_range gicc;
        unsigned gicrs;
        struct hw_range gicr[HW_RANGES];
        uint32_t gicr_regions; /* how many the description announces (FDT) */
        uint32_t gic_cells;    /* #interrupt-cells (FDT) */
        uint32_t gic_phandle;  /* FDT */
        uint32_t highest_spi;  /* the highest interrupt id of a described SPI, 0: none */

        unsigned itss; /* interrupt translation services of a GICv3 */
        struct hw_range its;
        unsigned v2ms; /* message frames of a GICv2 */
        struct hw_range v2m;
        uint32_t v2m_first; /* where the description overrides what the frame says: its first interrupt id */
        uint32_t v2m_count; /* and their number; 0: it does not */

        unsigned watchdogs;        /* SBSA generic watchdogs */
        bool timer;                /* a generic timer is described */
        unsigned timer_interrupts; /* how many interrupts the description gives it (FDT) */
        uint32_t timer_secure;     /* interrupt id of the secure physical timer; 0: none */
        uint32_t timer_virtual;    /* interrupt id; 0: none */
        uint32_t timer_physical;   /* of the non-secure physical timer */
        uint32_t timer_frequency;  /* clock-frequency (FDT), 0: absent, as it should be */

        bool psci;
        enum hw_conduit conduit;
        unsigned psci_version; /* 0x2 for 0.2, 0x10000 for 1.0, by the description; 1 for "arm,psci" alone */
        bool psci_old;         /* "arm,psci" is listed (FDT) */
        bool psci_functions;   /* cpu_on and cpu_off are given (FDT) */

        enum hw_uart uart;
        struct hw_range uart_range;
        uint32_t uart_interrupt;
        char console[HW_TEXT]; /* stdout-path as it stands (FDT) */
        bool console_resolves; /* it leads to an enabled node (FDT), or SPCR is there (ACPI) */
        bool console_is_uart;  /* the node is a UART (FDT) */

        unsigned ecams; /* described, at most HW_ROOTS are kept */
        struct hw_root root[HW_ROOTS];

        unsigned memories;                 /* described, at most HW_RANGES are kept */
        struct hw_range memory[HW_RANGES]; /* FDT only: ACPI leaves it to the UEFI map */
        unsigned reservations;
        struct hw_range reserved[HW_RANGES]; /* memory reservation block and /reserved-memory */

        bool xen; /* the hypervisor is Xen, by its node or its ACPI tables: a guest finds the PV console through it */
};

/* False, with *ret zeroed, where the bytes hold no readable description at all. */
bool hw_from_fdt(struct bytes fdt, struct hw *ret);
bool hw_from_acpi(struct bytes acpi, struct hw *ret);
/* True where an enabled node is compatible with "xen,xen". */
bool fdt_tells_of_xen(struct bytes fdt);

/* ACPI where it describes processors, else the FDT, else source NULL; that there is Xen may be told by either. */
void hw_read(const struct evidence *evidence, struct hw *ret);

/* A table of the ACPI container by its signature ("APIC"), index counting from 0; data NULL where there is none. */
struct bytes acpi_table(struct bytes acpi, const char *signature, unsigned index);

/* The sum of all bytes, 0 for an intact ACPI table. */
uint8_t bytes_sum(struct bytes bytes);
