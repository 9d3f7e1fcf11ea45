/* SPDX-License-Identifier: BSD-2-Clause */
/* A hot-pluggable PCIe slot: events in, power and indicators out, and the configuration space of what is in it. */
#pragma once

#include "pci.h"

/* Slot Status; all but the states are cleared by writing 1. */
enum {
        SLOT_ATTENTION = 0x001, /* attention button pressed */
        SLOT_PRESENCE_CHANGED = 0x008,
        SLOT_COMMAND_COMPLETED = 0x010,
        SLOT_PRESENT = 0x040, /* a state */
        SLOT_LINK_CHANGED = 0x100,
        SLOT_EVENTS = 0x11f,
};

struct slot {
        struct pci_function port;
        struct pci_function device; /* device 0, function 0 of the bus behind the port */
        unsigned express;           /* offset of the PCI Express capability */
        uint32_t capabilities;      /* Slot Capabilities */
        uint32_t command;           /* of the port, and its bus numbers, as they were found */
        uint32_t buses;
};

enum { SLOTS_MAX = 16 };

/* What a walk found: the hot-pluggable slots, at most SLOTS_MAX of them, and what there was beside them. */
struct slots {
        unsigned count;
        struct slot slot[SLOTS_MAX];
        unsigned functions;
        unsigned ports;
        uint8_t highest[HW_ROOTS]; /* bus number in use */
};

/* Fills *ret with the root and downstream ports that have Slot Implemented and Hot-Plug Capable. */
void slots_find(struct guest *g, struct slots *ret);

/* Leaves only the slots with nothing in them; returns how many these are. */
unsigned slots_keep_empty(struct guest *g, struct slots *slots);

/* "00:02.0", by value so that it can stand in an argument list. */
struct slot_name {
        char text[12];
};
struct slot_name slot_name(const struct slot *slot);

/* Gives the port bus mastering and, where firmware left it without, a bus number behind it; forgets past events. */
void slot_open(struct guest *g, struct slot *slot, struct slots *of);
/* The port as it was found. */
void slot_close(struct guest *g, const struct slot *slot);

uint16_t slot_status(struct guest *g, const struct slot *slot);
void slot_forget_events(struct guest *g, const struct slot *slot);

/* Lets the slot interrupt for every event that brings a device; returns Slot Control as it was. */
uint16_t slot_interrupt(struct guest *g, const struct slot *slot);
void slot_put_control(const struct slot *slot, uint16_t control);

/* Power controller and power indicator on or off; waits, at most 1 s, for Command Completed where the slot has it. */
void slot_power(struct guest *g, const struct slot *slot, bool on);

/* True where the configuration space of device 0, function 0 answers. */
bool slot_answers(struct guest *g, const struct slot *slot);
