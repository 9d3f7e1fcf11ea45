/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Once the virtual map is set, runtime memory is nowhere but at its new addresses: what still uses the old ones faults.
 *
 * Where the processor's tables cannot be had in a form known here, the new addresses are the old ones.
 */
#include "virtual.h"

enum { PAGE = 4096, BLOCK = 2 * 1024 * 1024, ENTRIES = 512, POOL_PAGES = 192, MAP_ROOM = 128 * 1024, HIGH_SHIFT = 30 };

static struct {
        uint8_t *map; /* as ExitBootServices had it */
        UINTN size, step;
        UINT32 version;
        uint8_t *told; /* what SetVirtualAddressMap is given */
        uint8_t *pool;
        unsigned used; /* pages of the pool */
        struct arch_space space;
        bool built;
} virtual;

static EFI_MEMORY_DESCRIPTOR *descriptor(uint8_t *map, UINTN at)
{
        return (EFI_MEMORY_DESCRIPTOR *)(void *)(map + at);
}

static bool is_device(const EFI_MEMORY_DESCRIPTOR *one)
{
        return one->Type == EfiMemoryMappedIO || one->Type == EfiMemoryMappedIOPortSpace;
}

/* Ordinary memory, which the application and what it has called are made of. */
static bool is_plain(const EFI_MEMORY_DESCRIPTOR *one)
{
        return !(one->Attribute & EFI_MEMORY_RUNTIME) && !is_device(one) && one->Type != EfiReservedMemoryType &&
               one->Type != EfiUnusableMemory;
}

static bool is_runtime_at(uint64_t address)
{
        for (UINTN at = 0; at + virtual.step <= virtual.size; at += virtual.step) {
                const EFI_MEMORY_DESCRIPTOR *one = descriptor(virtual.map, at);

                if (one->Attribute & EFI_MEMORY_RUNTIME && address - one->PhysicalStart < one->NumberOfPages * PAGE)
                        return true;
        }
        return false;
}

void virtual_map_keep(const void *map, UINTN size, UINTN step, UINT32 version)
{
        if (!virtual.map || size > MAP_ROOM)
                return;
        memcpy(virtual.map, map, size);
        virtual.size = size;
        virtual.step = step;
        virtual.version = version;
}

static uint64_t *table_take(void)
{
        if (virtual.used == POOL_PAGES)
                return NULL;
        return (uint64_t *)(void *)(virtual.pool + PAGE * (size_t) virtual.used++);
}

/* The entry of an address at the level whose entries cover 1 << to bytes; NULL where the pool is used up. */
static uint64_t *entry_find(uint64_t *root, unsigned shift, unsigned to, uint64_t address)
{
        uint64_t *table = root;

        for (; shift > to; shift -= 9) {
                uint64_t *entry = &table[address >> shift & (ENTRIES - 1)];
                uint64_t *below = (uint64_t *)(uintptr_t)(*entry & 0xfffffffff000ull);

                if (!*entry) {
                        below = table_take();
                        if (!below)
                                return NULL;
                        *entry = arch_space_table((uintptr_t)below);
                }
                table = below;
        }
        return &table[address >> to & (ENTRIES - 1)];
}

static bool range_map(uint64_t *root, unsigned shift, uint64_t at, uint64_t size, bool device)
{
        uint64_t end = at + size, mask = (1ull << (shift + 9)) - 1;

        while (at < end && end <= mask) {
                bool block = at % BLOCK == 0 && end - at >= BLOCK;
                uint64_t *entry = entry_find(root, shift, block ? 21 : 12, at);

                if (!entry)
                        return false;
                *entry = arch_space_leaf(at, block, device);
                at += block ? BLOCK : PAGE;
        }
        return at >= end;
}

/* The low addresses have ordinary memory and nothing else, the high ones the runtime's. */
static bool space_build(void)
{
        unsigned shift = arch_space_shift();
        uint64_t base = 0, size = 0;
        bool mapped = true;

        if (!shift)
                return false;
        virtual.space = (struct arch_space){table_take(), table_take(), table_take()};
        for (UINTN at = 0; mapped && at + virtual.step <= virtual.size; at += virtual.step) {
                const EFI_MEMORY_DESCRIPTOR *one = descriptor(virtual.map, at);

                if (is_plain(one))
                        mapped = range_map(virtual.space.low, shift, one->PhysicalStart, one->NumberOfPages * PAGE,
                                           false);
                else if (one->Attribute & EFI_MEMORY_RUNTIME)
                        mapped = range_map(virtual.space.high, HIGH_SHIFT, one->PhysicalStart,
                                           one->NumberOfPages * PAGE, is_device(one));
        }
        for (unsigned i = 0; mapped && arch_space_keeps(i, &base, &size); i++)
                if (is_runtime_at(base))
                        mapped = range_map(virtual.space.low, shift, base & ~(uint64_t)(PAGE - 1), (base % PAGE) + size,
                                           false);
        arch_cache_clean(virtual.pool, (uint64_t)POOL_PAGES * PAGE);
        return mapped;
}

/* The runtime's ranges of a map at their own addresses plus offset, but for one; the length of what is told. */
static UINTN told_put(const uint8_t *map, UINTN size, UINTN step, uint64_t offset,
                      const EFI_MEMORY_DESCRIPTOR *left_out)
{
        UINTN length = 0;

        for (UINTN at = 0; at + step <= size; at += step) {
                EFI_MEMORY_DESCRIPTOR *one = descriptor(virtual.told, length);

                if (!(descriptor((uint8_t *)(uintptr_t)map, at)->Attribute & EFI_MEMORY_RUNTIME) ||
                    (left_out && (const uint8_t *)left_out == map + at))
                        continue;
                memcpy(one, map + at, step);
                one->VirtualStart = one->PhysicalStart + offset;
                length += step;
        }
        return length;
}

bool virtual_prepare(struct guest *g)
{
        virtual.map = guest_pages(g, MAP_ROOM / PAGE);
        virtual.told = guest_pages(g, MAP_ROOM / PAGE);
        virtual.pool = guest_pages(g, POOL_PAGES);
        return virtual.map && virtual.told && virtual.pool;
}

EFI_STATUS guest_map_too_early(struct guest *g)
{
        UINTN size = MAP_ROOM, key = 0, step = 0;
        UINT32 version = 0;
        EFI_STATUS status;

        if (!virtual_prepare(g))
                return EFI_OUT_OF_RESOURCES;
        status = g->bs->GetMemoryMap(&size, (void *)virtual.map, &key, &step, &version);
        if (EFI_ERROR(status))
                return status;
        size = told_put(virtual.map, size, step, 0, NULL);
        return g->rt->SetVirtualAddressMap(size, step, version, (void *)virtual.told);
}

void virtual_enter(struct app *app)
{
        struct guest *g = &app->guest;
        UINTN size;

        g->map_taken = EFI_OUT_OF_RESOURCES;
        if (!virtual.pool || !virtual.size || !g->rt->SetVirtualAddressMap)
                return;
        virtual.built = space_build();
        g->map_offset = virtual.built ? ARCH_SPACE_HIGH : 0;
        size = told_put(virtual.map, virtual.size, virtual.step, g->map_offset, NULL);
        g->map_taken = g->rt->SetVirtualAddressMap(size, virtual.step, virtual.version, (void *)virtual.told);
        if (EFI_ERROR(g->map_taken))
                return;
        (void)arch_interrupts_mask(); /* what handles them may lie where nothing is now */
        if (virtual.built)
                arch_space_enter(&virtual.space, false);
        g->rt = (EFI_RUNTIME_SERVICES *)(uintptr_t)((uintptr_t)g->rt + g->map_offset);
}

EFI_STATUS guest_map_again(struct guest *g)
{
        UINTN size = told_put(virtual.map, virtual.size, virtual.step, g->map_offset, NULL);
        EFI_STATUS status;

        if (virtual.built)
                arch_space_enter(&virtual.space, true);
        status = g->rt->SetVirtualAddressMap(size, virtual.step, virtual.version, (void *)virtual.told);
        if (virtual.built)
                arch_space_enter(&virtual.space, false);
        return status;
}

EFI_STATUS guest_map_with_gap(struct guest *g, uint64_t *ret_gap)
{
        const EFI_MEMORY_DESCRIPTOR *gap = NULL;
        UINTN size;

        if (!virtual.told || !virtual.size)
                return EFI_OUT_OF_RESOURCES;
        for (UINTN at = 0; !gap && at + virtual.step <= virtual.size; at += virtual.step)
                if (descriptor(virtual.map, at)->Attribute & EFI_MEMORY_RUNTIME &&
                    descriptor(virtual.map, at)->Type == EfiRuntimeServicesData)
                        gap = descriptor(virtual.map, at);
        if (!gap)
                return EFI_NOT_FOUND;
        *ret_gap = gap->PhysicalStart;
        size = told_put(virtual.map, virtual.size, virtual.step, 0, gap);
        return g->rt->SetVirtualAddressMap(size, virtual.step, virtual.version, (void *)virtual.told);
}

bool guest_is_mapped(struct guest *g, uintptr_t address)
{
        return is_runtime_at(address - g->map_offset);
}

void virtual_leave(void)
{
        if (virtual.built)
                arch_space_enter(&virtual.space, true);
}
