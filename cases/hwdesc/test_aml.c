/* SPDX-License-Identifier: BSD-2-Clause */
/* The walk over AML takes what ACPI's own compiler makes, and nothing that its disassembler cannot read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include "aml_walk.h"

enum { TABLE_MAX = 8192, MUTANTS = 300, STORMS = 20000, OUTPUT_MAX = 65536 };

static char folder[] = "/tmp/vmspec-aml-XXXXXX";
static uint8_t sound[TABLE_MAX], table[TABLE_MAX];
static size_t sound_size;
static struct aml aml;
static char why[160];

static const char *file(const char *name)
{
        static char path[64];

        snprintf(path, sizeof(path), "%s/%s", folder, name);
        return path;
}

/* iasl's exit status, or -1 where it is not there or crashed; what it says goes to a file. */
static int iasl_run(const char *const words[])
{
        char *argv[6] = {"iasl"};
        posix_spawn_file_actions_t actions;
        int status = -1;
        pid_t pid;

        for (size_t i = 0; i < 4 && words[i]; i++)
                argv[i + 1] = (char *)(uintptr_t)words[i];
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_addopen(&actions, 1, file("said"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        posix_spawn_file_actions_adddup2(&actions, 1, 2);
        if (posix_spawnp(&pid, "iasl", &actions, NULL, argv, environ) != 0 || waitpid(pid, &status, 0) != pid ||
            !WIFEXITED(status))
                status = -1;
        posix_spawn_file_actions_destroy(&actions);
        return status < 0 ? -1 : WEXITSTATUS(status);
}

/* The disassembler could not parse it; that a name leads nowhere is not about parsing. */
static bool iasl_refuses(size_t size)
{
        static char said[OUTPUT_MAX];
        FILE *out = fopen(file("mutant.aml"), "wb"), *in;
        size_t got;

        assert_non_null(out);
        assert_int_equal(fwrite(table, 1, size, out), size);
        fclose(out);
        (void)iasl_run((const char *[]){"-d", file("mutant.aml"), NULL});
        in = fopen(file("said"), "r");
        assert_non_null(in);
        got = fread(said, 1, sizeof(said) - 1, in);
        said[got] = 0;
        fclose(in);
        return strstr(said, "AE_AML") != NULL;
}

static bool walk(size_t size)
{
        aml.devices = aml.methods = 0;
        aml_declare(&aml, (struct bytes){table, size});
        return aml_walk(&aml, (struct bytes){table, size}, why, sizeof(why));
}

static int table_make(void **state)
{
        char prefix[64];
        FILE *in;

        (void)state;
        if (!mkdtemp(folder))
                return -1;
        snprintf(prefix, sizeof(prefix), "%s/dsdt", folder);
        if (iasl_run((const char *[]){"-p", prefix, TEST_SOURCE_DIR "/fixtures/tables/dsdt.asl", NULL}) != 0)
                return -1;
        in = fopen(file("dsdt.aml"), "rb");
        sound_size = in ? fread(sound, 1, sizeof(sound), in) : 0;
        if (in)
                fclose(in);
        return sound_size > AML_HEADER ? 0 : -1;
}

static int folder_remove(void **state)
{
        static const char *const names[] = {"said", "said.pre", "dsdt.aml", "mutant.aml", "mutant.dsl"};

        (void)state;
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
                (void)unlink(file(names[i]));
        return rmdir(folder);
}

static int table_copy(void **state)
{
        (void)state;
        memcpy(table, sound, sound_size);
        return 0;
}

static const struct aml_device *device(const char *path)
{
        for (unsigned i = 0; i < aml.devices; i++)
                if (strcmp(aml_path_text(&aml.device[i].path).text, path) == 0)
                        return &aml.device[i];
        fail_msg("no device %s", path);
        return NULL;
}

static void test_whole_table_is_read(void **state)
{
        const struct aml_device *one;
        uint64_t value = 0;

        (void)state;
        if (!walk(sound_size))
                fail_msg("%s", why);
        assert_int_equal(aml.devices, 5);
        one = device("\\_SB_.COM0");
        assert_string_equal(aml_id(one->value[AML_HID]).text, "ARMH0011");
        assert_true(aml_resources_whole(aml_buffer(one->value[AML_CRS])));
        assert_true(aml_resources_hold(aml_buffer(one->value[AML_CRS]), 0x09000000));
        assert_false(aml_resources_hold(aml_buffer(one->value[AML_CRS]), 0x0a000000));
        assert_false(one->has[AML_CCA]);
        one = device("\\_SB_.PCI0");
        assert_string_equal(aml_id(one->value[AML_HID]).text, "PNP0A08");
        assert_string_equal(aml_id(one->value[AML_CID]).text, "PNP0A03");
        assert_true(one->has[AML_CRS] && one->value[AML_CRS].size == 0);
        assert_true(one->has[AML_CCA] && aml_integer(one->value[AML_CCA], &value));
        assert_int_equal(value, 1);
        assert_true(device("\\_SB_.PCI0.RP01")->has[AML_ADR]);
}

/* AML of its own behind the header. */
static bool walk_bytes(const char *bytes, size_t size)
{
        memset(table, 0, AML_HEADER);
        memcpy(table + AML_HEADER, bytes, size);
        return walk(AML_HEADER + size);
}

static void test_defects_are_told(void **state)
{
        static const struct {
                const char *aml;
                size_t size;
                const char *why;
        } defects[] = {
                {"\x05", 1, "offset 36: found 0x5, expected an opcode"},
                {"\x5b\x7f", 2, "offset 36: found 0x5b7f"},
                {"\x5b", 1, "offset 36: found 0x5b"},
                {"\x10\x20\\_SB_", 7, "offset 37: found a package length that leads out"},
                {"\x10\x00\\_SB_", 7, "offset 37: found a package length that leads out"},
                {"\x10\x70\x00_SB_", 7, "offset 37: found a package length with bits 4 or 5 set"},
                {"\x10\xc1\x00", 3, "offset 38: found the end"},
                {"\x08_AB", 4, "offset 37: found the end"},
                {"\x08_aBC\x00", 6, "offset 38: found another character"},
                {"\x08 0ABC\x00", 6, "offset 37: found another character"},
                {"\x08_ABC\x0d\x80\x00", 8, "offset 42: found a byte above 0x7f"},
                {"\x08_ABC\x0dxx", 8, "offset 44: found the end"},
                {"\x08_ABC\xa4\x01", 7, "offset 41: found an opcode that is to be run"},
                {"\x08_ABC\x72\x01\x01\x00", 9, "offset 41: found an opcode that is to be run"},
                {"\x08^_ABC\x01", 7, "offset 37: found ^ above the root"},
                {"\x08\x2f\x00\x01", 4, "offset 38: found a name of 0 parts"},
                {"\x60", 1, "offset 36: found 0x60, expected an opcode that does something"},
                {"\xa4\x08_ABC\x01", 7, "offset 37: found 0x8, expected an opcode that has a value"},
                {"\x70\x01\x01", 3, "offset 38: found another opcode, expected something to store to"},
                {"\x5b\x81\x06_REG\x06", 8, "offset 43: found another access type"},
                {"\x5b\x81\x07_REG\x01\x04", 9, "offset 44: found another byte, expected a field's name"},
                {"\x14\x06M___\x02"
                 "M___\x01",
                 12, "offset 48: found the end of what is around it, expected a term"},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(defects) / sizeof(defects[0]); i++) {
                bool whole = walk_bytes(defects[i].aml, defects[i].size);

                if (whole || strncmp(why, defects[i].why, strlen(defects[i].why)) != 0)
                        fail_msg("defect %u: %s, expected %s", (unsigned)i, whole ? "taken" : why, defects[i].why);
        }
        assert_false(aml_walk(&aml, (struct bytes){table, 35}, why, sizeof(why)));
}

static void test_depth_is_bounded(void **state)
{
        static char nots[1000], names[1000] = "\x08\x2f\xff";

        (void)state;
        memset(nots, '\x92', sizeof(nots));
        assert_false(walk_bytes(nots, sizeof(nots)));
        assert_non_null(strstr(why, "at most 64 deep"));
        memset(names + 3, 'A', sizeof(names) - 3);
        assert_false(walk_bytes(names, sizeof(names)));
        assert_non_null(strstr(why, "a name of too many parts"));
}

/* Whatever the disassembler cannot parse is refused here, too. */
static void test_iasl_parses_what_is_taken(void **state)
{
        unsigned taken = 0;

        (void)state;
        srandom(1);
        for (unsigned i = 0; i < MUTANTS; i++) {
                size_t at = AML_HEADER + (size_t)random() % (sound_size - AML_HEADER);

                memcpy(table, sound, sound_size);
                table[at] = (uint8_t)(random() & 1 ? table[at] ^ 1 << (random() & 7) : random());
                if (!walk(sound_size))
                        continue;
                taken++;
                if (iasl_refuses(sound_size))
                        fail_msg("byte %u as 0x%x is taken, and iasl refuses it", (unsigned)at, table[at]);
        }
        assert_in_range(taken, MUTANTS / 20, MUTANTS);
}

/* Cut anywhere and overwritten anywhere, it ends, and reads nothing that it was not given. */
static void test_nothing_is_read_outside(void **state)
{
        (void)state;
        srandom(2);
        for (size_t size = 0; size < sound_size; size++) {
                uint8_t *exact = malloc(size ? size : 1);

                assert_non_null(exact);
                memcpy(exact, sound, size);
                aml.devices = aml.methods = 0;
                aml_declare(&aml, (struct bytes){exact, size});
                (void)aml_walk(&aml, (struct bytes){exact, size}, why, sizeof(why));
                for (unsigned i = 0; i < aml.devices; i++)
                        (void)aml_resources_whole(aml_buffer(aml.device[i].value[AML_CRS]));
                free(exact);
        }
        for (unsigned i = 0; i < STORMS; i++) {
                if (i % 8 == 0)
                        memcpy(table, sound, sound_size);
                for (unsigned k = 0; k < 4; k++)
                        table[AML_HEADER + (size_t)random() % (sound_size - AML_HEADER)] = (uint8_t)random();
                (void)walk(sound_size);
        }
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup(test_whole_table_is_read, table_copy),
                cmocka_unit_test(test_defects_are_told),
                cmocka_unit_test(test_depth_is_bounded),
                cmocka_unit_test(test_iasl_parses_what_is_taken),
                cmocka_unit_test(test_nothing_is_read_outside),
        };

        return cmocka_run_group_tests(tests, table_make, folder_remove);
}
