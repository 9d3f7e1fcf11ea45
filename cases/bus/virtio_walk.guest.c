/* SPDX-License-Identifier: BSD-2-Clause */
/* Every virtio device that the description leads to, and how it is spoken to first. */
#include "aml.h"
#include "tree.h"
#include "virtio.h"

/* Transitional ids 0x1000 to 0x103f, those of virtio 1.0 from 0x1040. */
enum { ID_FIRST = 0x1000, ID_MODERN = 0x1040, ID_LAST = 0x107f, PCI_SUBSYSTEM = 0x2c };
enum { MMIO_MAGIC = 0x74726976, MMIO_AT_VERSION = 4, MMIO_AT_TYPE = 8, MMIO_MODERN = 2 };

unsigned virtio_type(struct guest *g, const struct pci_function *function)
{
        uint32_t id = pci_read(g, function, PCI_ID), device = id >> 16;

        if ((id & 0xffff) != VIRTIO_VENDOR || device < ID_FIRST || device > ID_LAST)
                return 0;
        return device >= ID_MODERN ? device - ID_MODERN : pci_read(g, function, PCI_SUBSYSTEM) >> 16;
}

/* The type of the device in a transport; 0 where there is no transport or no device. */
static unsigned mmio_type(struct guest *g, uint64_t base, uint32_t *ret_version)
{
        uint32_t magic = 0, type = 0;

        *ret_version = 0;
        if (!guest_peek32(g, base, &magic) || magic != MMIO_MAGIC || !guest_peek32(g, base + MMIO_AT_TYPE, &type))
                return 0;
        (void)guest_peek32(g, base + MMIO_AT_VERSION, ret_version);
        return type;
}

bool virtio_open_mmio(struct guest *g, uint64_t base, struct virtio *ret)
{
        uint32_t version;

        *ret = (struct virtio){.g = g, .mmio = base};
        ret->type = mmio_type(g, base, &version);
        return version == MMIO_MODERN;
}

bool virtio_open_place(struct guest *g, const struct virtio_place *place, struct virtio *ret)
{
        return place->mmio ? virtio_open_mmio(g, place->mmio, ret) : virtio_open(g, &place->function, ret);
}

struct walk {
        virtio_visit *visit;
        void *context;
};

static void function_visit(struct guest *g, const struct pci_function *f, void *context)
{
        const struct walk *walk = context;
        struct virtio_place place = {.function = *f, .type = virtio_type(g, f)};

        if (place.type)
                walk->visit(g, &place, walk->context);
}

static void transport_visit(struct guest *g, uint64_t base, const struct walk *walk)
{
        uint32_t version;
        struct virtio_place place = {.mmio = base, .type = mmio_type(g, base, &version)};

        if (place.type && base <= UINTPTR_MAX)
                walk->visit(g, &place, walk->context);
}

void virtio_walk(struct guest *g, virtio_visit *visit, void *context)
{
        struct walk walk = {visit, context};
        uint64_t base, size;
        struct tree tree;
        size_t at = 0;

        pci_walk(g, function_visit, &walk);
        if (!g->hw->source)
                return;
        if (strcmp(g->hw->source, "ACPI") == 0) {
                while (aml_next_virtio_mmio(g->evidence->of[EVIDENCE_ACPI], &at, &base))
                        transport_visit(g, base, &walk);
                return;
        }
        if (!tree_begin(&tree, g->evidence->of[EVIDENCE_FDT]))
                return;
        while (tree_next(&tree))
                if (tree_is(tree.fdt, tree_node(&tree), "virtio,mmio") && tree_enabled(tree.fdt, tree_node(&tree)) &&
                    tree_reg(&tree, 0, &base, &size))
                        transport_visit(g, base, &walk);
}

struct virtio_name virtio_name(const struct virtio_place *place)
{
        static const char *const types[] = {"",     "net",   "block", "console", "rng",    "balloon", "memory", "rpmsg",
                                            "scsi", "9p",    "wlan",  "rproc",   "caif",   "balloon", "",       "",
                                            "gpu",  "timer", "input", "vsock",   "crypto", "signal",  "pstore", "iommu",
                                            "mem",  "sound", "fs",    "pmem",    "rpmb"};
        const struct pci_function *f = &place->function;
        struct virtio_name name;
        char type[16];

        if (place->type < sizeof(types) / sizeof(types[0]) && *types[place->type])
                text_copy(type, sizeof(type), types[place->type]);
        else
                text_format(type, sizeof(type), "type %u", place->type);
        if (place->mmio)
                text_format(name.text, sizeof(name.text), "%s at virtio-mmio 0x%llx", type,
                            (unsigned long long)place->mmio);
        else
                text_format(name.text, sizeof(name.text), "%s at PCI %02x:%02x.%x", type, f->bus, f->device,
                            f->function);
        return name;
}
