/* SPDX-License-Identifier: BSD-2-Clause */
/* A sound machine for the tests: QEMU's own device tree, and ACPI tables, a map and a disk that go with it. */
#pragma once

#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <libfdt.h>

#include "hwdesc.h"
#include "map.h"
#include "text.h"
#include "wire.h"

extern char **environ;

enum { FDT_ROOM = 128 * 1024, ACPI_ROOM = 64 * 1024, TEXT_ROOM = 4096, RSDP_AT = 0, TABLE_HEAD = 12 };

#define FDT_AT 0x47f00000ull
#define ACPI_AT 0x47e00000ull

struct machine {
        _Alignas(8) uint8_t fdt[FDT_ROOM];
        uint8_t acpi[ACPI_ROOM];
        size_t acpi_size;
        uint8_t smbios[TEXT_ROOM];
        size_t smbios_size;
        uint8_t map[TEXT_ROOM];
        size_t map_size;
        char text[EVIDENCE_VARIABLES + 1][TEXT_ROOM];
        struct evidence evidence;
};

/* Device tree --------------------------------------------------------------------------------------------------- */

/* QEMU writes the tree that it would give to a guest and ends; false where it is not installed. */
static inline bool qemu_dump(const char *program, const char *cpu, const char *gic, const char *file)
{
        char machine[300];
        char *argv[] = {(char *)program, "-machine", machine, "-cpu",        (char *)cpu, "-smp", "4", "-m",
                        "512",           "-display", "none",  "-nodefaults", NULL};
        pid_t pid;
        int status = 1;

        snprintf(machine, sizeof(machine), "virt,gic-version=%s,dumpdtb=%s", gic, file);
        return posix_spawnp(&pid, program, NULL, NULL, argv, environ) == 0 && waitpid(pid, &status, 0) == pid &&
               status == 0;
}

/* The tree with room to edit it. */
static inline bool fdt_get(uint8_t fdt[FDT_ROOM], const char *program, const char *cpu, const char *gic)
{
        static _Alignas(8) uint8_t raw[2 * 1024 * 1024];
        char file[200];
        size_t size;
        FILE *stream;

        snprintf(file, sizeof(file), "%s/tests/%s-gic%s-%d.dtb", TEST_BUILD_DIR, program, gic, (int)getpid());
        if (!qemu_dump(program, cpu, gic, file))
                return false;
        stream = fopen(file, "rb");
        if (!stream)
                return false;
        size = fread(raw, 1, sizeof(raw), stream);
        fclose(stream);
        unlink(file);
        return size > 0 && fdt_pack(raw) == 0 && fdt_open_into(raw, fdt, FDT_ROOM) == 0;
}

static inline int node_at(void *fdt, const char *path)
{
        int node = fdt_path_offset(fdt, path);

        assert_true(node >= 0);
        return node;
}

/* ACPI ---------------------------------------------------------------------------------------------------------- */

static inline uint8_t *element_put(struct machine *m, uint64_t address, size_t size)
{
        uint8_t *at = m->acpi + m->acpi_size;

        assert_true(m->acpi_size + TABLE_HEAD + size <= sizeof(m->acpi));
        wire_put64(at, address);
        wire_put32(at + 8, (uint32_t)size);
        memset(at + TABLE_HEAD, 0, size);
        m->acpi_size += TABLE_HEAD + size;
        return at + TABLE_HEAD;
}

static inline void table_seal(uint8_t *table)
{
        table[9] = 0;
        table[9] = (uint8_t)-bytes_sum((struct bytes){table, wire_get32(table + 4)});
}

static inline uint8_t *table_put(struct machine *m, const char *signature, uint8_t revision, size_t size)
{
        uint8_t *table = element_put(m, ACPI_AT + m->acpi_size, size);

        memcpy(table, signature, 4);
        wire_put32(table + 4, (uint32_t)size);
        table[8] = revision;
        return table;
}

static inline void madt_put(struct machine *m)
{
        enum { CPUS = 4, GICC = 80, GICD = 24, GICR = 16, ITS = 20 };
        uint8_t *madt = table_put(m, "APIC", 4, 44 + GICD + CPUS * GICC + GICR + ITS);
        uint8_t *at = madt + 44;

        at[0] = 0xc;
        at[1] = GICD;
        wire_put64(at + 8, 0x8000000);
        at[20] = 3;
        at += GICD;
        for (unsigned i = 0; i < CPUS; i++, at += GICC) {
                at[0] = 0xb;
                at[1] = GICC;
                wire_put32(at + 4, i);
                wire_put32(at + 8, i);
                wire_put32(at + 12, 1);
                wire_put64(at + 68, i);
        }
        at[0] = 0xe;
        at[1] = GICR;
        wire_put64(at + 4, 0x80a0000);
        wire_put32(at + 12, 0xf60000);
        at += GICR;
        at[0] = 0xf;
        at[1] = ITS;
        wire_put64(at + 8, 0x8080000);
        table_seal(madt);
}

/* A PL011 of 4 KiB, named "." for it is in no AML. */
static inline void dbg2_device_put(uint8_t *device)
{
        wire_put16(device + 1, 22 + 12 + 4 + 2);
        device[3] = 1;
        wire_put16(device + 4, 2);
        wire_put16(device + 6, 38);
        wire_put16(device + 12, 0x8000);
        wire_put16(device + 14, 3);
        wire_put16(device + 18, 22);
        wire_put16(device + 20, 34);
        device[23] = 8;
        wire_put32(device + 34, 0x1000);
        device[38] = '.';
}

static inline void small_tables_put(struct machine *m)
{
        uint8_t *gtdt = table_put(m, "GTDT", 2, 96), *spcr, *dbg2, *mcfg, *iort;

        wire_put32(gtdt + 48, 29);
        wire_put32(gtdt + 56, 30);
        wire_put32(gtdt + 64, 27);
        wire_put32(gtdt + 72, 26);
        table_seal(gtdt);
        spcr = table_put(m, "SPCR", 2, 80);
        spcr[36] = 3;
        spcr[41] = 8;
        spcr[43] = 1;
        spcr[52] = 8;
        spcr[60] = 1;
        wire_put64(spcr + 44, 0x9000000);
        wire_put32(spcr + 54, 33);
        wire_put32(spcr + 64, 0xffffffff);
        table_seal(spcr);
        dbg2 = table_put(m, "DBG2", 0, 44 + 22 + 12 + 4 + 2);
        wire_put32(dbg2 + 36, 44);
        wire_put32(dbg2 + 40, 1);
        dbg2_device_put(dbg2 + 44);
        wire_put64(dbg2 + 44 + 22 + 4, 0x9000000);
        table_seal(dbg2);
        mcfg = table_put(m, "MCFG", 1, 60);
        wire_put64(mcfg + 44, 0x4010000000);
        mcfg[55] = 255;
        table_seal(mcfg);
        iort = table_put(m, "IORT", 3, 48 + 24);
        wire_put32(iort + 36, 1);
        wire_put32(iort + 40, 48);
        wire_put16(iort + 49, 24);
        wire_put32(iort + 64, 1);
        table_seal(iort);
}

static inline void acpi_put(struct machine *m)
{
        uint8_t *rsdp, *xsdt, *fadt, *dsdt;
        size_t at = 0;
        struct evidence_table table;
        bool cut;

        m->acpi_size = 0;
        rsdp = element_put(m, ACPI_AT, 36);
        memcpy(rsdp, "RSD PTR ", 8);
        rsdp[15] = 2;
        wire_put32(rsdp + 20, 36);
        wire_put64(rsdp + 24, ACPI_AT + m->acpi_size);
        rsdp[8] = (uint8_t)-bytes_sum((struct bytes){rsdp, 20});
        rsdp[32] = (uint8_t)-bytes_sum((struct bytes){rsdp, 36});
        xsdt = table_put(m, "XSDT", 1, 36 + 7 * 8);
        fadt = table_put(m, "FACP", 6, 276);
        wire_put32(fadt + 112, 1 << 20);
        wire_put16(fadt + 129, 3);
        wire_put64(fadt + 140, ACPI_AT + m->acpi_size);
        table_seal(fadt);
        dsdt = table_put(m, "DSDT", 2, 64);
        memcpy(dsdt + 36, "PNP0A08", 8);
        memcpy(dsdt + 44, "LNRO0005", 9);
        wire_put32(dsdt + 56, 0xa003e00);
        table_seal(dsdt);
        madt_put(m);
        small_tables_put(m);
        for (unsigned i = 0, n = 0; evidence_next_table((struct bytes){m->acpi, m->acpi_size}, &at, &table, &cut); i++)
                if (i >= 2 && i != 3)
                        wire_put64(xsdt + 36 + 8 * n++, table.address);
        table_seal(xsdt);
}

static inline uint8_t *table_find(struct machine *m, const char *signature)
{
        struct bytes table = acpi_table((struct bytes){m->acpi, m->acpi_size}, signature, 0);

        assert_non_null(table.data);
        return m->acpi + (table.data - m->acpi);
}

/* Map, text, and all of it ---------------------------------------------------------------------------------------- */

static inline uint8_t *descriptor_put(struct machine *m, uint32_t type, uint64_t base, uint64_t size)
{
        uint8_t *at = m->map + m->map_size;

        memset(at, 0, 48);
        wire_put32(at, type);
        wire_put64(at + 8, base);
        wire_put64(at + 24, size / 4096);
        wire_put64(at + 32, 15);
        m->map_size += 48;
        return at;
}

static inline void smbios_seal(struct machine *m)
{
        uint8_t *entry = m->smbios + TABLE_HEAD;

        entry[5] = 0;
        entry[5] = (uint8_t)-bytes_sum((struct bytes){entry, 24});
}

static inline void smbios_put(struct machine *m)
{
        static const uint8_t types[] = {0, 1, 3, 4, 16, 17, 19, 127};
        uint8_t *entry = m->smbios + TABLE_HEAD, *at = entry + 24 + TABLE_HEAD;

        memset(m->smbios, 0, sizeof(m->smbios));
        wire_put64(m->smbios, 0x47e80000);
        wire_put32(m->smbios + 8, 24);
        memcpy(entry, "_SM3_", 5);
        entry[6] = 24;
        entry[7] = 3;
        wire_put64(entry + 16, 0x47e81000);
        for (size_t i = 0; i < sizeof(types); i++, at += 6) {
                at[0] = types[i];
                at[1] = 4;
        }
        m->smbios_size = (size_t)(at - m->smbios);
        wire_put32(entry + 12, (uint32_t)(6 * sizeof(types)));
        wire_put32(entry + 24 + 8, (uint32_t)(6 * sizeof(types)));
        smbios_seal(m);
}

static inline void map_put(struct machine *m)
{
        m->map_size = 16;
        memset(m->map, 0, 16);
        wire_put32(m->map, 48);
        wire_put32(m->map + 4, 1);
        descriptor_put(m, MAP_CONVENTIONAL, 0x40000000, 0x7e00000);
        descriptor_put(m, MAP_ACPI_RECLAIM, 0x47e00000, 0x200000);
        descriptor_put(m, MAP_BOOT_DATA, 0x48000000, 0x8000000);
        descriptor_put(m, MAP_LOADER_CODE, 0x50000000, 0x100000);
        descriptor_put(m, MAP_BOOT_DATA, 0x50100000, 0x7f00000);
        descriptor_put(m, MAP_RUNTIME_DATA, 0x58000000, 0x100000);
        descriptor_put(m, MAP_RESERVED, 0x58100000, 0x100000);
        descriptor_put(m, MAP_CONVENTIONAL, 0x58200000, 0x7e00000);
        descriptor_put(m, MAP_MMIO, 0x4000000, 0x4000000);
}

static inline void text_put(struct machine *m, enum evidence_kind kind, const char *text)
{
        text_copy(m->text[kind], TEXT_ROOM, text);
}

/* Takes a line of a text kind away, or gives it another value. */
static inline void line_change(struct machine *m, enum evidence_kind kind, const char *name, const char *value)
{
        char *line = strstr(m->text[kind], name), *end;
        char rest[TEXT_ROOM];

        assert_non_null(line);
        end = strchr(line, '\n');
        assert_non_null(end);
        text_copy(rest, sizeof(rest), end + 1);
        if (value)
                snprintf(line, (size_t)(m->text[kind] + TEXT_ROOM - line), "%s=%s\n%s", name, value, rest);
        else
                snprintf(line, (size_t)(m->text[kind] + TEXT_ROOM - line), "%s", rest);
}

static inline void texts_put(struct machine *m)
{
        text_put(m, EVIDENCE_TOLD,
                 "arch=aarch64\nprocessors=0x4\nmemory=0x20000000\ngic=0x3\nesp_start=0x800\n"
                 "esp_size=0x14000\nesp_guid=0a6c2c9e-52f1-4d0e-9f2a-764d53504543\n");
        text_put(m, EVIDENCE_REGISTERS, "CurrentEL=0x1\nMPIDR_EL1=0x80000000\n");
        text_put(m, EVIDENCE_CONFIG,
                 "b1b621d5-f19c-41a5-830b-d9152c69aae0=0x47f00000\n"
                 "8868e871-e4f1-11d3-bc22-0080c73c8881=0x47e00000\n"
                 "f2fd1544-9794-4a2c-992e-e5bbcf20e394=0x47e80000\n");
        text_put(m, EVIDENCE_DISK,
                 "esp_guid_on_handle=0x1\nfile_system_on_handle=0x1\npartition_number=0x1\npartition_start=0x800\n"
                 "partition_size=0x14000\npartition_signature=0a6c2c9e-52f1-4d0e-9f2a-764d53504543\n"
                 "partition_format=0x2\npartition_signature_type=0x2\nblock_size=0x200\nlast_block=0x13fff\n"
                 "logical_partition=0x1\nfile_path=\\EFI\\BOOT\\BOOTAA64.EFI\nimage_code_type=0x1\n"
                 "image_data_type=0x2\nimage_base=0x50000000\nimage_size=0x40000\nload_options_size=0x0\n"
                 "journal_guid_on_handle=0x1\nentry_type=c12a7328-f81f-11d2-ba4b-00a0c93ec93b\n"
                 "entry_guid=0a6c2c9e-52f1-4d0e-9f2a-764d53504543\nentry_start=0x800\nentry_size=0x14000\nbus_is_pci="
                 "0x1\npci_roots=0x1\n");
}

/* The evidence as the judges see it, after whatever was edited. */
static inline const struct evidence *machine_evidence(struct machine *m)
{
        for (unsigned kind = EVIDENCE_TOLD; kind <= EVIDENCE_VARIABLES; kind++)
                m->evidence.of[kind] = (struct bytes){(const uint8_t *)m->text[kind], strlen(m->text[kind])};
        m->evidence.of[EVIDENCE_FDT] = (struct bytes){m->fdt, sizeof(m->fdt)};
        m->evidence.of[EVIDENCE_ACPI] = (struct bytes){m->acpi, m->acpi_size};
        m->evidence.of[EVIDENCE_SMBIOS] = (struct bytes){m->smbios, m->smbios_size};
        m->evidence.of[EVIDENCE_MEMORY_MAP] = (struct bytes){m->map, m->map_size};
        return &m->evidence;
}

static inline bool machine_make(struct machine *m)
{
        memset(m, 0, sizeof(*m));
        acpi_put(m);
        smbios_put(m);
        map_put(m);
        texts_put(m);
        return fdt_get(m->fdt, "qemu-system-aarch64", "cortex-a57", "3");
}
