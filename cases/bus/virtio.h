/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A virtio 1.0 device: on PCI, reached through the window in its configuration space, so that no BAR needs an address;
 * or on virtio-mmio.
 */
#pragma once

#include "pci.h"

enum { VIRTIO_VENDOR = 0x1af4 };

/* Device types. */
enum { VIRTIO_NET = 1, VIRTIO_BLOCK = 2, VIRTIO_CONSOLE = 3, VIRTIO_RNG = 4, VIRTIO_BALLOON = 5 };

/* Device Status. */
enum { VIRTIO_ACKNOWLEDGE = 1, VIRTIO_DRIVER = 2, VIRTIO_DRIVER_OK = 4, VIRTIO_FEATURES_OK = 8 };

/* Feature bits of 0 to 63. */
#define VIRTIO_NET_F_MAC (UINT64_C(1) << 5)
#define VIRTIO_F_VERSION_1 (UINT64_C(1) << 32)
#define VIRTIO_F_ACCESS_PLATFORM (UINT64_C(1) << 33)

/* A structure of the device inside one of its BARs. */
struct virtio_region {
        uint8_t bar;
        uint32_t offset;
        uint32_t length; /* 0: the device has no such structure */
};

struct virtio {
        struct guest *g;
        struct pci_function function; /* on PCI */
        uint64_t mmio;                /* on virtio-mmio: where its registers are; 0: on PCI */
        unsigned type;
        uint16_t command; /* of the function, as it was found */
        unsigned window;  /* offset of the VIRTIO_PCI_CAP_PCI_CFG capability; 0: none */
        struct virtio_region common;
        struct virtio_region notify;
        struct virtio_region device;
        uint32_t notify_multiplier;
};

/* The type of the virtio function, by its id or, for a transitional one, its subsystem id; 0: it is none. */
unsigned virtio_type(struct guest *g, const struct pci_function *function);

/*
 * Finds the device's structures. False where it has no common structure or no window to it: it is no device of
 * virtio 1.0. Nothing is written.
 */
bool virtio_find(struct guest *g, const struct pci_function *function, struct virtio *ret);
/* The same, and lets it reach memory, without interrupts, with no BAR of its own in the address space. */
bool virtio_open(struct guest *g, const struct pci_function *function, struct virtio *ret);
/* False where the registers are no transport of virtio 1.0; type is 0 where no device sits in it. */
bool virtio_open_mmio(struct guest *g, uint64_t base, struct virtio *ret);

/* Every virtio device: PCI functions, and transports with a device, of virtio 1.0 or older. */
struct virtio_place {
        struct pci_function function;
        uint64_t mmio; /* 0: on PCI */
        unsigned type;
};
typedef void virtio_visit(struct guest *g, const struct virtio_place *place, void *context);
void virtio_walk(struct guest *g, virtio_visit *visit, void *context);
bool virtio_open_place(struct guest *g, const struct virtio_place *place, struct virtio *ret);

/* "block at PCI 00:01.0", by value so that it can stand in an argument list. */
struct virtio_name {
        char text[48];
};
struct virtio_name virtio_name(const struct virtio_place *place);

/* True once the device says that it is reset, at most 1 s later. */
bool virtio_reset(struct virtio *v);
/* Resets the device and leaves its function as it was found. */
void virtio_close(struct virtio *v);

/* One access of 1, 2 or 4 bytes through the window. */
uint32_t virtio_get(struct virtio *v, const struct virtio_region *region, uint32_t offset, unsigned width);
void virtio_put(struct virtio *v, const struct virtio_region *region, uint32_t offset, unsigned width, uint32_t value);

/* The handshake from reset to FEATURES_OK; returns the features that the device offers. */
uint64_t virtio_negotiate(struct virtio *v, uint64_t wanted);
uint8_t virtio_status(struct virtio *v);

/* One buffer through a queue of the device, which must have come to FEATURES_OK; false, with *ret_why told, after 5 s.
 */
struct virtio_buffer {
        void *at;
        uint32_t size;
        bool device_writes;
};
bool virtio_use(struct virtio *v, unsigned queue, const struct virtio_buffer *buffers, unsigned count,
                const char **ret_why);

/* Reads one 512-byte block through queue 0; false, with *ret_why told, where the device does not do it in 5 s. */
bool virtio_block_read(struct virtio *v, uint64_t sector, uint8_t to[512], const char **ret_why);
