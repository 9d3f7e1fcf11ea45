/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes may be the boot file. */
#include "fuzz.h"

#include "fuzz_disk.h"
#include "pe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static struct pe pe;
        struct memory_disk file = {
                .image = {.size = size, .block_size = 512, .read = memory_disk_read}, .head = data, .head_size = size};
        const char *why = NULL;

        file.image.context = &file;
        if (!pe_read(&file.image, &pe, &why)) {
                fuzz_expect(why && *why);
                return 0;
        }
        fuzz_expect(pe.sections <= PE_SECTIONS_MAX);
        (void)pe_section_at(&pe, pe.entry, 1);
        (void)pe_section_at(&pe, pe.reloc_address, pe.reloc_size);
        return 0;
}
