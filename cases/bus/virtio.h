/* SPDX-License-Identifier: BSD-2-Clause */
/* A modern virtio PCI device, reached through the window in its configuration space: no BAR needs an address. */
#pragma once

#include "pci.h"

enum { VIRTIO_VENDOR = 0x1af4 };

/* Device Status. */
enum { VIRTIO_ACKNOWLEDGE = 1, VIRTIO_DRIVER = 2, VIRTIO_DRIVER_OK = 4, VIRTIO_FEATURES_OK = 8 };

/* Feature bits of 0 to 63. */
#define VIRTIO_NET_F_MAC (UINT64_C(1) << 5)
#define VIRTIO_F_VERSION_1 (UINT64_C(1) << 32)

/* A structure of the device inside one of its BARs. */
struct virtio_region {
        uint8_t bar;
        uint32_t offset;
        uint32_t length; /* 0: the device has no such structure */
};

struct virtio {
        struct guest *g;
        struct pci_function function;
        unsigned window; /* offset of the VIRTIO_PCI_CAP_PCI_CFG capability; 0: none */
        struct virtio_region common;
        struct virtio_region notify;
        struct virtio_region device;
        uint32_t notify_multiplier;
};

/* Finds the device's structures and lets it reach memory, without interrupts. False where one is missing. */
bool virtio_open(struct guest *g, const struct pci_function *function, struct virtio *ret);
/* Resets the device and takes its access to memory away again. */
void virtio_close(struct virtio *v);

/* One access of 1, 2 or 4 bytes through the window. */
uint32_t virtio_get(struct virtio *v, const struct virtio_region *region, uint32_t offset, unsigned width);
void virtio_put(struct virtio *v, const struct virtio_region *region, uint32_t offset, unsigned width, uint32_t value);

/* The handshake from reset to FEATURES_OK; returns the features that the device offers. */
uint64_t virtio_negotiate(struct virtio *v, uint64_t wanted);
uint8_t virtio_status(struct virtio *v);

/* Reads one 512-byte block through queue 0; false, with *ret_why told, where the device does not do it in 5 s. */
bool virtio_block_read(struct virtio *v, uint64_t sector, uint8_t to[512], const char **ret_why);
