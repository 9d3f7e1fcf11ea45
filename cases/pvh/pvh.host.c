/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a PVH loader hands over, as fixtures/pvh/probe.c told it on the console: lines "VMSPEC-PVH word name=value ...".
 * The start state is that of Xen's docs/misc/pvh.pandoc, the structures those of public/arch-x86/hvm/start_info.h.
 */
#include <stdlib.h>

#include "host.h"

enum { LINE = 400, RANGES = 64 };

static const uint64_t four_gib = UINT64_C(1) << 32;

/* The number-th line that begins "VMSPEC-PVH word"; false where there is none. */
static bool line_find(const struct host *h, const char *word, unsigned number, char line[LINE])
{
        const char *at = (const char *)h->history->console.data, *end = at + h->history->console.size;
        char begin[40];
        size_t length = text_format(begin, sizeof(begin), "VMSPEC-PVH %s ", word);

        while (at && (at = memmem(at, (size_t)(end - at), begin, length))) {
                const char *stop = memchr(at, '\r', (size_t)(end - at));
                size_t size = stop ? (size_t)(stop - at) : 0;

                if (number-- == 0 && size && size < LINE) {
                        memcpy(line, at, size);
                        line[size] = 0;
                        return true;
                }
                at += length;
        }
        return false;
}

/* A number of a line; false, told as a failure of the platform, where it is not there. */
static bool number_of(struct host *h, const char *line, const char *name, uint64_t *ret)
{
        char words[40];
        const char *at;
        char *stop;

        text_format(words, sizeof(words), " %s=0x", name);
        at = strstr(line, words);
        if (at)
                *ret = strtoull(at + strlen(words), &stop, 16);
        if (!at)
                SUITE_ERROR(h, "the probe did not tell %s: %s", name, line);
        return at != NULL;
}

/* The line of the probe, or why there is none: where a VM ran to no end of the probe, its loader did not start it. */
static bool probe_line(struct host *h, const char *word, char line[LINE])
{
        if (!host_event(h, h->boot_of_part[1], "pvh-machine", NULL)) {
                SUITE_ERROR(h, "there was no start by the PVH loader");
                return false;
        }
        return CHECK_SAY(h, line_find(h, word, 0, line), "the probe is started, and tells what it was given",
                         "silence");
}

static uint64_t started_with(struct host *h, const char *name)
{
        const struct history_event *machine = host_event(h, h->boot_of_part[1], "pvh-machine", NULL);
        char line[LINE];
        uint64_t value = 0;

        text_format(line, sizeof(line), " %s", machine ? machine->text : "");
        (void)number_of(h, line, name, &value);
        return value;
}

struct range {
        uint64_t address, size, type;
};

/* The memory map; how many ranges it has. */
static unsigned map_read(struct host *h, struct range map[RANGES])
{
        char line[LINE];
        unsigned count = 0;

        while (count < RANGES && line_find(h, "map", count, line) &&
               number_of(h, line, "address", &map[count].address) && number_of(h, line, "size", &map[count].size) &&
               number_of(h, line, "type", &map[count].type))
                count++;
        return count;
}

static bool lies_in_ram(const struct range *map, unsigned count, uint64_t address, uint64_t size)
{
        for (unsigned i = 0; i < count; i++)
                if (map[i].type == 1 && address >= map[i].address && size <= map[i].size &&
                    address - map[i].address <= map[i].size - size)
                        return true;
        return false;
}

void host_pvh_firmware_has_its_header(struct host *h)
{
        const struct history_event *file = host_event(h, h->boot_of_part[1], "pvh-firmware", NULL);
        const struct history_event *unknown = host_event(h, h->boot_of_part[1], "pvh-unknown", NULL);

        if (!file)
                SUITE_ERROR(h, "%s", unknown ? unknown->text : "the runner did not read what its PVH loader is given");
        else
                CHECK_SAY(
                        h, strncmp(file->text, "whole", 5) == 0,
                        "an ELF of EM_386, one segment of all of it at 0x100000, a Xen note of its entry near its end",
                        "%s", file->text);
}

void host_pvh_entry_state_is_right(struct host *h)
{
        char state[LINE], info[LINE];
        uint64_t cr0 = 0, cr4 = 0, flags = 0, magic = 0, version = 0;

        if (!probe_line(h, "state", state) || !probe_line(h, "start-info", info) || !number_of(h, state, "cr0", &cr0) ||
            !number_of(h, state, "cr4", &cr4) || !number_of(h, state, "eflags", &flags) ||
            !number_of(h, info, "magic", &magic) || !number_of(h, info, "version", &version))
                return;
        CHECK_SAY(h, (cr0 & ~UINT64_C(0x10)) == 1, "CR0 has PE alone, beside ET, which cannot be written", "0x%llx",
                  (unsigned long long)cr0);
        CHECK_EQ(h, cr4, 0);
        CHECK_EQ(h, flags & 0x20300, 0); /* VM, IF and TF */
        CHECK_EQ(h, magic, 0x336ec578);
        CHECK_GE(h, version, 1);
}

void host_pvh_memory_map_is_right(struct host *h)
{
        struct range map[RANGES];
        char info[LINE];
        uint64_t there = 0, entries = 0, ram = 0, memory;
        unsigned count, overlaps = 0;

        if (!probe_line(h, "start-info", info) || !number_of(h, info, "rsdp-there", &there) ||
            !number_of(h, info, "entries", &entries))
                return;
        CHECK_SAY(h, there == 1, "rsdp_paddr leads to an RSDP that sums to 0", "%s", info);
        count = map_read(h, map);
        CHECK_IN(h, entries, 1, RANGES);
        CHECK_EQ(h, count, entries);
        for (unsigned i = 0; i < count; i++) {
                ram += map[i].type == 1 ? map[i].size : 0;
                for (unsigned k = 0; k < i; k++)
                        overlaps += map[i].address < map[k].address + map[k].size &&
                                    map[k].address < map[i].address + map[i].size;
        }
        memory = started_with(h, "memory");
        CHECK_EQ(h, overlaps, 0);
        CHECK_IN(h, ram, memory - memory / 16, memory);
}

void host_pvh_structures_lie_below_4g(struct host *h)
{
        static const char *const names[] = {"modlist", "cmdline", "rsdp", "memmap"};
        char state[LINE], info[LINE];
        struct range map[RANGES];
        uint64_t at = 0, entries = 0;
        unsigned count;

        if (!probe_line(h, "state", state) || !probe_line(h, "start-info", info) || !number_of(h, state, "ebx", &at) ||
            !number_of(h, info, "entries", &entries))
                return;
        count = map_read(h, map);
        if (count)
                CHECK_SAY(h, lies_in_ram(map, count, at, 56), "start_info in RAM of the memory map", "0x%llx",
                          (unsigned long long)at);
        for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
                if (number_of(h, info, names[i], &at))
                        CHECK_SAY(h, at < four_gib, "below 4 GiB", "%s at 0x%llx", names[i], (unsigned long long)at);
        if (number_of(h, info, "memmap", &at))
                CHECK_LE(h, at + 24 * entries, four_gib);
}

void host_pvh_other_processors_start(struct host *h)
{
        char line[LINE];
        uint64_t others = 0, processors;

        if (!probe_line(h, "processors", line) || !number_of(h, line, "others", &others))
                return;
        processors = started_with(h, "processors");
        CHECK_EQ(h, others + 1, processors);
}

void host_pvh_loader_enters_by_the_note(struct host *h)
{
        char line[LINE];
        uint64_t note = 0;

        if (probe_line(h, "state", line) && number_of(h, line, "by-note", &note))
                CHECK_SAY(h, note == 1, "the entry that the Xen note names, not that of the ELF header", "%s", line);
}
