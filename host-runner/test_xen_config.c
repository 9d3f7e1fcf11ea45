/* SPDX-License-Identifier: BSD-2-Clause */
/* A user's own xl.cfg that cannot be used is one clear sentence, before any lab is started. */
#include "test_xen.h"

static void own_config_is_absent(void **state)
{
        (void)state;
        machine_put(STOCK "xl-config = /nonexistent/own.cfg\n");
        error_expect("xl-config /nonexistent/own.cfg: cannot be read: No such file or directory");
}

static void own_config_is_a_folder(void **state)
{
        (void)state;
        machine_put(STOCK "xl-config = /\n");
        error_expect("xl-config /: cannot be read: Is a directory");
}

static void own_config_is_too_large(void **state)
{
        static char large[33 * 1024];

        (void)state;
        memset(large, '#', sizeof(large));
        own_put(large, sizeof(large), STOCK);
        error_expect("own.cfg: expected at most 32768 bytes");
}

static void own_config_is_no_text(void **state)
{
        (void)state;
        own_put("memory = 256\n\0\n", 15, STOCK);
        error_expect("own.cfg: found a byte of zero, expected text");
}

static void own_config_contradicts(void **state)
{
        (void)state;
        own_put("acpi = 1\n memory = '1024'\n", 26, STOCK);
        error_expect("own.cfg: memory = 1024: expected 256");
        own_put("vcpus=2", 7, STOCK);
        folder_remove(out);
        error_expect("own.cfg: vcpus = 2: expected 1");
}

static void own_config_is_for_xen(void **state)
{
        static const char text[] = "[machine]\narch = aarch64\nmachine = virt\nfirmware = descriptor\nxl-config = x\n";

        (void)state;
        file_write(in_scratch("config/vmspec/machines/bad.ini").text, text, strlen(text));
        assert_int_equal(run_bad(), 2);
        assert_one_sentence("bad.ini: xl-config: expected hypervisor = xen");
}

static int test_make(void **state)
{
        int result = xen_set_up(state);

        lab_files_put();
        return result;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, test_make, scratch_tear_down)

int main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(own_config_is_absent),  TEST(own_config_is_a_folder), TEST(own_config_is_too_large),
                TEST(own_config_is_no_text), TEST(own_config_contradicts), TEST(own_config_is_for_xen),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
