/* SPDX-License-Identifier: BSD-2-Clause */
/* As little of virtio 1.0 as it takes to shake hands with a device and to read one block from it. */
#include "virtio.h"

/* The vendor capability: its fields, and the structures that it can name. */
enum { CAP_TYPE = 0x00, CAP_BAR = 0x04, CAP_OFFSET = 0x08, CAP_LENGTH = 0x0c, CAP_DATA = 0x10, CAP_MULTIPLIER = 0x10 };
enum { TYPE_COMMON = 1, TYPE_NOTIFY = 2, TYPE_DEVICE = 4, TYPE_PCI_CFG = 5 };

/* The common configuration structure. */
enum {
        DEVICE_FEATURE_SELECT = 0x00,
        DEVICE_FEATURE = 0x04,
        DRIVER_FEATURE_SELECT = 0x08,
        DRIVER_FEATURE = 0x0c,
        DEVICE_STATUS = 0x14,
        QUEUE_SELECT = 0x16,
        QUEUE_SIZE = 0x18,
        QUEUE_ENABLE = 0x1c,
        QUEUE_NOTIFY_OFF = 0x1e,
        QUEUE_DESC = 0x20,
        QUEUE_DRIVER = 0x28,
        QUEUE_DEVICE = 0x30,
};

enum { RESET_MS = 1000, REQUEST_MS = 5000 };

static struct virtio_region region_read(struct guest *g, const struct pci_function *f, unsigned cap)
{
        struct virtio_region region = {
                .bar = (uint8_t)pci_read(g, f, cap + CAP_BAR),
                .offset = pci_read(g, f, cap + CAP_OFFSET),
                .length = pci_read(g, f, cap + CAP_LENGTH),
        };

        return region;
}

/* The first capability of a type is the one to use. */
static void capability_take(struct virtio *v, unsigned cap)
{
        struct virtio_region region = region_read(v->g, &v->function, cap);
        uint8_t type = (uint8_t)(pci_read(v->g, &v->function, cap + CAP_TYPE) >> 24);

        if (type == TYPE_PCI_CFG && !v->window) {
                v->window = cap;
        } else if (type == TYPE_COMMON && !v->common.length) {
                v->common = region;
        } else if (type == TYPE_DEVICE && !v->device.length) {
                v->device = region;
        } else if (type == TYPE_NOTIFY && !v->notify.length) {
                v->notify = region;
                v->notify_multiplier = pci_read(v->g, &v->function, cap + CAP_MULTIPLIER);
        }
}

bool virtio_find(struct guest *g, const struct pci_function *function, struct virtio *ret)
{
        unsigned cap = 0;

        *ret = (struct virtio){.g = g, .function = *function, .type = virtio_type(g, function)};
        ret->command = (uint16_t)pci_read(g, function, PCI_COMMAND);
        for (unsigned i = 0; i < 16 && (cap = pci_capability(g, function, PCI_CAP_VENDOR, cap)); i++)
                capability_take(ret, cap);
        return ret->window && ret->common.length;
}

/* The window leads into a BAR whether that is decoded or not; but QEMU 10.0.2 aborts where it is, see F-66. */
bool virtio_open(struct guest *g, const struct pci_function *function, struct virtio *ret)
{
        if (!virtio_find(g, function, ret))
                return false;
        pci_write(function, PCI_COMMAND,
                  (ret->command | PCI_COMMAND_MASTER | PCI_COMMAND_NO_INTX) & ~(uint32_t)PCI_COMMAND_MEMORY);
        return true;
}

static bool is_reset(void *context)
{
        return virtio_status(context) == 0;
}

bool virtio_reset(struct virtio *v)
{
        virtio_put(v, &v->common, DEVICE_STATUS, 1, 0);
        return guest_wait(v->g, RESET_MS, is_reset, v);
}

void virtio_close(struct virtio *v)
{
        (void)virtio_reset(v);
        if (!v->mmio)
                pci_write(&v->function, PCI_COMMAND, v->command);
}

/* Where the registers of the common structure are on virtio-mmio. */
static uint64_t mmio_register(const struct virtio *v, uint32_t offset)
{
        static const struct {
                uint8_t offset;
                uint8_t mmio;
        } registers[] = {
                {DEVICE_FEATURE_SELECT, 0x14},
                {DEVICE_FEATURE, 0x10},
                {DRIVER_FEATURE_SELECT, 0x24},
                {DRIVER_FEATURE, 0x20},
                {DEVICE_STATUS, 0x70},
                {QUEUE_SELECT, 0x30},
                {QUEUE_SIZE, 0x38},
                {QUEUE_ENABLE, 0x44},
                {QUEUE_DESC, 0x80},
                {QUEUE_DESC + 4, 0x84},
                {QUEUE_DRIVER, 0x90},
                {QUEUE_DRIVER + 4, 0x94},
                {QUEUE_DEVICE, 0xa0},
                {QUEUE_DEVICE + 4, 0xa4},
        };

        for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++)
                if (registers[i].offset == offset)
                        return v->mmio + registers[i].mmio;
        return v->mmio;
}

static void window_aim(struct virtio *v, const struct virtio_region *region, uint32_t offset, unsigned width)
{
        pci_write(&v->function, v->window + CAP_BAR, region->bar);
        pci_write(&v->function, v->window + CAP_OFFSET, region->offset + offset);
        pci_write(&v->function, v->window + CAP_LENGTH, width);
}

uint32_t virtio_get(struct virtio *v, const struct virtio_region *region, uint32_t offset, unsigned width)
{
        uint32_t mask = width == 4 ? UINT32_MAX : (UINT32_C(1) << 8 * width) - 1;

        if (v->mmio)
                return mmio_read32(mmio_register(v, offset)) & mask;
        window_aim(v, region, offset, width);
        return pci_read(v->g, &v->function, v->window + CAP_DATA) & mask;
}

void virtio_put(struct virtio *v, const struct virtio_region *region, uint32_t offset, unsigned width, uint32_t value)
{
        if (v->mmio) {
                mmio_write32(mmio_register(v, offset), value);
                return;
        }
        window_aim(v, region, offset, width);
        pci_write(&v->function, v->window + CAP_DATA, value);
}

uint8_t virtio_status(struct virtio *v)
{
        return (uint8_t)virtio_get(v, &v->common, DEVICE_STATUS, 1);
}

uint64_t virtio_negotiate(struct virtio *v, uint64_t wanted)
{
        uint64_t offered = 0;

        (void)virtio_reset(v);
        virtio_put(v, &v->common, DEVICE_STATUS, 1, VIRTIO_ACKNOWLEDGE);
        virtio_put(v, &v->common, DEVICE_STATUS, 1, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER);
        for (unsigned half = 0; half < 2; half++) {
                virtio_put(v, &v->common, DEVICE_FEATURE_SELECT, 4, half);
                offered |= (uint64_t)virtio_get(v, &v->common, DEVICE_FEATURE, 4) << 32 * half;
        }
        for (unsigned half = 0; half < 2; half++) {
                virtio_put(v, &v->common, DRIVER_FEATURE_SELECT, 4, half);
                virtio_put(v, &v->common, DRIVER_FEATURE, 4, (uint32_t)((offered & wanted) >> 32 * half));
        }
        virtio_put(v, &v->common, DEVICE_STATUS, 1, VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER | VIRTIO_FEATURES_OK);
        return offered;
}

/* One queue at a time, with one chain of buffers in it. -------------------------------------------------------------
 */

enum { QUEUE_ENTRIES = 4, NEXT = 1, DEVICE_WRITES = 2, NO_INTERRUPT = 1, BLOCK = 512, MMIO_NOTIFY = 0x50 };

struct queue {
        struct {
                uint64_t address;
                uint32_t length;
                uint16_t flags;
                uint16_t next;
        } descriptor[QUEUE_ENTRIES];
        struct {
                uint16_t flags;
                uint16_t index;
                uint16_t ring[QUEUE_ENTRIES];
                uint16_t event;
        } available;
        struct {
                uint16_t flags;
                volatile uint16_t index;
                struct {
                        uint32_t id;
                        uint32_t length;
                } ring[QUEUE_ENTRIES];
                uint16_t event;
        } used;
};

static void put_address(struct virtio *v, uint32_t offset, const void *at)
{
        uint64_t address = (uintptr_t)at;

        virtio_put(v, &v->common, offset, 4, (uint32_t)address);
        virtio_put(v, &v->common, offset + 4, 4, (uint32_t)(address >> 32));
}

static void queue_fill(struct queue *queue, const struct virtio_buffer *buffers, unsigned count)
{
        memset(queue, 0, sizeof(*queue));
        for (unsigned i = 0; i < count && i < QUEUE_ENTRIES; i++) {
                queue->descriptor[i].address = (uintptr_t)buffers[i].at;
                queue->descriptor[i].length = buffers[i].size;
                queue->descriptor[i].flags =
                        (uint16_t)((i + 1 < count ? NEXT : 0) | (buffers[i].device_writes ? DEVICE_WRITES : 0));
                queue->descriptor[i].next = (uint16_t)(i + 1);
        }
        queue->available.flags = NO_INTERRUPT;
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        queue->available.index = 1;
}

static void queue_start(struct virtio *v, unsigned index, struct queue *queue)
{
        uint32_t status = VIRTIO_ACKNOWLEDGE | VIRTIO_DRIVER | VIRTIO_FEATURES_OK | VIRTIO_DRIVER_OK;
        uint32_t notify;

        virtio_put(v, &v->common, QUEUE_SELECT, 2, index);
        virtio_put(v, &v->common, QUEUE_SIZE, 2, QUEUE_ENTRIES);
        put_address(v, QUEUE_DESC, queue->descriptor);
        put_address(v, QUEUE_DRIVER, &queue->available);
        put_address(v, QUEUE_DEVICE, &queue->used);
        notify = v->mmio ? 0 : virtio_get(v, &v->common, QUEUE_NOTIFY_OFF, 2);
        virtio_put(v, &v->common, QUEUE_ENABLE, 2, 1);
        virtio_put(v, &v->common, DEVICE_STATUS, 1, status);
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        if (v->mmio)
                mmio_write32(v->mmio + MMIO_NOTIFY, index);
        else
                virtio_put(v, &v->notify, notify * v->notify_multiplier, 2, index);
}

static bool is_used(void *context)
{
        struct queue *queue = context;

        return queue->used.index == 1;
}

bool virtio_use(struct virtio *v, unsigned index, const struct virtio_buffer *buffers, unsigned count,
                const char **ret_why)
{
        static struct queue queue __attribute__((aligned(4096))); /* ExitBootServices leaves no other memory */

        queue_fill(&queue, buffers, count);
        queue_start(v, index, &queue);
        *ret_why = "the device did not use its queue within 5 s";
        if (!guest_wait(v->g, REQUEST_MS, is_used, &queue))
                return false;
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        return true;
}

bool virtio_block_read(struct virtio *v, uint64_t sector, uint8_t to[512], const char **ret_why)
{
        static uint8_t header[16], status[1], block[BLOCK];
        const struct virtio_buffer buffers[] = {
                {header, sizeof(header), false}, {block, sizeof(block), true}, {status, sizeof(status), true}};

        memset(header, 0, sizeof(header)); /* type 0, VIRTIO_BLK_T_IN */
        wire_put64(header + 8, sector);
        status[0] = 0xff;
        if (!virtio_use(v, 0, buffers, 3, ret_why))
                return false;
        *ret_why = "the request ended with an error";
        if (*(volatile uint8_t *)status != 0)
                return false;
        memcpy(to, block, BLOCK);
        return true;
}
