/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The processor's state is changed before the application starts:
 *
 *   REGISTER set|clear|write VALUE  sctlr, tcr (of the current level), mair (at EL1), cpacr, fpcr, daif, cntfrq;
 *                                   cntvoff at EL2
 *   at-entry REGISTER HOW VALUE     the same, but only while the application reads its registers
 *   start hvc|smc MPIDR             that processor is powered on, and waits
 *   counter-back                    at EL2: every 10 ms the virtual counter goes back by 15 ms
 *   psci-silent                     at EL1: an instruction that faults answers -1 in x0 and is stepped over
 *   psci-call FROM TO               what the application asks PSCI by HVC is another function where it is FROM
 *   psci-answer FROM TO             the answer is another one where it is FROM
 *   stack TYPE KIB                  the application is started on a stack of its own, in memory of that type
 *   page-elsewhere                  at EL1: 15 pages of ACPI NVS memory are mapped to the page behind each
 *   instead OLD NEW                 the application has the instruction NEW wherever it had OLD; their low 5 bits,
 *                                   which name a register, are 0 here and stay as they were there
 */
#include "../minimal.h"

#include <string.h>

enum { VECTORS = 16, VECTOR_WORDS = 32, REACH = 96 * 1024 * 1024 };

#define READ(name)                                                                                                     \
        ({                                                                                                             \
                uint64_t value_;                                                                                       \
                __asm__ volatile("mrs %0, " #name : "=r"(value_));                                                     \
                value_;                                                                                                \
        })
#define WRITE(name, value) __asm__ volatile("msr " #name ", %0\n\tisb" : : "r"((uint64_t)(value)) : "memory")

static bool at_el2(void)
{
        return READ(currentel) >> 2 == 2;
}

static uint64_t changed(uint64_t old, const char *how, uint64_t value)
{
        return strcmp(how, "set") == 0 ? old | value : strcmp(how, "clear") == 0 ? old & ~value : value;
}

/* Of those that at-entry takes. */
static uint64_t register_read(const char *name)
{
        if (strcmp(name, "sctlr") == 0)
                return at_el2() ? READ(sctlr_el2) : READ(sctlr_el1);
        if (strcmp(name, "tcr") == 0)
                return at_el2() ? READ(tcr_el2) : READ(tcr_el1);
        return strcmp(name, "cpacr") == 0 ? READ(cpacr_el1) : READ(daif);
}

static EFI_STATUS register_change(const char *name, const char *how, uint64_t value)
{
        if (strcmp(name, "sctlr") == 0 && at_el2())
                WRITE(sctlr_el2, changed(READ(sctlr_el2), how, value));
        else if (strcmp(name, "sctlr") == 0)
                WRITE(sctlr_el1, changed(READ(sctlr_el1), how, value));
        else if (strcmp(name, "tcr") == 0 && at_el2())
                WRITE(tcr_el2, changed(READ(tcr_el2), how, value));
        else if (strcmp(name, "tcr") == 0)
                WRITE(tcr_el1, changed(READ(tcr_el1), how, value));
        else if (strcmp(name, "mair") == 0 && !at_el2())
                WRITE(mair_el1, changed(READ(mair_el1), how, value));
        else if (strcmp(name, "cpacr") == 0)
                WRITE(cpacr_el1, changed(READ(cpacr_el1), how, value));
        else if (strcmp(name, "fpcr") == 0)
                WRITE(fpcr, changed(READ(fpcr), how, value));
        else if (strcmp(name, "daif") == 0)
                WRITE(daif, changed(READ(daif), how, value));
        else if (strcmp(name, "cntfrq") == 0)
                WRITE(cntfrq_el0, changed(READ(cntfrq_el0), how, value));
        else if (strcmp(name, "cntvoff") == 0 && at_el2())
                WRITE(cntvoff_el2, changed(READ(cntvoff_el2), how, value));
        else
                return EFI_INVALID_PARAMETER;
        return EFI_SUCCESS;
}

/*
 * A change that the firmware would not survive lasts from the application's allocation for its evidence, the only one
 * of more than 4 MiB, until it asks for the memory map: between the two it reads the registers. IRQs are masked then:
 * their handler is the firmware's.
 */
enum { EVIDENCE_PAGES = 1025, DAIF_I = 1 << 7 };
static EFI_ALLOCATE_PAGES allocate_pages;
static EFI_GET_MEMORY_MAP get_memory_map;
static struct {
        struct word name;
        struct word how;
        uint64_t value;
        uint64_t before;
        uint64_t interrupts;
        bool lasts;
} entry;

static EFI_STATUS EFIAPI changing(EFI_ALLOCATE_TYPE type, EFI_MEMORY_TYPE memory, UINTN pages, EFI_PHYSICAL_ADDRESS *at)
{
        EFI_STATUS status = allocate_pages(type, memory, pages, at);

        if (pages < EVIDENCE_PAGES)
                return status;
        entry.lasts = true;
        entry.interrupts = READ(daif);
        WRITE(daif, entry.interrupts | DAIF_I);
        entry.before = register_read(entry.name.text);
        (void)register_change(entry.name.text, entry.how.text, entry.value);
        return status;
}

static EFI_STATUS EFIAPI restoring(UINTN *size, EFI_MEMORY_DESCRIPTOR *map, UINTN *key, UINTN *step, UINT32 *version)
{
        if (entry.lasts) {
                (void)register_change(entry.name.text, "write", entry.before);
                WRITE(daif, entry.interrupts);
        }
        entry.lasts = false;
        return get_memory_map(size, map, key, step, version);
}

static EFI_STATUS entry_seed(struct shim *shim, struct words *words)
{
        entry.name = word_next(words);
        entry.how = word_next(words);
        if (!word_number(words, &entry.value))
                return EFI_INVALID_PARAMETER;
        allocate_pages = shim->bs->AllocatePages;
        get_memory_map = shim->bs->GetMemoryMap;
        shim->bs->AllocatePages = changing;
        shim->bs->GetMemoryMap = restoring;
        table_sign(&shim->bs->Hdr);
        return EFI_SUCCESS;
}

/* Where a processor goes that is only there to be on. */
void processor_wait(void);
__asm__(".text\n\t.globl processor_wait\nprocessor_wait:\n\twfi\n\tb processor_wait\n");

static const uint64_t cpu_on = 0xc4000003;

static EFI_STATUS processor_start(bool hvc, uint64_t mpidr)
{
        register uint64_t x0 __asm__("x0") = cpu_on;
        register uint64_t x1 __asm__("x1") = mpidr;
        register uint64_t x2 __asm__("x2") = (uintptr_t)processor_wait;
        register uint64_t x3 __asm__("x3") = 0;

        if (hvc)
                __asm__ volatile("hvc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) : : "x4", "x16", "x17", "memory");
        else
                __asm__ volatile("smc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) : : "x4", "x16", "x17", "memory");
        return (int32_t)x0 == 0 ? EFI_SUCCESS : EFI_DEVICE_ERROR;
}

static void EFIAPI counter_step(EFI_EVENT event, void *context)
{
        (void)event;
        (void)context;
        WRITE(cntvoff_el2, READ(cntvoff_el2) + READ(cntfrq_el0) / 1000 * 15);
}

static EFI_STATUS counter_back(struct shim *shim)
{
        EFI_EVENT event;
        EFI_STATUS status;

        if (!at_el2())
                return EFI_UNSUPPORTED;
        status = shim->bs->CreateEvent(EVT_TIMER | EVT_NOTIFY_SIGNAL, TPL_NOTIFY, counter_step, NULL, &event);
        return EFI_ERROR(status) ? status : shim->bs->SetTimer(event, TimerPeriodic, 100000);
}

/* A synchronous exception at this level: x0 = -1, on with the next instruction. Everything else is the firmware's.
 */
static EFI_STATUS faults_swallow(struct shim *shim)
{
        static const uint32_t swallow[] = {0xd5384030 /* mrs x16, elr_el1 */, 0x91001210 /* add x16, x16, #4 */,
                                           0xd5184030 /* msr elr_el1, x16 */, 0x92800000 /* mov x0, #-1 */,
                                           0xd69f03e0 /* eret */};
        uint64_t vectors = READ(vbar_el1);
        EFI_PHYSICAL_ADDRESS page = vectors + REACH;
        uint32_t *table;

        if (at_el2() || EFI_ERROR(shim->bs->AllocatePages(AllocateMaxAddress, EfiLoaderCode, 1, &page)))
                return EFI_UNSUPPORTED;
        table = (uint32_t *)(uintptr_t)page;
        for (unsigned v = 0; v < VECTORS; v++) {
                int64_t away = (int64_t)(vectors + v * VECTOR_WORDS * 4) - (int64_t)(page + v * VECTOR_WORDS * 4);

                table[v * VECTOR_WORDS] = 0x14000000 | ((uint64_t)away >> 2 & 0x3ffffff); /* b firmware's slot */
        }
        for (unsigned i = 0; i < sizeof(swallow) / sizeof(swallow[0]); i++)
                table[4 * VECTOR_WORDS + i] = swallow[i];
        __asm__ volatile("dsb sy\n\tic iallu\n\tdsb sy\n\tisb" : : : "memory");
        WRITE(vbar_el1, page);
        return EFI_SUCCESS;
}

/* x0: top of a stack; x1: StartImage; x2: the image. It never comes back: an application ends by a reset. */
void processor_start_on(uint64_t top, EFI_IMAGE_START start, EFI_HANDLE image) __attribute__((noreturn));
__asm__(".text\n\t.globl processor_start_on\nprocessor_start_on:\n\tmov sp, x0\n\tmov x16, x1\n\tmov x0, x2\n\t"
        "mov x1, xzr\n\tmov x2, xzr\n\tblr x16\n\tb processor_wait\n");

static EFI_IMAGE_START start_image;
static uint64_t stack_top;

static EFI_STATUS EFIAPI starting(EFI_HANDLE image, UINTN *size, CHAR16 **data)
{
        (void)size;
        (void)data;
        processor_start_on(stack_top, start_image, image);
}

static EFI_STATUS stack_seed(struct shim *shim, struct words *words)
{
        EFI_MEMORY_TYPE type;
        uint64_t kib = 0;
        uint8_t *stack;

        if (!word_memory_type(words, &type) || !word_number(words, &kib))
                return EFI_INVALID_PARAMETER;
        stack = shim_pages(shim, type, kib * 1024);
        if (!stack)
                return EFI_OUT_OF_RESOURCES;
        stack_top = (uintptr_t)stack + kib * 1024;
        start_image = shim->bs->StartImage;
        shim->bs->StartImage = starting;
        table_sign(&shim->bs->Hdr);
        return EFI_SUCCESS;
}

/* The entry of the last level for an address; blocks on the way become tables of smaller ones. NULL: no memory. */
static uint64_t *page_entry(struct shim *shim, uint64_t address)
{
        const uint64_t output = 0x0000fffffffff000, valid = 1, table_or_page = 2;
        unsigned bits = 64 - (READ(tcr_el1) & 63), level = bits > 39 ? 0 : bits > 30 ? 1 : 2;
        uint64_t *table = (uint64_t *)(uintptr_t)(READ(ttbr0_el1) & output);

        for (; level < 3; level++) {
                unsigned shift = 39 - 9 * level;
                uint64_t *slot = &table[address >> shift & 511];

                if (!(*slot & table_or_page)) {
                        uint64_t *lower = shim_pages(shim, EfiBootServicesData, 4096);

                        if (!lower || !(*slot & valid))
                                return NULL;
                        for (uint64_t i = 0; i < 512; i++)
                                lower[i] = (*slot | (level == 2 ? table_or_page : 0)) + (i << (shift - 9));
                        __asm__ volatile("dsb sy" : : : "memory");
                        *slot = (uintptr_t)lower | valid | table_or_page;
                }
                table = (uint64_t *)(uintptr_t)(*slot & output);
        }
        return &table[address >> 12 & 511];
}

/* Nobody uses these pages; that they are more than one lets a few samples hit them. */
static EFI_STATUS page_move(struct shim *shim)
{
        enum { PAGES = 16 };
        uint64_t page = (uintptr_t)shim_pages(shim, EfiACPIMemoryNVS, PAGES * 4096), *slot;

        if (at_el2() || !page)
                return EFI_UNSUPPORTED;
        for (unsigned i = 0; i + 1 < PAGES; i++) {
                slot = page_entry(shim, page + i * 4096);
                if (!slot)
                        return EFI_OUT_OF_RESOURCES;
                *slot += 4096;
        }
        __asm__ volatile("dsb sy\n\ttlbi vmalle1\n\tdsb sy\n\tisb" : : : "memory");
        return EFI_SUCCESS;
}

/* EDK2 lets nobody write to an application's code; its processor protocol lifts that. U-Boot has neither. */
static void image_unlock(struct shim *shim)
{
        static EFI_GUID cpu_guid = {0x26baccb1, 0x6f42, 0x11d4, {0xbc, 0xe7, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81}};
        struct cpu {
                void *before[7];
                EFI_STATUS(EFIAPI *set_memory_attributes)(struct cpu *, EFI_PHYSICAL_ADDRESS, UINT64, UINT64);
        } *cpu = NULL;

        if (!EFI_ERROR(shim->bs->LocateProtocol(&cpu_guid, NULL, (void **)&cpu)) && cpu)
                (void)cpu->set_memory_attributes(cpu, (uintptr_t)shim->child_loaded->ImageBase,
                                                 (shim->child_loaded->ImageSize + 4095) & ~UINT64_C(4095), 0);
}

/* What the application reads is another register from now on: one that traps, or that differs between processors. */
static EFI_STATUS instruction_seed(struct shim *shim, struct words *words)
{
        uint32_t *at = shim->child_loaded->ImageBase, *end = at + shim->child_loaded->ImageSize / 4;
        uint64_t from = 0, to = 0;
        bool any = false;

        if (!word_number(words, &from) || !word_number(words, &to) || (from | to) & 31)
                return EFI_INVALID_PARAMETER;
        image_unlock(shim);
        for (; at < end; at++)
                if ((*at & ~31u) == from) {
                        *at = (uint32_t)to | (*at & 31);
                        any = true;
                }
        __asm__ volatile("dsb sy\n\tic iallu\n\tdsb sy\n\tisb" : : : "memory");
        return any ? EFI_SUCCESS : EFI_NOT_FOUND;
}

/* eor w17, w17, w0; cbnz w17 over two, where they differ; else w0 is the other number. */
static unsigned number_exchange(uint32_t *to, uint64_t from, uint64_t other)
{
        unsigned n = 0;

        to[n++] = 0x52800011 | (from & 0xffff) << 5;       /* movz w17 */
        to[n++] = 0x72a00011 | (from >> 16 & 0xffff) << 5; /* movk w17, lsl 16 */
        to[n++] = 0x4a000231;
        to[n++] = 0x35000071;
        to[n++] = 0x52800000 | (other & 0xffff) << 5;
        to[n++] = 0x72a00000 | (other >> 16 & 0xffff) << 5;
        return n;
}

static uint32_t branch(const uint32_t *from, const uint32_t *to)
{
        return 0x14000000 | ((uint32_t)(to - from) & 0x3ffffff);
}

/* All of the application's calls go by way of a few instructions of ours, with the registers that a call may change. */
static EFI_STATUS psci_seed(struct shim *shim, struct words *words, bool answer)
{
        const uint32_t hvc = 0xd4000002;
        uint32_t *at = shim->child_loaded->ImageBase, *end = at + shim->child_loaded->ImageSize / 4, *way;
        EFI_PHYSICAL_ADDRESS page = (uintptr_t)at + REACH;
        uint64_t from = 0, to = 0;
        unsigned n = 0;

        if (!word_number(words, &from) || !word_number(words, &to))
                return EFI_INVALID_PARAMETER;
        while (at < end && *at != hvc)
                at++;
        if (at == end || EFI_ERROR(shim->bs->AllocatePages(AllocateMaxAddress, EfiLoaderCode, 1, &page)))
                return EFI_NOT_FOUND;
        way = (uint32_t *)(uintptr_t)page;
        n = answer ? 0 : number_exchange(way, from, to);
        way[n++] = hvc;
        n += answer ? number_exchange(way + n, from, to) : 0;
        way[n] = branch(way + n, at + 1);
        image_unlock(shim);
        *at = branch(at, way);
        __asm__ volatile("dsb sy\n\tic iallu\n\tdsb sy\n\tisb" : : : "memory");
        return EFI_SUCCESS;
}

EFI_STATUS processor_defect(struct shim *shim, struct words *words)
{
        struct word name = word_next(words), how;
        uint64_t value = 0;

        if (strcmp(name.text, "at-entry") == 0)
                return entry_seed(shim, words);
        if (strcmp(name.text, "counter-back") == 0)
                return counter_back(shim);
        if (strcmp(name.text, "psci-silent") == 0)
                return faults_swallow(shim);
        if (strcmp(name.text, "psci-call") == 0 || strcmp(name.text, "psci-answer") == 0)
                return psci_seed(shim, words, strcmp(name.text, "psci-answer") == 0);
        if (strcmp(name.text, "stack") == 0)
                return stack_seed(shim, words);
        if (strcmp(name.text, "page-elsewhere") == 0)
                return page_move(shim);
        if (strcmp(name.text, "instead") == 0)
                return instruction_seed(shim, words);
        how = word_next(words);
        if (!word_number(words, &value))
                return EFI_INVALID_PARAMETER;
        if (strcmp(name.text, "start") == 0)
                return processor_start(strcmp(how.text, "hvc") == 0, value);
        return register_change(name.text, how.text, value);
}

/* Stack and flags are as they are: what is wrong with them is seeded on x86 alone. */
void processor_enter(uintptr_t address, EFI_HANDLE image, EFI_SYSTEM_TABLE *st, unsigned skew, bool backward)
{
        EFI_STATUS(EFIAPI * start)(EFI_HANDLE, EFI_SYSTEM_TABLE *);

        (void)skew, (void)backward;
        memcpy(&start, &address, sizeof(start));
        (void)start(image, st);
}
