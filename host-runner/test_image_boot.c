/* SPDX-License-Identifier: BSD-2-Clause */
/* `vmspec image --boot` on the test guest, and on what does not boot: verdicts as they should be, the image untouched.
 */
#include "crc32.h"
#include "test_program.h"

#define GUEST TEST_BUILD_DIR "/guest.img"

enum { PATIENCE_BOOTS = 240 };

static uint32_t file_crc(const char *path)
{
        size_t size;
        char *text = file_text(path, &size);
        uint32_t crc = crc32_update(0, text, size);

        free(text);
        return crc;
}

/* A run that is judged again says the same, unless its evidence has changed. */
static void assert_replays(const char *folder)
{
        json_t *before = report_load(), *after;
        struct path log = in_scratch("run/trial-0.log");

        assert_int_equal(RUN("report", folder, "--format", "json"), 3);
        after = report_load();
        assert_true(json_equal(before, after));
        json_decref(after);
        assert_int_equal(truncate(log.text, 10), 0);
        assert_int_equal(RUN("report", folder, "--format", "json"), 3);
        assert_one_sentence("trial-0.log: the console output is not what the run recorded");
        after = report_load();
        assert_row(after, "guest_clock_is_that_of_uefi", "ERROR", "is not what the run recorded");
        json_decref(after);
        json_decref(before);
}

static void a_guest_that_runs_everywhere_passes(void **state)
{
        struct path folder = in_scratch("run");
        uint32_t before = file_crc(GUEST);
        json_t *root;

        (void)state;
        patience_s = PATIENCE_BOOTS;
        assert_int_equal(RUN("image", GUEST, "--boot", "--out", folder.text, "--format", "json"), 3);
        root = report_load();
        assert_row(root, "guest_boots_from_xen_disk", "SKIP",
                   "the image was not booted on Xen: no machine of Xen's was named");
        assert_row(root, "image_boots_without_setup", "PASS", "");
        assert_row(root, "guest_clock_is_that_of_uefi", "PASS", "");
        assert_int_equal(rows_count(root, "SKIP"), 1);
        assert_row(root, "clones_have_own_guids", "NOT-APPLICABLE", "1 image was given");
        assert_int_equal(rows_count(root, "FAIL") + rows_count(root, "ERROR"), 0);
        assert_int_equal(rows_count(root, "NOT-APPLICABLE"), 1);
        assert_true(rows_count(root, "PASS") > 25);
        json_decref(root);
        assert_int_equal(file_crc(GUEST), before);
        assert_replays(folder.text);
}

/* Both plain VMs are tried, and nothing else: there is nothing to learn from the others. */
static void a_disk_that_does_not_boot_fails(void **state)
{
        static const char block[512];
        struct path disk = in_scratch("nothing.img"), folder = in_scratch("run");
        json_t *root;

        (void)state;
        file_write(disk.text, block, sizeof(block));
        assert_int_equal(truncate(disk.text, 1 << 20), 0);
        assert_int_equal(RUN("image", disk.text, "--boot", "--deadline", "4", "--case", "GOS-0[16]", "--out",
                             folder.text, "--format", "json"),
                         1);
        root = report_load();
        assert_row(root, "guest_boots_with_either_gic", "FAIL", "nor in any other VM");
        assert_row(root, "guest_boots_from_every_virtio_disk", "FAIL", "nor in any other VM");
        assert_row(root, "kernel_has_both_gic_drivers", "NOT-APPLICABLE", "rests on boots alone");
        assert_int_equal(access(in_scratch("run/trial-1.log").text, F_OK), 0);
        assert_int_not_equal(access(in_scratch("run/trial-4.log").text, F_OK), 0);
        json_decref(root);
}

static void a_vmm_that_refuses_is_an_error(void **state)
{
        static const char machine[] = "[machine]\ntitle = t\narch = aarch64\nmachine = virt\ncpu = no-such-processor\n"
                                      "memory = 512\ngic = 3\nfirmware = descriptor\n";
        json_t *root;

        (void)state;
        file_write(in_scratch("config/vmspec/machines/odd.ini").text, machine, sizeof(machine) - 1);
        assert_int_equal(RUN("image", GUEST, "--boot", "--machine", "odd", "--case", "GOS-01", "--format", "json"), 3);
        root = report_load();
        assert_row(root, "guest_boots_with_either_gic", "ERROR", "refused to start");
        json_decref(root);
}

static void bad_words_are_refused(void **state)
{
        (void)state;
        assert_int_equal(RUN("image", GUEST, "--boot", "--marker", "x"), 2);
        assert_one_sentence("--marker: expected 4 to 99 printable ASCII characters");
        assert_int_equal(RUN("image", GUEST, "--boot", "--deadline", "0"), 2);
        assert_one_sentence("--deadline 0: expected 1 to 3600 seconds");
        assert_int_equal(RUN("image", GUEST, "--boot", "--machine", "x86_64-ovmf"), 2);
        assert_one_sentence("--machine x86_64-ovmf: expected one aarch64 machine, and one of Xen's beside it");
        assert_int_equal(RUN("image", "/nonexistent", "--boot"), 3);
        assert_one_sentence("/nonexistent: ");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test_setup_teardown(bad_words_are_refused, scratch_set_up, scratch_tear_down),
                cmocka_unit_test_setup_teardown(a_vmm_that_refuses_is_an_error, scratch_set_up, scratch_tear_down),
                cmocka_unit_test_setup_teardown(a_disk_that_does_not_boot_fails, scratch_set_up, scratch_tear_down),
                cmocka_unit_test_setup_teardown(a_guest_that_runs_everywhere_passes, scratch_set_up, scratch_tear_down),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
