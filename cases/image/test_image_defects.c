/* SPDX-License-Identifier: BSD-2-Clause */
/* Each defect of a disk image fails the case it names, and changes no verdict beyond its knock-on. */
#include "test_disk.h"

#include "defect.h"
#include "edit.h"

static void defect_check(const struct defect *d, const char *good, const char *bad)
{
        static char reason[CASE_COUNT][FACT_TEXT + FACT_WHAT];
        enum verdict verdict[CASE_COUNT];
        char error[300] = "";
        int fd;

        test_run_ok("cp --sparse=always %s %s", good, bad);
        fd = open(bad, O_RDWR | O_CLOEXEC);
        assert_true(fd >= 0);
        for (unsigned i = 0; i < d->edit.count; i++)
                if (edit_apply(fd, d->edit.text[i], error, sizeof(error)) < 0)
                        fail_msg("%s: \"%s\": %s", d->id, d->edit.text[i], error);
        close(fd);
        test_judge(bad, 512, verdict, reason);
        if (verdict[d->case_id] != VERDICT_FAIL)
                fail_msg("%s: %s is %s", d->id, cases[d->case_id].name, verdict_name(verdict[d->case_id]));
        for (unsigned id = 0; id < CASE_COUNT; id++)
                if (cases[id].stage == STAGE_STATIC && judge_halves[id] && id != d->case_id && !d->knock_on[id] &&
                    verdict[id] != VERDICT_PASS)
                        fail_msg("%s: %s too is %s: %s", d->id, cases[id].name, verdict_name(verdict[id]), reason[id]);
        if (getenv("TEST_VERBOSE"))
                print_message("%s: %s\n", d->id, reason[d->case_id]);
}

static void each_defect_is_seen(void **state)
{
        struct defects all = {0};
        const char *folder = test_folder("test_image_defects");
        char good[300], bad[300], error[300] = "";
        unsigned of_case[CASE_COUNT] = {0};

        (void)state;
        snprintf(good, sizeof(good), "%s/good.img", folder);
        snprintf(bad, sizeof(bad), "%s/bad.img", folder);
        if (defects_add(&all, TEST_SOURCE_DIR "/fixtures/defects/image.ini", error, sizeof(error)) ||
            defects_add(&all, TEST_SOURCE_DIR "/fixtures/defects/firmware2-image.ini", error, sizeof(error)))
                fail_msg("%s", error);
        assert_true(all.count >= 35);
        test_disk_good(folder, good);
        test_judge_good(good, 512);
        for (unsigned i = 0; i < all.count; i++) {
                struct defect *d = &all.defect[i];

                of_case[d->case_id]++;
                defect_check(d, good, bad);
        }
        defects_free(&all);
        of_case[CASE_container_presents_its_disk] = 2; /* no edit makes a container: test_image_container.c has them */
        for (unsigned id = 0; id < CASE_COUNT; id++)
                if (cases[id].stage == STAGE_STATIC && judge_halves[id])
                        assert_true(of_case[id] >= 2);
        unlink(bad);
        unlink(good);
}

static void misspelt_lines_change_nothing(void **state)
{
        static const char *const lines[] = {
                "",
                "flop 1",
                "flip",
                "flip x",
                "flip 1 2",
                "write 0 abc",
                "flip last+",
                "flip end",
                "gpt third crc 1",
                "gpt both colour 1",
                "gpt-entry 0 first 1",
                "gpt-entry 1 type c12a7328",
                "file-remove \\NONE",
                "file-rename \\EFI far-too-long-a-name",
                "file-put \\NONE\\A 00",
                "fat-entry 3 2 3",
                "mbr-record 5 1 1 1",
                "write end-1 0000",
                "gpt-entry 1 first 1x",
        };
        const char *folder = test_folder("test_image_edit");
        char disk[300], error[300];
        int fd;

        (void)state;
        snprintf(disk, sizeof(disk), "%s/disk.img", folder);
        test_disk_good(folder, disk);
        fd = open(disk, O_RDWR | O_CLOEXEC);
        for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
                error[0] = 0;
                if (edit_apply(fd, lines[i], error, sizeof(error)) >= 0 || !error[0])
                        fail_msg("\"%s\" was taken", lines[i]);
        }
        close(fd);
        test_judge_good(disk, 512);
        unlink(disk);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(each_defect_is_seen),
                cmocka_unit_test(misspelt_lines_change_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
