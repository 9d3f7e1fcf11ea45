/* SPDX-License-Identifier: BSD-2-Clause */
/* Images given together are told apart by their GUIDs, each beside all others. */
#include "test_disk.h"

static char a[300], b[300];

static enum verdict verdict_beside(char *paths[], size_t count)
{
        struct ledger ledger = {0};
        bool selected[CASE_COUNT] = {[CASE_clones_have_own_guids] = true};
        char error[300] = "";
        struct clones clones;
        enum verdict verdict;

        image_clones_read(&clones, paths, count, 512);
        if (image_judge_among(&ledger, paths[0], 512, &clones, selected, error, sizeof(error)) < 0)
                fail_msg("%s", error);
        verdict = ledger.subject[0].row[0].verdict;
        ledger_free(&ledger);
        image_clones_free(&clones);
        return verdict;
}

static void clones_are_told_apart(void **state)
{
        const char *folder = test_folder("test_image_clones");

        (void)state;
        snprintf(a, sizeof(a), "%s/a.img", folder);
        snprintf(b, sizeof(b), "%s/b.img", folder);
        test_disk_good(folder, a);
        test_run_ok("cp --sparse=always %s %s", a, b);
        assert_int_equal(verdict_beside((char *[]){a}, 1), VERDICT_NOT_APPLICABLE);
        assert_int_equal(verdict_beside((char *[]){a, b}, 2), VERDICT_FAIL);
        test_run_ok("sgdisk -U R %s", b);
        assert_int_equal(verdict_beside((char *[]){a, b}, 2), VERDICT_FAIL);
        test_run_ok("sgdisk -G %s", b);
        assert_int_equal(verdict_beside((char *[]){a, b}, 2), VERDICT_PASS);
        assert_int_equal(verdict_beside((char *[]){b, a, a}, 3), VERDICT_PASS);
        assert_int_equal(verdict_beside((char *[]){a, b, a}, 3), VERDICT_FAIL);
}

static void others_that_cannot_be_read_prove_nothing(void **state)
{
        (void)state;
        test_run_ok("sgdisk -Z %s", b);
        assert_int_equal(verdict_beside((char *[]){a, b}, 2), VERDICT_SKIP);
        assert_int_equal(verdict_beside((char *[]){b, a}, 2), VERDICT_SKIP);
        assert_int_equal(verdict_beside((char *[]){a, (char *)(uintptr_t) "/nowhere"}, 2), VERDICT_SKIP);
        unlink(a);
        unlink(b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(clones_are_told_apart),
                cmocka_unit_test(others_that_cannot_be_read_prove_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
