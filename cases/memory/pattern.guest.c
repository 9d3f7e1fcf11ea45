/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory that the map calls conventional answers, and keeps what is written to it. */
#include "guest.h"
#include "map.h"

enum { PAGE = 4096, MAP_PAGES = 32, MAP_HEADER = 16, RANGES_MAX = 256, WORDS = PAGE / 8 };

/* The first and the last page of a range; the same page where one only is there, or could be had. */
struct ends {
        uint64_t page[2];
        uint64_t mask;     /* what the pattern of a word is its address against */
        uint64_t wrong_at; /* 0: none */
};

static void pattern_write(const struct ends *ends, unsigned end)
{
        volatile uint64_t *word = (volatile uint64_t *)(uintptr_t)ends->page[end];

        for (unsigned i = 0; i < WORDS; i++)
                word[i] = (ends->page[end] + 8 * i) ^ ends->mask;
        arch_cache_clean(word, PAGE);
}

static void pattern_read(struct ends *ends, unsigned end)
{
        volatile uint64_t *word = (volatile uint64_t *)(uintptr_t)ends->page[end];

        for (unsigned i = 0; i < WORDS; i++)
                if (word[i] != ((ends->page[end] + 8 * i) ^ ends->mask))
                        ends->wrong_at = ends->page[end] + 8 * i;
}

/* Both pages are written before either is read: two addresses of the same memory would show. */
static void pattern_try(void *context)
{
        struct ends *ends = context;

        for (unsigned pass = 0; pass < 2; pass++) {
                ends->mask = ~ends->mask;
                pattern_write(ends, 0);
                pattern_write(ends, 1);
                pattern_read(ends, 0);
                pattern_read(ends, 1);
        }
}

static void page_read(void *context)
{
        (void)*(volatile uint64_t *)(uintptr_t) * (uint64_t *)context;
}

/* A page that cannot be had, because it was taken meanwhile or is kept back, is only read. */
static bool page_taken(struct guest *g, uint64_t page)
{
        EFI_PHYSICAL_ADDRESS at = page;
        EFI_STATUS status = g->bs->AllocatePages(AllocateAddress, EfiLoaderData, 1, &at);
        bool answers;

        if (!EFI_ERROR(status))
                return true;
        answers = guest_try(g, page_read, &page);
        NOTE(g, "refused", "%s for 0x%llx", status_name(status).text, (unsigned long long)page);
        CHECK_SAY(g, answers, "memory that can be read", "%s at 0x%llx", answers ? "it can be" : "an exception",
                  (unsigned long long)page);
        return false;
}

static void range_judge(struct guest *g, const struct map_range *range, unsigned *tried)
{
        struct ends ends = {{range->base, range->base + range->size - PAGE}, 0x5aa5c33c0ff09669, 0};
        bool two = ends.page[0] != ends.page[1], had[2] = {page_taken(g, ends.page[0]), false}, whole, kept;

        had[1] = two ? page_taken(g, ends.page[1]) : had[0];
        if (!had[0])
                ends.page[0] = ends.page[1];
        if (!had[1])
                ends.page[1] = ends.page[0];
        if (!had[0] && !had[1])
                return;
        whole = guest_try(g, pattern_try, &ends);
        kept = whole && !ends.wrong_at;
        CHECK_SAY(g, kept, "both ends keep two patterns", "%s 0x%llx in the range at 0x%llx",
                  !whole ? "an exception at"
                  : kept ? "all right, from"
                         : "another value at",
                  (unsigned long long)(!whole ? arch_fault.address
                                       : kept ? range->base
                                              : ends.wrong_at),
                  (unsigned long long)range->base);
        ++*tried;
        (void)g->bs->FreePages(ends.page[0], 1);
        if (ends.page[0] != ends.page[1])
                (void)g->bs->FreePages(ends.page[1], 1);
}

void guest_conventional_memory_keeps_what_is_written(struct guest *g)
{
        UINTN size = MAP_PAGES * PAGE - MAP_HEADER, key = 0, step = 0;
        uint8_t *pages = guest_pages(g, MAP_PAGES);
        struct map_range range;
        UINT32 version = 0;
        unsigned tried = 0;

        if (!pages)
                SUITE_ERROR(g, "there is no memory for a map");
        if (!pages || !CHECK_STATUS(g, g->bs->GetMemoryMap(&size, (void *)(pages + MAP_HEADER), &key, &step, &version),
                                    EFI_SUCCESS))
                return;
        wire_put32(pages, (uint32_t)step);
        for (size_t i = 0; i < RANGES_MAX && map_range((struct bytes){pages, MAP_HEADER + size}, i, &range); i++)
                if (range.type == MAP_CONVENTIONAL && range.size)
                        range_judge(g, &range, &tried);
        NOTE_NUMBER(g, "ranges of conventional memory written to", tried);
        CHECK_NE(g, tried, 0);
}
