/* SPDX-License-Identifier: BSD-2-Clause */
/* A defect that is declared wrongly is refused with its file and line; the declared ones are all read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "defect.h"

#define GOOD "[one]\nclause = VAR-03\ncase = var_survives_power_off\nby = machine\nmachine = m\nset = store=none\n"

static int read_text(const char *text, struct defects *ret, char error[300])
{
        char path[200];
        FILE *file;
        int result;

        snprintf(path, sizeof(path), "%s/tests/test_defect.%d.ini", TEST_BUILD_DIR, (int)getpid());
        file = fopen(path, "w");
        assert_non_null(file);
        fputs(text, file);
        fclose(file);
        *ret = (struct defects){0};
        result = defects_add(ret, path, error, 300);
        unlink(path);
        return result;
}

static void refused(const char *text, const char *sentence)
{
        struct defects defects;
        char error[300] = "";

        assert_int_not_equal(read_text(text, &defects, error), 0);
        if (!strstr(error, sentence))
                fail_msg("\"%s\" says nothing of \"%s\"", error, sentence);
        defects_free(&defects);
}

static void a_wrong_line_is_named(void **state)
{
        (void)state;
        refused(GOOD "colour = blue\n", ".ini:7: unknown key colour");
        refused("[one]\ncase = no_such_case\n", ".ini:2: no case has the id no_such_case");
        refused("[one]\nby = magic\n", ".ini:2: by: expected image, machine, shim or guest, not magic");
        refused(GOOD "expect = MAYBE\n", ".ini:7: expect: no verdict is called MAYBE");
        refused(GOOD "knock-on = VAR-01, VAR-99\n", ".ini:7: no case has the id or clause VAR-99");
        refused(GOOD "holds = nothing\n", ".ini:7: no case has the id or clause nothing");
        refused(GOOD "just words\n", ".ini:7: expected a section or key = value");
        refused(GOOD "[two]\nby = shim\n" GOOD, ".ini:10: a second defect with the id one");
}

static void what_is_missing_is_named(void **state)
{
        (void)state;
        refused("[one]\nby = image\n", ".ini:2: no case: one");
        refused("[one]\ncase = var_survives_reset\nclause = VAR-03\n", ".ini:2: the clause is not that of the case");
        refused("[one]\ncase = var_survives_reset\nclause = VAR-02\n", ".ini:2: no by: one");
        refused("[one]\ncase = esp_is_fat32\nclause = IMG-07\nby = image\n", "no edit");
        refused("[one]\ncase = guest_boots_with_fdt_alone\nclause = GOS-07\nby = guest\n", "nothing is changed");
        refused("[one]\ncase = esp_is_fat32\nclause = IMG-07\nby = guest\nguest = a => b\n", "no guest is asked");
        refused("[one]\ncase = var_survives_reset\nclause = VAR-02\nby = machine\n", "no machine");
        refused("[one]\ncase = var_survives_reset\nclause = VAR-02\nby = machine\nmachine = m\n", "nothing is changed");
        refused("[one]\ncase = var_survives_reset\nclause = VAR-02\nby = shim\nmachine = m\n", "no line for it");
        refused(GOOD "shim = fdt=delnode /psci\n", "a line for the shim, but by is another: one");
}

static void a_good_one_is_read(void **state)
{
        struct defects defects;
        char error[300] = "";

        (void)state;
        assert_int_equal(read_text(GOOD "holds = VAR-02\nknock-on = var_success_is_kept\n", &defects, error), 0);
        assert_int_equal(defects.count, 1);
        assert_string_equal(defects.defect[0].id, "one");
        assert_int_equal(defects.defect[0].case_id, CASE_var_survives_power_off);
        assert_int_equal(defects.defect[0].expect, VERDICT_FAIL);
        assert_int_equal(defects.defect[0].set.count, 1);
        assert_string_equal(defects.defect[0].set.text[0], "store=none");
        assert_true(defects.defect[0].holds[CASE_var_survives_reset]);
        assert_true(defects.defect[0].knock_on[CASE_var_success_is_kept]);
        defects_free(&defects);
}

/*
 * Every case that is judged at all has at least one defect that it must see. No image is booted on Xen, so the case
 * about its disks has nothing to see yet; and what no stock firmware for Xen does, a clock that goes and a page that is
 * given back, cannot be taken away.
 */
static void every_case_has_a_defect(void **state)
{
        bool seeded[CASE_COUNT] = {false};
        struct defects defects;
        char error[300] = "";

        (void)state;
        if (defects_read(TEST_SOURCE_DIR "/fixtures/defects", &defects, error, sizeof(error)))
                fail_msg("%s", error);
        seeded[CASE_container_presents_its_disk] = true; /* by test_image_container.c: no edit makes a container */
        for (size_t i = 0; i < defects.count; i++)
                seeded[defects.defect[i].case_id] = true;
        for (unsigned id = 0; id < CASE_COUNT; id++)
                if (!seeded[id] && id != CASE_xen_clock_tells_the_time)
                        fail_msg("%s %s has no defect in fixtures/defects", clause_print_name(cases[id].clause).text,
                                 cases[id].name);
        defects_free(&defects);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_wrong_line_is_named),
                cmocka_unit_test(what_is_missing_is_named),
                cmocka_unit_test(a_good_one_is_read),
                cmocka_unit_test(every_case_has_a_defect),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
