/* SPDX-License-Identifier: BSD-2-Clause */
/* What a PVH loader reads of an ELF file: its segments, and the note of Xen that names the 32-bit entry. */
#include "blob.h"

#include <elf.h>
#include <string.h>

#include "image.h"

enum { XEN_PHYS32_ENTRY = 18, PROGRAM_HEADERS_MAX = 64 };

static const uint64_t four_gib = UINT64_C(1) << 32;

bool blob_is_elf(struct bytes blob)
{
        return blob.size >= SELFMAG && memcmp(blob.data, ELFMAG, SELFMAG) == 0;
}

/* A program header of either class. */
struct program {
        uint32_t type;
        struct blob_segment segment;
        uint64_t alignment;
};

static struct program program_of(const uint8_t *at, bool wide)
{
        if (wide)
                return (struct program){
                        image_le32(at),
                        {image_le64(at + 8), image_le64(at + 24), image_le64(at + 32), image_le64(at + 40)},
                        image_le64(at + 48)};
        return (struct program){image_le32(at),
                                {image_le32(at + 4), image_le32(at + 12), image_le32(at + 16), image_le32(at + 20)},
                                image_le32(at + 28)};
}

static bool segment_take(struct blob_pvh *pvh, const struct blob_segment *segment, uint64_t at,
                         struct blob_fault *fault)
{
        if (segment->in_memory < segment->in_file)
                return blob_fault(fault, at, "a segment that is as large in memory as in the file",
                                  "0x%llx bytes in memory, 0x%llx in the file", (unsigned long long)segment->in_memory,
                                  (unsigned long long)segment->in_file);
        if (segment->address > four_gib || segment->in_memory > four_gib - segment->address)
                return blob_fault(fault, at, "a segment below 4 GiB", "0x%llx bytes at 0x%llx",
                                  (unsigned long long)segment->in_memory, (unsigned long long)segment->address);
        for (unsigned i = 0; i < pvh->segments; i++) {
                const struct blob_segment *other = &pvh->segment[i];

                if (segment->address < other->address + other->in_memory &&
                    other->address < segment->address + segment->in_memory)
                        return blob_fault(fault, at, "segments that do not overlap in memory",
                                          "0x%llx bytes at 0x%llx, in those at 0x%llx",
                                          (unsigned long long)segment->in_memory, (unsigned long long)segment->address,
                                          (unsigned long long)other->address);
        }
        if (pvh->segments == BLOB_SEGMENTS_MAX)
                return blob_fault(fault, at, "at most 16 segments", "one more");
        pvh->segment[pvh->segments++] = *segment;
        return true;
}

/* The notes of one segment: sizes of name and value, a type, then both, each padded to 4 bytes. */
static bool notes_take(struct bytes blob, struct blob_pvh *pvh, const struct blob_segment *segment,
                       struct blob_fault *fault)
{
        struct bytes part = {blob.data, (size_t)(segment->offset + segment->in_file)};

        for (uint64_t at = segment->offset; at < part.size;) {
                const uint8_t *head = blob_at(part, at, 12, "a note's header", fault), *name;
                uint64_t name_size, value_size, padded;

                if (!head)
                        return false;
                name_size = image_le32(head);
                value_size = image_le32(head + 4);
                padded = (name_size + 3) & ~UINT64_C(3);
                name = blob_at(part, at + 12, padded + value_size, "a note's name and value", fault);
                if (!name)
                        return false;
                if (name_size == 4 && memcmp(name, "Xen", 4) == 0 && image_le32(head + 8) == XEN_PHYS32_ENTRY) {
                        if (value_size != 4 && value_size != 8)
                                return blob_fault(fault, at + 4, "an entry of 4 or 8 bytes", "%llu bytes",
                                                  (unsigned long long)value_size);
                        pvh->noted = true;
                        pvh->entry = value_size == 4 ? image_le32(name + padded) : image_le64(name + padded);
                }
                at += 12 + padded + ((value_size + 3) & ~UINT64_C(3));
        }
        return true;
}

static bool elf_header_check(const uint8_t *header, struct blob_pvh *pvh, struct blob_fault *fault)
{
        if (header[EI_CLASS] != ELFCLASS32 && header[EI_CLASS] != ELFCLASS64)
                return blob_fault(fault, EI_CLASS, "an ELF class of 32 or 64 bits", "%u", header[EI_CLASS]);
        if (header[EI_DATA] != ELFDATA2LSB)
                return blob_fault(fault, EI_DATA, "an ELF file of little-endian numbers", "%u", header[EI_DATA]);
        pvh->wide = header[EI_CLASS] == ELFCLASS64;
        pvh->machine = image_le16(header + 18);
        if (image_le16(header + 16) != ET_EXEC)
                return blob_fault(fault, 16, "ET_EXEC, 2: an executable", "%u", image_le16(header + 16));
        if (pvh->machine != EM_386 && pvh->machine != EM_X86_64)
                return blob_fault(fault, 18, "EM_386, 3, or EM_X86_64, 62", "%u", pvh->machine);
        return true;
}

static bool entry_check(const struct blob_pvh *pvh, struct blob_fault *fault)
{
        for (unsigned i = 0; i < pvh->segments; i++)
                if (pvh->entry - pvh->segment[i].address < pvh->segment[i].in_file)
                        return true;
        return blob_fault(fault, 0, "a Xen note whose entry lies in a segment", "the entry 0x%llx",
                          (unsigned long long)pvh->entry);
}

bool blob_pvh_read(struct bytes blob, struct blob_pvh *ret, struct blob_fault *fault)
{
        const uint8_t *header = blob_at(blob, 0, sizeof(Elf32_Ehdr), "an ELF header", fault);
        uint64_t programs;
        unsigned size, count;

        *ret = (struct blob_pvh){0};
        if (!header)
                return false;
        if (!blob_is_elf(blob))
                return blob_fault(fault, 0, "7f 45 4c 46: an ELF header", "%02x %02x %02x %02x", header[0], header[1],
                                  header[2], header[3]);
        if (!elf_header_check(header, ret, fault) ||
            (ret->wide && !blob_at(blob, 0, sizeof(Elf64_Ehdr), "an ELF header", fault)))
                return false;
        programs = ret->wide ? image_le64(header + 32) : image_le32(header + 28);
        size = image_le16(header + (ret->wide ? 54 : 42));
        count = image_le16(header + (ret->wide ? 56 : 44));
        if (size != (ret->wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr)) || !count || count > PROGRAM_HEADERS_MAX)
                return blob_fault(fault, ret->wide ? 54 : 42, "1 to 64 program headers of the size that they have",
                                  "%u of %u bytes", count, size);
        if (!blob_at(blob, programs, (uint64_t)size * count, "program headers", fault))
                return false;
        for (unsigned i = 0; i < count; i++) {
                uint64_t at = programs + (uint64_t)size * i;
                struct program program = program_of(blob.data + at, ret->wide);

                if (program.type != PT_LOAD && program.type != PT_NOTE)
                        continue;
                if (!blob_at(blob, program.segment.offset, program.segment.in_file, "a segment", fault) ||
                    (program.type == PT_LOAD ? !segment_take(ret, &program.segment, at, fault)
                                             : !notes_take(blob, ret, &program.segment, fault)))
                        return false;
        }
        return !ret->noted || entry_check(ret, fault);
}
