/* SPDX-License-Identifier: BSD-2-Clause */
/* Each defect of fixtures/defects/image.ini fails the case it names, and changes no verdict beyond its knock-on. */
#include "test_disk.h"

#include <ini.h>

#include "edit.h"

enum { DEFECTS_MAX = 128, EDITS_MAX = 8 };

struct defect {
        char name[80];
        char clause[12];
        enum case_id id;
        bool knock_on[CASE_COUNT];
        unsigned edits;
        char *edit[EDITS_MAX];
};

struct defects {
        unsigned count;
        struct defect defect[DEFECTS_MAX];
};

static int knock_on_read(struct defect *defect, const char *value)
{
        char list[200], *save = NULL;

        snprintf(list, sizeof(list), "%s", value);
        for (char *word = strtok_r(list, ", ", &save); word; word = strtok_r(NULL, ", ", &save)) {
                enum case_id id = case_find(word);

                if (id == CASE_COUNT)
                        return 0;
                defect->knock_on[id] = true;
        }
        return 1;
}

static int line_read(void *user, const char *section, const char *name, const char *value)
{
        struct defects *all = user;
        struct defect *d = all->count ? &all->defect[all->count - 1] : NULL;

        if (!d || strcmp(d->name, section) != 0) {
                if (all->count == DEFECTS_MAX)
                        return 0;
                d = &all->defect[all->count++];
                *d = (struct defect){.id = CASE_COUNT};
                snprintf(d->name, sizeof(d->name), "%s", section);
        }
        if (strcmp(name, "clause") == 0)
                snprintf(d->clause, sizeof(d->clause), "%s", value);
        else if (strcmp(name, "case") == 0)
                d->id = case_find(value);
        else if (strcmp(name, "edit") == 0 && d->edits < EDITS_MAX)
                d->edit[d->edits++] = strdup(value);
        else if (strcmp(name, "knock-on") == 0)
                return knock_on_read(d, value);
        else
                return strcmp(name, "by") == 0 && strcmp(value, "image") == 0;
        return 1;
}

static void defect_check(const struct defect *d, const char *good, const char *bad)
{
        static char reason[CASE_COUNT][FACT_TEXT + FACT_WHAT];
        enum verdict verdict[CASE_COUNT];
        char error[300] = "";
        int fd;

        test_run_ok("cp --sparse=always %s %s", good, bad);
        fd = open(bad, O_RDWR | O_CLOEXEC);
        assert_true(fd >= 0);
        for (unsigned i = 0; i < d->edits; i++)
                if (edit_apply(fd, d->edit[i], error, sizeof(error)) < 0)
                        fail_msg("%s: \"%s\": %s", d->name, d->edit[i], error);
        close(fd);
        test_judge(bad, verdict, reason);
        if (verdict[d->id] != VERDICT_FAIL)
                fail_msg("%s: %s is %s", d->name, cases[d->id].name, verdict_name(verdict[d->id]));
        for (unsigned id = 0; id < CASE_COUNT; id++)
                if (cases[id].stage == STAGE_STATIC && judge_halves[id] && id != d->id && !d->knock_on[id] &&
                    verdict[id] != VERDICT_PASS)
                        fail_msg("%s: %s too is %s: %s", d->name, cases[id].name, verdict_name(verdict[id]),
                                 reason[id]);
        if (getenv("TEST_VERBOSE"))
                print_message("%s: %s\n", d->name, reason[d->id]);
}

static void each_defect_is_seen(void **state)
{
        static struct defects all;
        const char *folder = test_folder("test_image_defects");
        char good[300], bad[300];
        unsigned of_case[CASE_COUNT] = {0};

        (void)state;
        snprintf(good, sizeof(good), "%s/good.img", folder);
        snprintf(bad, sizeof(bad), "%s/bad.img", folder);
        assert_int_equal(ini_parse(TEST_SOURCE_DIR "/fixtures/defects/image.ini", line_read, &all), 0);
        assert_true(all.count >= 35);
        test_disk_good(folder, good);
        test_judge_good(good);
        for (unsigned i = 0; i < all.count; i++) {
                struct defect *d = &all.defect[i];

                if (d->id == CASE_COUNT || strcmp(d->clause, clause_print_name(cases[d->id].clause).text) != 0)
                        fail_msg("%s names no case of %s", d->name, d->clause);
                of_case[d->id]++;
                defect_check(d, good, bad);
                for (unsigned e = 0; e < d->edits; e++)
                        free(d->edit[e]);
        }
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
        test_judge_good(disk);
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
