/* SPDX-License-Identifier: BSD-2-Clause */
/* What AML and ranges say of a PCI root is read as it stands, and a table that breaks off anywhere is only shorter. */
#include "windows.h"

#include <stdlib.h>

#include "aml.h"
#include "test_machine.h"
#include "tree.h"

enum { DSDT_HEAD = 36 };

static const uint8_t dword_memory[] = {0x87, 0x17, 0x00, 0x00, 0x0c, 0x01, 0, 0, 0, 0,    0,    0,    0,
                                       0x10, 0xff, 0xff, 0xef, 0x1f, 0,    0, 0, 0, 0x00, 0x00, 0xf0, 0x0f};
static const uint8_t dword_io[] = {0x87, 0x17, 0x00, 0x01, 0x0c, 0x03, 0, 0, 0, 0,    0,    0,    0,
                                   0,    0xff, 0xff, 0x00, 0x00, 0,    0, 0, 0, 0x00, 0x00, 0x01, 0x00};
static const uint8_t osc[] = {0x14, 0x0b, '_', 'O', 'S', 'C', 0x04, 0x7b, 0x60, 0x0a, 0x1e, 0x60};
static const uint8_t mmio[] = {'L', 'N',  'R',  'O',  '0',  '0',  '0',  '5',  0,    0x08, '_',  'C',  'R',
                               'S', 0x11, 0x0e, 0x0a, 0x0c, 0x86, 0x09, 0x00, 0x01, 0x00, 0x0e, 0x00, 0x0a};

/* 0x8a, in the place of the ECAM that the machine's MCFG has. */
static size_t qword_put(uint8_t *to, uint64_t base, uint64_t size)
{
        memset(to, 0, 46);
        to[0] = 0x8a;
        to[1] = 0x2b;
        wire_put64(to + 14, base);
        wire_put64(to + 22, base + size - 1);
        wire_put64(to + 38, size);
        return 46;
}

/* A device with a _HID, as EISA id, and bytes behind it; returns its length. */
static size_t device_put(uint8_t *to, uint32_t hid, const uint8_t *body, size_t size)
{
        static const uint8_t name[] = {0x08, '_', 'H', 'I', 'D', 0x0c};
        size_t length = 2 + 4 + sizeof(name) + 4 + size;

        to[0] = 0x5b;
        to[1] = 0x82;
        to[2] = (uint8_t)(0x40 | (length & 15));
        to[3] = (uint8_t)(length >> 4);
        memcpy(to + 4, "PCI0", 4);
        memcpy(to + 8, name, sizeof(name));
        wire_put32(to + 8 + sizeof(name), hid);
        memcpy(to + 12 + sizeof(name), body, size);
        return 12 + sizeof(name) + size;
}

static size_t aml_put(uint8_t *to)
{
        uint8_t body[512];
        size_t size = qword_put(body, 0x4010000000, 256 << 20), length;

        memcpy(body + size, dword_memory, sizeof(dword_memory));
        size += sizeof(dword_memory);
        memcpy(body + size, dword_io, sizeof(dword_io));
        size += sizeof(dword_io);
        memcpy(body + size, osc, sizeof(osc));
        size += sizeof(osc);
        length = device_put(to, 0x080ad041, body, size);
        size = qword_put(body, 0x8000000000, 1 << 20); /* of a device that is no PCI root */
        length += device_put(to + length, 0x0105d041, body, size);
        memcpy(to + length, mmio, sizeof(mmio));
        length += sizeof(mmio);
        memset(to + length, 0, 96);
        return length + 96;
}

static void hw_ready(struct hw *hw)
{
        memset(hw, 0, sizeof(*hw));
        hw->source = "ACPI";
        hw->ecams = 1;
        hw->root[0].ecam = (struct hw_range){0x4010000000, 256 << 20};
}

static void aml_of_a_root(void **state)
{
        static struct machine m;
        static uint8_t aml[1024];
        struct window window[WINDOWS_MAX];
        struct hw hw;
        size_t size = aml_put(aml), at = 0;
        uint32_t control = 0;
        uint64_t base = 0;
        struct bytes acpi;

        (void)state;
        memcpy(table_put(&m, "DSDT", 2, DSDT_HEAD + size) + DSDT_HEAD, aml, size);
        acpi = (struct bytes){m.acpi, m.acpi_size};
        m.evidence.of[EVIDENCE_ACPI] = acpi;
        hw_ready(&hw);
        assert_int_equal(windows_read(&m.evidence, &hw, 0, window), 2);
        assert_int_equal(window[0].base, 0x10000000);
        assert_int_equal(window[0].last, 0x1fefffff);
        assert_true(!window[0].io && window[1].io);
        assert_int_equal(window[1].last, 0xffff);
        assert_true(aml_osc_control(acpi, &control));
        assert_int_equal(control, 0x1e);
        assert_true(aml_next_virtio_mmio(acpi, &at, &base));
        assert_int_equal(base, 0x0a000e00);
        assert_false(aml_next_virtio_mmio(acpi, &at, &base));
}

/* Every shorter table, and every byte of it another one, in memory of just that size. */
static void aml_that_breaks_off(void **state)
{
        static uint8_t aml[1024];
        size_t whole = aml_put(aml);

        (void)state;
        for (size_t size = 0; size < 2 * whole; size++) {
                struct machine *m = calloc(1, sizeof(*m));
                size_t length = size < whole ? size : whole, at = 0, total;
                struct window window[WINDOWS_MAX];
                bool root[256] = {false};
                struct hw hw;
                uint32_t control;
                uint64_t base;
                uint8_t *exact;

                assert_non_null(m);
                memcpy(table_put(m, "DSDT", 2, DSDT_HEAD + length) + DSDT_HEAD, aml, length);
                total = m->acpi_size;
                if (size >= whole)
                        m->acpi[TABLE_HEAD + DSDT_HEAD + size - whole] ^= 0xff;
                exact = malloc(total);
                assert_non_null(exact);
                memcpy(exact, m->acpi, total);
                m->evidence.of[EVIDENCE_ACPI] = (struct bytes){exact, total};
                hw_ready(&hw);
                assert_true(windows_read(&m->evidence, &hw, 0, window) <= WINDOWS_MAX);
                (void)aml_osc_control(m->evidence.of[EVIDENCE_ACPI], &control);
                aml_root_buses(m->evidence.of[EVIDENCE_ACPI], root);
                while (aml_next_virtio_mmio(m->evidence.of[EVIDENCE_ACPI], &at, &base))
                        ;
                free(exact);
                free(m);
        }
}

static void ranges_of_qemu(void **state)
{
        static struct machine m;
        struct window window[WINDOWS_MAX];
        struct evidence evidence = {0};
        struct hw hw;

        (void)state;
        if (!machine_make(&m))
                skip();
        evidence.of[EVIDENCE_FDT] = (struct bytes){m.fdt, FDT_ROOM};
        assert_true(hw_from_fdt(evidence.of[EVIDENCE_FDT], &hw));
        assert_int_equal(windows_read(&evidence, &hw, 0, window), 3);
        assert_true(window[0].io && window[0].last == 0xffff);
        assert_int_equal(window[1].base, 0x10000000);
        assert_int_equal(window[1].last, 0x3efeffff);
        assert_int_equal(window[2].base, 0x8000000000);
        assert_int_equal(windows_read(&evidence, &hw, 1, window), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(aml_of_a_root),
                cmocka_unit_test(aml_that_breaks_off),
                cmocka_unit_test(ranges_of_qemu),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
