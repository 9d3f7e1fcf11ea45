/* SPDX-License-Identifier: BSD-2-Clause */
/* IMG-11: each boot file is a PE image of an EFI application for the architecture that its name says. */
#include "judge.h"

#include "boot_file.h"
#include "esp.h"
#include "fat_dir.h"
#include "pe.h"
#include "pe_fields.h"

/* A file of the file system, presented as an image of its own. */
static bool file_read(const struct image *image, uint64_t offset, void *to, size_t size)
{
        return fat_file_read(image->context, offset, to, size);
}

static void sections_judge(struct judge *j, const struct image *file, const struct pe *pe, const char *name)
{
        CHECK_SAY(j, pe->section_count > 0 && pe->section_count <= PE_SECTIONS_MAX, "1 to 96 sections", "%s: %u", name,
                  pe->section_count);
        for (unsigned i = 0; i < pe->sections; i++) {
                const struct pe_section *s = &pe->section[i];

                CHECK_SAY(j, s->raw_size == 0 || (uint64_t)s->raw_offset + s->raw_size <= file->size,
                          "a section inside the file", "%s section %u: 0x%x bytes at 0x%x of 0x%llx", name, i + 1,
                          s->raw_size, s->raw_offset, (unsigned long long)file->size);
                CHECK_SAY(j, (uint64_t)s->virtual_address + s->virtual_size <= pe->image_size,
                          "a section inside the loaded image", "%s section %u: 0x%x bytes at 0x%x of 0x%x", name, i + 1,
                          s->virtual_size, s->virtual_address, pe->image_size);
        }
        CHECK_SAY(j, pe->headers_size <= file->size, "headers inside the file", "%s: SizeOfHeaders 0x%x", name,
                  pe->headers_size);
}

/* Each relocation block lies wholly in the directory, and the directory in a section that the file has bytes for. */
static void relocations_judge(struct judge *j, const struct image *file, const struct pe *pe, const char *name)
{
        const struct pe_section *s = pe_section_at(pe, pe->reloc_address, pe->reloc_size);
        uint32_t at = 0, blocks = 0;
        bool whole = true;

        CHECK_SAY(j, (pe->characteristics & PE_RELOCS_STRIPPED) == 0, "relocations that are not stripped",
                  "%s: Characteristics 0x%04x", name, pe->characteristics);
        if (pe->reloc_size == 0)
                return;
        if (!CHECK_SAY(j, s != NULL, "a relocation directory inside a section of the file", "%s: 0x%x bytes at 0x%x",
                       name, pe->reloc_size, pe->reloc_address))
                return;
        while (whole && at < pe->reloc_size && blocks < 65536) {
                uint64_t offset = (uint64_t)s->raw_offset + (pe->reloc_address - s->virtual_address) + at;
                uint8_t head[8];
                uint32_t size = 0;

                if (pe->reloc_size - at < sizeof(head) || !image_read(file, offset, head, sizeof(head)))
                        whole = false;
                else
                        size = image_le32(head + 4);
                if (size == 0 && whole) /* padding behind the last block */
                        break;
                whole = whole && size >= 8 && size <= pe->reloc_size - at && image_le32(head) < pe->image_size;
                at += whole ? size : 0;
                blocks++;
        }
        CHECK_SAY(j, whole, "relocation blocks inside their directory and the image", "%s: block %u at offset 0x%x",
                  name, blocks, at);
}

static void application_judge(struct judge *j, const struct image *file, const struct boot_file *want, const char *name)
{
        struct pe pe;
        const char *why = "";
        bool is_pe = pe_read(file, &pe, &why);

        if (!CHECK_SAY(j, is_pe, "a PE image", "%s: %s", name, is_pe ? "yes" : why))
                return;
        CHECK_SAY(j, pe.machine == want->machine, "the machine type that belongs to its name",
                  "%s: Machine 0x%04x, wanted 0x%04x", name, pe.machine, want->machine);
        CHECK_SAY(j, pe.magic == (want->wide ? PE_MAGIC_64 : PE_MAGIC_32),
                  "the magic of its width: 0x20b for 64 bits, 0x10b for 32", "%s: 0x%x", name, pe.magic);
        CHECK_SAY(j, pe.subsystem == PE_EFI_APPLICATION, "Subsystem 10, EFI application", "%s: %u", name, pe.subsystem);
        CHECK_SAY(j, pe.characteristics & PE_EXECUTABLE, "an executable image", "%s: Characteristics 0x%04x", name,
                  pe.characteristics);
        CHECK_SAY(j, pe.entry != 0 && pe_section_at(&pe, pe.entry, 1), "an entry point in a section of the file",
                  "%s: AddressOfEntryPoint 0x%x", name, pe.entry);
        sections_judge(j, file, &pe, name);
        relocations_judge(j, file, &pe, name);
}

/* What is asked of each boot file. */
typedef void file_judge(struct judge *j, const struct image *file, const struct boot_file *want, const char *name);

static void fields_judge(struct judge *j, const struct image *file, const struct boot_file *want, const char *name)
{
        struct pe pe;
        const char *why = "";

        (void)want;
        if (pe_read(file, &pe, &why))
                pe_fields_judge(j, file, &pe, name);
        else
                SKIP(j, "%s is no PE image: %s", name, why);
}

/* True where there was a file to judge. */
static bool boot_file_judge(struct judge *j, struct fat *fat, const struct boot_file *want, file_judge *judge)
{
        struct fat_entry entry;
        const char *why;
        const char *name = want->path + sizeof("EFI\\BOOT\\") - 1;
        struct fat_file content;
        struct image file = {.block_size = 512, .context = &content, .read = file_read};

        if (fat_find(fat, want->path, &entry, &why) != FAT_FOUND || entry.attributes & FAT_DIRECTORY)
                return false;
        content = fat_file(fat, entry.first, entry.size);
        file.size = entry.size;
        judge(j, &file, want, name);
        return true;
}

/* Whether there must be such a file is IMG-09's to judge. */
static void boot_files_judge(struct judge *j, file_judge *judge)
{
        struct esp_list list;
        struct fat fat;
        const char *why = "no ESP holds one";
        unsigned judged = 0;

        esp_find(j->image, &list);
        if (list.total == 0)
                why = list.why;
        for (unsigned i = 0; i < list.count; i++) {
                if (!fat_open(j->image, list.esp[i].start, list.esp[i].size, &fat, &why))
                        continue;
                why = "\\EFI\\BOOT holds none";
                for (unsigned f = 0; f < BOOT_FILES; f++)
                        judged += boot_file_judge(j, &fat, &boot_files[f], judge);
        }
        if (judged == 0)
                SKIP(j, "no boot file to judge: %s", why);
        else if (list.total > list.count)
                SKIP(j, "%u ESPs, of which the first %u were examined", list.total, list.count);
}

void judge_boot_file_is_efi_application(struct judge *j)
{
        boot_files_judge(j, application_judge);
}

void judge_boot_file_keeps_to_pe(struct judge *j)
{
        boot_files_judge(j, fields_judge);
}
