/* SPDX-License-Identifier: BSD-2-Clause */
/* An overlay changes the rows that it names and no other, in the direction that it says, and says why. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "case.h"

#define BIT(overlay) (1u << OVERLAY_##overlay)

static void assert_text(const char *text, const char *of)
{
        assert_non_null(text);
        if (!*text || text[strlen(text) - 1] == '.')
                fail_msg("%s: words without a full stop are expected", of);
        for (const char *at = text; *at; at++)
                if (*at < 0x20 || *at > 0x7e)
                        fail_msg("%s: the words are printable ASCII", of);
}

static void test_what_the_reference_list_says(void **state)
{
        static const struct {
                enum clause_id clause;
                unsigned overlays;
                enum level level[PROFILE_COUNT];
        } rows[] = {
                {CLAUSE_VAR_05, 0, {LEVEL_S, LEVEL_S, LEVEL_S}},
                {CLAUSE_VAR_05, BIT(UEFI24A_STRICT), {LEVEL_M, LEVEL_M, LEVEL_M}},
                {CLAUSE_VAR_05, BIT(UEFI_CURRENT) | BIT(EBBR), {LEVEL_S, LEVEL_S, LEVEL_S}},
                {CLAUSE_BOOT_03, 0, {LEVEL_I, LEVEL_I, LEVEL_I}},
                {CLAUSE_BOOT_03, BIT(UEFI24A_STRICT), {LEVEL_M, LEVEL_M, LEVEL_M}},
                {CLAUSE_BOOT_04, BIT(UEFI_CURRENT), {LEVEL_I, LEVEL_I, LEVEL_I}},
                {CLAUSE_BOOT_07, 0, {LEVEL_ABSENT, LEVEL_M, LEVEL_M}},
                {CLAUSE_BOOT_07, BIT(UEFI24A_STRICT), {LEVEL_ABSENT, LEVEL_M, LEVEL_M}},
                {CLAUSE_BOOT_07, BIT(UEFI_CURRENT), {LEVEL_M, LEVEL_M, LEVEL_M}},
                {CLAUSE_HWD_04, 0, {LEVEL_I, LEVEL_I, LEVEL_I}},
                {CLAUSE_HWD_04, BIT(EBBR), {LEVEL_M, LEVEL_M, LEVEL_M}},
                {CLAUSE_HWD_07, BIT(UEFI24A_STRICT), {LEVEL_S, LEVEL_S, LEVEL_S}},
                {CLAUSE_HWD_07, BIT(EBBR), {LEVEL_M, LEVEL_M, LEVEL_M}},
                {CLAUSE_FW_10, 0, {LEVEL_S, LEVEL_M, LEVEL_M}},
                {CLAUSE_FW_10, BIT(EBBR), {LEVEL_Y, LEVEL_Y, LEVEL_Y}},
                {CLAUSE_FW_10, BIT(EBBR) | BIT(UEFI24A_STRICT), {LEVEL_Y, LEVEL_Y, LEVEL_Y}},
                {CLAUSE_FW_05, BIT(UEFI24A_STRICT), {LEVEL_M, LEVEL_M, LEVEL_M}},
                {CLAUSE_FW_05, BIT(EBBR), {LEVEL_S, LEVEL_M, LEVEL_M}},
                {CLAUSE_HWD_24, BIT(VBSA), {LEVEL_M, LEVEL_ABSENT, LEVEL_M}},
                {CLAUSE_HWD_24, BIT(ACPI_LINUX), {LEVEL_M, LEVEL_M, LEVEL_M}},
                {CLAUSE_HWD_28, BIT(ACPI_LINUX), {LEVEL_S, LEVEL_S, LEVEL_S}},
                {CLAUSE_TMR_06, BIT(VBSA), {LEVEL_M, LEVEL_M, LEVEL_M}},
                {CLAUSE_CPU_16, BIT(VBSA), {LEVEL_M, LEVEL_M, LEVEL_M}},
                {CLAUSE_GIC_09, BIT(VBSA), {LEVEL_M, LEVEL_M, LEVEL_M}},
                {CLAUSE_XEN_01, BIT(VBSA) | BIT(EBBR), {LEVEL_ABSENT, LEVEL_ABSENT, LEVEL_ABSENT}},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
                for (int profile = 0; profile < PROFILE_COUNT; profile++)
                        if (clause_level(rows[i].clause, profile, rows[i].overlays) != rows[i].level[profile])
                                fail_msg("row %zu: %s under %s is %s", i, clauses[rows[i].clause].name,
                                         profile_name(profile),
                                         level_name(clause_level(rows[i].clause, profile, rows[i].overlays)));
}

/* Each row of overlays.def changes something in some profile, in its own direction; nothing else changes. */
static void test_every_change_is_one(void **state)
{
        bool named[CLAUSE_COUNT][OVERLAY_COUNT] = {{false}};

        (void)state;
        for (size_t i = 0; i < level_changes_count; i++) {
                const struct level_change *change = &level_changes[i];
                unsigned overlay = 1u << change->overlay, own = 1u << clauses[change->clause].overlay;
                bool changed = false;

                assert_text(change->source, clauses[change->clause].name);
                if (named[change->clause][change->overlay])
                        fail_msg("%s: two rows for %s", overlay_name(change->overlay), clauses[change->clause].name);
                named[change->clause][change->overlay] = true;
                for (int profile = 0; profile < PROFILE_COUNT; profile++) {
                        enum level before = clause_level(change->clause, profile, own);
                        enum level after = clause_level(change->clause, profile, own | overlay);

                        changed |= before != after;
                        assert_true(change->relaxes ? after <= before : after >= before);
                }
                if (!changed)
                        fail_msg("%s: the row for %s changes nothing", overlay_name(change->overlay),
                                 clauses[change->clause].name);
        }
        for (int id = 0; id < CLAUSE_COUNT; id++)
                for (int overlay = OVERLAY_UEFI24A_STRICT; overlay < OVERLAY_COUNT; overlay++)
                        for (int profile = 0; profile < PROFILE_COUNT; profile++)
                                if (!named[id][overlay])
                                        assert_int_equal(clause_level(id, profile, 1u << overlay),
                                                         clause_level(id, profile, 0));
}

static void test_a_case_that_is_only_warned_of(void **state)
{
        static const enum case_id hybrid = CASE_mbr_is_not_hybrid, attributes = CASE_var_attributes_are_fixed;

        (void)state;
        assert_int_equal(case_level(CASE_protective_mbr, PROFILE_DRAFT2014, 0), LEVEL_M);
        assert_null(case_level_source(CASE_protective_mbr, PROFILE_DRAFT2014, BIT(EBBR)));
        assert_int_equal(case_level(hybrid, PROFILE_DRAFT2014, 0), LEVEL_S);
        assert_int_equal(case_level(hybrid, PROFILE_VMSPEC_2_0, BIT(UEFI_CURRENT)), LEVEL_S);
        assert_int_equal(case_level(hybrid, PROFILE_VMSPEC_2_0, BIT(EBBR)), LEVEL_M);
        assert_int_equal(case_level(hybrid, PROFILE_DRAFT2014, BIT(UEFI24A_STRICT)), LEVEL_M);
        assert_int_equal(case_level(attributes, PROFILE_VMSPEC_1_0, 0), LEVEL_S);
        assert_int_equal(case_level(attributes, PROFILE_VMSPEC_1_0, BIT(UEFI24A_STRICT)), LEVEL_S);
        assert_int_equal(case_level(attributes, PROFILE_DRAFT2014, BIT(UEFI_CURRENT)), LEVEL_M);
        assert_non_null(strstr(case_level_source(hybrid, PROFILE_DRAFT2014, 0), "EBBR"));
        assert_null(case_level_source(hybrid, PROFILE_DRAFT2014, BIT(EBBR)));
        assert_non_null(
                strstr(case_level_source(CASE_fdt_lies_in_acpi_reclaim_memory, PROFILE_DRAFT2014, BIT(EBBR)), "EBBR"));
        for (int id = 0; id < CASE_COUNT; id++)
                if (case_warned(id))
                        assert_text(case_warned(id)->source, cases[id].name);
}

static void test_rulings_are_sentences(void **state)
{
        (void)state;
        for (int id = 0; id < CLAUSE_COUNT; id++)
                if (clause_ruling(id))
                        assert_text(clause_ruling(id)->text, clauses[id].name);
        assert_null(clause_ruling(CLAUSE_FW_23));
        assert_non_null(strstr(clause_ruling(CLAUSE_FW_05)->text, "UEFI as a whole"));
        assert_non_null(strstr(clause_ruling(CLAUSE_FW_08)->text, "clock"));
        assert_int_equal(clause_ruling(CLAUSE_HWD_01)->when, RULING_PASSING);
        assert_int_equal(clause_ruling(CLAUSE_VAR_05)->when, RULING_FAILING);
        for (int id = 0; id < CASE_COUNT; id++)
                if (case_stand_in(id))
                        assert_text(case_stand_in(id), cases[id].name);
                else
                        assert_false(case_is_genuine_on_xen(id));
        assert_true(case_is_genuine_on_xen(CASE_pvh_entry_state_is_right));
        assert_false(case_is_genuine_on_xen(CASE_pvh_memory_map_is_right));
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_what_the_reference_list_says),
                cmocka_unit_test(test_every_change_is_one),
                cmocka_unit_test(test_a_case_that_is_only_warned_of),
                cmocka_unit_test(test_rulings_are_sentences),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
