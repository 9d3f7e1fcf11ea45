/* SPDX-License-Identifier: BSD-2-Clause */
/* The readers see what QEMU describes, and survive whatever a byte is changed to. */
#include "aml.h"
#include "test_machine.h"

#include <stdlib.h>

enum { MUTATIONS = 300 }; /* of each kind; VMSPEC_MUTATIONS asks for more */

static struct machine machine;

static void machine_ready(void)
{
        if (!machine_make(&machine))
                skip();
}

static void fdt_of_gicv3(void **state)
{
        struct hw hw;

        (void)state;
        machine_ready();
        assert_true(hw_from_fdt((struct bytes){machine.fdt, FDT_ROOM}, &hw));
        assert_int_equal(hw.cpus, 4);
        assert_int_equal(hw.cpu[3].mpidr, 3);
        assert_true(hw.cpu[3].enabled && hw.cpu[3].psci);
        assert_int_equal(hw.gics, 1);
        assert_int_equal(hw.gic_version, 3);
        assert_int_equal(hw.gicd.base, 0x8000000);
        assert_int_equal(hw.gicrs, 1);
        assert_int_equal(hw.gicr[0].base, 0x80a0000);
        assert_int_equal(hw.timer_virtual, 27);
        assert_int_equal(hw.timer_physical, 30);
        assert_int_equal(hw.timer_secure, 29);
        assert_int_equal(hw.psci_version, 0x10000);
        assert_int_equal(hw.conduit, HW_CONDUIT_HVC);
        assert_int_equal(hw.uart, HW_UART_PL011);
        assert_int_equal(hw.uart_interrupt, 33);
        assert_string_equal(hw.console, "/pl011@9000000");
        assert_true(hw.console_resolves && hw.console_is_uart);
        assert_int_equal(hw.root[0].ecam.base, 0x4010000000);
        assert_int_equal(hw.memories, 1);
        assert_int_equal(hw.memory[0].size, 512 << 20);
        assert_int_equal(hw.highest_spi, 79);
}

static void fdt_of_gicv2_and_aarch32(void **state)
{
        static _Alignas(8) uint8_t fdt[FDT_ROOM];
        struct hw hw;

        (void)state;
        if (!fdt_get(fdt, "qemu-system-arm", "cortex-a15", "2"))
                skip();
        assert_true(hw_from_fdt((struct bytes){fdt, FDT_ROOM}, &hw));
        assert_int_equal(hw.cpus, 4);
        assert_int_equal(hw.gic_version, 2);
        assert_int_equal(hw.gicc.base, 0x8010000);
        assert_int_equal(hw.timer_virtual, 27);
}

static void acpi_of_gicv3(void **state)
{
        struct hw hw;

        (void)state;
        acpi_put(&machine);
        assert_true(hw_from_acpi((struct bytes){machine.acpi, machine.acpi_size}, &hw));
        assert_int_equal(hw.cpus, 4);
        assert_int_equal(hw.cpu[2].mpidr, 2);
        assert_int_equal(hw.gic_version, 3);
        assert_int_equal(hw.timer_virtual, 27);
        assert_int_equal(hw.uart_range.base, 0x9000000);
        assert_int_equal(hw.conduit, HW_CONDUIT_HVC);
        assert_int_equal(hw.root[0].bus_last, 255);
}

/* Each MCFG entry and each node is a host bridge of its own; more than are kept are counted. */
static void several_host_bridges(void **state)
{
        enum { ENTRIES = HW_ROOTS + 2, SIZE = 44 + 16 * ENTRIES };
        static const uint8_t base_buses[] = {0x08, '_', 'B', 'B', 'N', 0x0a, 0x80, 0x08, '_', 'B', 'B', 'N', 0x01};
        static struct machine many;
        uint8_t *table;
        bool root[256] = {false};
        struct hw hw;
        int node;

        (void)state;
        table = table_put(&many, "MCFG", 1, SIZE);
        for (unsigned i = 0; i < ENTRIES; i++) {
                wire_put64(table + 44 + 16 * i, 0x4010000000 + ((uint64_t)i << 28));
                wire_put16(table + 44 + 16 * i + 8, (uint16_t)(i / 2));
                table[44 + 16 * i + 10] = i % 2 ? 128 : 0;
                table[44 + 16 * i + 11] = i % 2 ? 255 : 127;
        }
        table_seal(table);
        memcpy(table_put(&many, "DSDT", 2, 36 + sizeof(base_buses)) + 36, base_buses, sizeof(base_buses));
        assert_true(hw_from_acpi((struct bytes){many.acpi, many.acpi_size}, &hw));
        assert_int_equal(hw.ecams, ENTRIES);
        assert_int_equal(hw.root[3].ecam.base, 0x4040000000);
        assert_int_equal(hw.root[3].ecam.size, 128 << 20);
        assert_int_equal(hw.root[3].segment, 1);
        assert_int_equal(hw.root[3].bus_first, 128);
        assert_int_equal(hw.root[3].bus_origin, 0);
        assert_int_equal(hw.uart, HW_UART_NONE);
        aml_root_buses((struct bytes){many.acpi, many.acpi_size}, root);
        assert_true(root[0x80] && root[1] && !root[0]);

        machine_ready();
        node = fdt_add_subnode(machine.fdt, 0, "pcie@50000000");
        assert_true(node >= 0);
        assert_int_equal(fdt_setprop_string(machine.fdt, node, "compatible", "pci-host-ecam-generic"), 0);
        assert_int_equal(fdt_setprop_u32(machine.fdt, node, "linux,pci-domain", 1), 0);
        assert_int_equal(fdt_setprop_u64(machine.fdt, node, "bus-range", UINT64_C(0x10) << 32 | 0x1f), 0);
        assert_true(hw_from_fdt((struct bytes){machine.fdt, FDT_ROOM}, &hw));
        assert_int_equal(hw.ecams, 2);
        for (unsigned i = 0; i < 2; i++)
                if (hw.root[i].segment == 1)
                        assert_int_equal(hw.root[i].bus_origin << 8 | hw.root[i].bus_last, 0x101f);
                else
                        assert_int_equal(hw.root[i].ecam.base, 0x4010000000);
}

/* A cpu node that is only disabled waits for its enable-method; one that failed is none. */
static void status_of_processors(void **state)
{
        struct hw hw;

        (void)state;
        machine_ready();
        assert_int_equal(fdt_setprop_string(machine.fdt, node_at(machine.fdt, "/cpus/cpu@1"), "status", "disabled"), 0);
        assert_int_equal(fdt_setprop_string(machine.fdt, node_at(machine.fdt, "/cpus/cpu@2"), "status", "fail"), 0);
        assert_true(hw_from_fdt((struct bytes){machine.fdt, FDT_ROOM}, &hw));
        assert_true(hw.cpu[0].enabled && !hw.cpu[0].psci == false);
        unsigned enabled = 0;
        for (unsigned i = 0; i < hw.cpus; i++)
                enabled += hw.cpu[i].enabled;
        assert_int_equal(enabled, 3);
}

static void console_set(const void *value, int size)
{
        assert_int_equal(fdt_setprop(machine.fdt, node_at(machine.fdt, "/chosen"), "stdout-path", value, size), 0);
}

static bool console_resolves(void)
{
        struct hw hw;

        assert_true(hw_from_fdt((struct bytes){machine.fdt, FDT_ROOM}, &hw));
        return hw.console_resolves;
}

static void paths_of_console(void **state)
{
        int aliases;

        (void)state;
        machine_ready();
        aliases = fdt_path_offset(machine.fdt, "/aliases");
        if (aliases < 0)
                aliases = fdt_add_subnode(machine.fdt, 0, "aliases");
        assert_int_equal(fdt_setprop_string(machine.fdt, aliases, "serial0", "/pl011@9000000"), 0);
        console_set("serial0:115200n8", 17);
        assert_true(console_resolves());
        console_set("/pl011@9000000:115200", 22);
        assert_true(console_resolves());
        console_set("/pl011@9000000", 14); /* it does not end */
        assert_false(console_resolves());
        console_set("/nowhere", 9);
        assert_false(console_resolves());
        console_set("serial9", 8);
        assert_false(console_resolves());
        aliases = node_at(machine.fdt, "/aliases");
        assert_int_equal(fdt_setprop_string(machine.fdt, aliases, "serial0", "serial0"), 0); /* leads to itself */
        console_set("serial0", 8);
        assert_false(console_resolves());
        aliases = node_at(machine.fdt, "/aliases");
        assert_int_equal(fdt_setprop(machine.fdt, aliases, "serial0", "/pl011", 6), 0); /* does not end */
        assert_false(console_resolves());
}

static void too_short_to_read(void **state)
{
        struct hw hw;

        (void)state;
        machine_ready();
        for (size_t size = 0; size < 64; size++)
                assert_false(hw_from_fdt((struct bytes){machine.fdt, size}, &hw));
        assert_false(hw_from_fdt((struct bytes){machine.fdt, fdt_totalsize(machine.fdt) - 1}, &hw));
        assert_false(hw_from_acpi((struct bytes){0}, &hw));
        for (size_t size = 1; size < machine.acpi_size; size++)
                assert_true(hw_from_acpi((struct bytes){machine.acpi, size}, &hw));
}

/* Every judge of this folder. */
static judge_function *const judges[] = {
        judge_hardware_is_described,
        judge_fdt_is_offered,
        judge_acpi_is_offered,
        judge_exactly_one_description,
        judge_fdt_is_complete,
        judge_fdt_blob_is_sound,
        judge_fdt_lies_in_acpi_reclaim_memory,
        judge_stdout_path_leads_to_uart,
        judge_processors_are_described,
        judge_memory_is_described,
        judge_fdt_gic_node,
        judge_fdt_timer_node,
        judge_fdt_psci_node,
        judge_rsdp_is_sound,
        judge_acpi_tables_are_whole,
        judge_acpi_tables_lie_in_acpi_memory,
        judge_fadt_is_hardware_reduced,
        judge_fadt_names_psci,
        judge_madt_describes_gic,
        judge_gtdt_describes_timer,
        judge_spcr_names_uart,
        judge_dbg2_names_console,
        judge_no_foreign_acpi_table,
        judge_fdt_and_acpi_agree,
        judge_uart_node_is_complete,
        judge_fdt_references_and_ranges,
        judge_firmware_devices_are_described,
        judge_mcfg_goes_with_pci,
        judge_iort_goes_with_its,
        judge_smbios3_is_whole,
        judge_esp_handle_carries_type_guid,
        judge_boot_device_is_esp,
        judge_loaded_image_tells_its_origin,
};

static uint64_t random_next(uint64_t *state)
{
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        return *state;
}

static void fact_ignored(struct check *check, const struct fact *fact)
{
        (void)check;
        assert_true(memchr(fact->got, 0, sizeof(fact->got)) && memchr(fact->want, 0, sizeof(fact->want)));
}

/* The bytes in a buffer of their own size, so that a checker of memory sees the first one too many. */
static void all_judged(const struct evidence *evidence)
{
        for (size_t i = 0; i < sizeof(judges) / sizeof(judges[0]); i++) {
                struct judge judge = {.check = {.tell = fact_ignored}, .evidence = evidence};

                judges[i](&judge);
        }
}

static unsigned mutations(void)
{
        const char *asked = getenv("VMSPEC_MUTATIONS");

        return asked ? (unsigned)strtoul(asked, NULL, 10) : MUTATIONS;
}

static void every_byte_may_be_wrong(enum evidence_kind kind, size_t size)
{
        uint8_t *bytes = malloc(size);
        struct evidence evidence = *machine_evidence(&machine);
        uint64_t seed = 0x9e3779b97f4a7c15;
        struct hw hw;

        assert_non_null(bytes);
        for (unsigned i = 0; i < mutations(); i++) {
                memcpy(bytes, evidence.of[kind].data, size);
                bytes[random_next(&seed) % size] = (uint8_t)random_next(&seed);
                if (i % 4 == 0)
                        bytes[random_next(&seed) % (size < 64 ? size : 64)] = (uint8_t)random_next(&seed);
                struct evidence mutated = evidence;
                mutated.of[kind] = (struct bytes){bytes, size};
                hw_read(&mutated, &hw);
                all_judged(&mutated);
        }
        free(bytes);
}

static void mutated_fdt(void **state)
{
        (void)state;
        machine_ready();
        assert_int_equal(fdt_pack(machine.fdt), 0);
        every_byte_may_be_wrong(EVIDENCE_FDT, fdt_totalsize(machine.fdt));
}

static void mutated_acpi(void **state)
{
        (void)state;
        machine_ready();
        every_byte_may_be_wrong(EVIDENCE_ACPI, machine.acpi_size);
}

static void mutated_smbios(void **state)
{
        (void)state;
        machine_ready();
        every_byte_may_be_wrong(EVIDENCE_SMBIOS, machine.smbios_size);
}

static void mutated_map(void **state)
{
        (void)state;
        machine_ready();
        every_byte_may_be_wrong(EVIDENCE_MEMORY_MAP, machine.map_size);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(fdt_of_gicv3),         cmocka_unit_test(fdt_of_gicv2_and_aarch32),
                cmocka_unit_test(acpi_of_gicv3),        cmocka_unit_test(status_of_processors),
                cmocka_unit_test(paths_of_console),     cmocka_unit_test(too_short_to_read),
                cmocka_unit_test(mutated_fdt),          cmocka_unit_test(mutated_acpi),
                cmocka_unit_test(several_host_bridges), cmocka_unit_test(mutated_smbios),
                cmocka_unit_test(mutated_map),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
