/* SPDX-License-Identifier: BSD-2-Clause */
/* LoadImage takes an application for this processor, which then runs, and no other, nor half of one. */
#include "loader.h"

enum {
        FILE_SIZE = LOADER_FILE,
        HEADERS = FILE_SIZE - LOADER_CODE,
        PE = 0x80,
        OPTIONAL_HEADER = PE + 24,
        SECTION_RVA = 0x1000,
        IMAGE_SIZE = 0x2000,
        SUBSYSTEM_APPLICATION = 10,
        MACHINE_RISCV64 = 0x5064,
};

static EFI_GUID image_path_guid = EFI_LOADED_IMAGE_DEVICE_PATH_PROTOCOL_GUID;

/* What an application is made of that returns LOADER_ANSWER and does nothing else. */
static const struct program {
        const char *arch;
        uint16_t machine;
        bool wide; /* PE32+ */
        uint8_t code[8];
} programs[] = {
        {"aarch64", 0xaa64, true, {0x40, 0x0b, 0x80, 0xd2, 0xc0, 0x03, 0x5f, 0xd6}}, /* mov x0, #0x5a; ret */
        {"arm", 0x01c2, false, {0x5a, 0x00, 0xa0, 0xe3, 0x1e, 0xff, 0x2f, 0xe1}},    /* mov r0, #0x5a; bx lr */
        {"x86_64", 0x8664, true, {0xb8, 0x5a, 0x00, 0x00, 0x00, 0xc3, 0x90, 0x90}},  /* mov eax, 0x5a; ret */
};

static void section_put(uint8_t *section)
{
        memcpy(section, ".text", 5);
        wire_put32(section + 8, HEADERS);
        wire_put32(section + 12, SECTION_RVA);
        wire_put32(section + 16, FILE_SIZE - HEADERS);
        wire_put32(section + 20, HEADERS);
        wire_put32(section + 36, 0x60000020); /* code, read, execute */
}

/* A PE file of one section, without relocations because its code needs none. */
static void file_put(uint8_t *file, const struct program *program, uint16_t machine)
{
        unsigned optional_size = program->wide ? 240 : 224;
        uint8_t *optional = file + OPTIONAL_HEADER;

        memcpy(file, "MZ", 2);
        wire_put32(file + 0x3c, PE);
        memcpy(file + PE, "PE\0", 4);
        wire_put16(file + PE + 4, machine);
        wire_put16(file + PE + 6, 1);
        wire_put16(file + PE + 20, (uint16_t)optional_size);
        wire_put16(file + PE + 22, program->wide ? 0x22 : 0x102);
        wire_put16(optional, program->wide ? 0x20b : 0x10b);
        wire_put32(optional + 4, FILE_SIZE - HEADERS);
        wire_put32(optional + 16, SECTION_RVA);
        wire_put32(optional + 20, SECTION_RVA);
        wire_put32(optional + 32, 4096);
        wire_put32(optional + 36, HEADERS);
        wire_put32(optional + 56, IMAGE_SIZE);
        wire_put32(optional + 60, HEADERS);
        wire_put16(optional + 68, SUBSYSTEM_APPLICATION);
        wire_put32(optional + (program->wide ? 108 : 92), 16);
        section_put(optional + optional_size);
        memcpy(file + HEADERS, program->code, sizeof(program->code));
}

void loader_file_put(uint8_t *file, uint16_t machine, const uint8_t *code, size_t size)
{
        for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
                if (strcmp(programs[i].arch, arch_name) == 0)
                        file_put(file, &programs[i], machine ? machine : programs[i].machine);
        if (code && size <= LOADER_CODE)
                memcpy(file + HEADERS, code, size);
}

EFI_STATUS loader_load(struct guest *g, uint8_t *file, UINTN size, EFI_HANDLE *ret)
{
        void *path = NULL;

        *ret = NULL;
        (void)g->bs->HandleProtocol(g->image, &image_path_guid, &path);
        return g->bs->LoadImage(FALSE, g->image, path, file, size, ret);
}

/* Loads size bytes of an application for a machine (0: this one). */
static EFI_STATUS image_load(struct guest *g, uint16_t machine, UINTN size, EFI_HANDLE *ret)
{
        uint8_t *file = guest_pages(g, 1);

        *ret = NULL;
        if (!file)
                return EFI_OUT_OF_RESOURCES;
        loader_file_put(file, machine, NULL, 0);
        return loader_load(g, file, size, ret);
}

static void image_drop(struct guest *g, EFI_HANDLE image)
{
        if (image)
                (void)g->bs->UnloadImage(image);
}

void guest_loaded_image_runs(struct guest *g)
{
        EFI_HANDLE image;

        if (CHECK_STATUS(g, image_load(g, 0, FILE_SIZE, &image), EFI_SUCCESS) && CHECK(g, image != NULL))
                CHECK_EQ(g, g->bs->StartImage(image, NULL, NULL), LOADER_ANSWER);
}

void guest_foreign_image_is_unsupported(struct guest *g)
{
        EFI_HANDLE image;

        CHECK_STATUS(g, image_load(g, MACHINE_RISCV64, FILE_SIZE, &image), EFI_UNSUPPORTED);
        image_drop(g, image);
}

/* The headers are whole, and the section that they tell of is not. */
void guest_truncated_image_is_refused(struct guest *g)
{
        EFI_HANDLE image;

        CHECK_STATUS(g, image_load(g, 0, HEADERS + (FILE_SIZE - HEADERS) / 2, &image), EFI_LOAD_ERROR);
        image_drop(g, image);
}
