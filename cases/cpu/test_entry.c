/* SPDX-License-Identifier: BSD-2-Clause */
/* The entry-state judges pass what stock firmware shows, and fail on each field that a seeded defect changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "judge.h"

static const char el1[] = "CurrentEL=0x1\nDAIF=0x300\nFPCR=0x0\nID_AA64MMFR0_EL1=0x1124\nSCTLR=0x30d0198d\n"
                          "TCR=0x480803514\nCPACR_EL1=0x300000\n";
static const char el2[] = "CurrentEL=0x2\nDAIF=0x300\nFPCR=0x0\nID_AA64MMFR0_EL1=0x1124\nSCTLR=0x100d\n"
                          "TCR=0x80843514\nCPTR_EL2=0x33ff\nHCR_EL2=0x78000000\n";

static void tell_nothing(struct check *check, const struct fact *fact)
{
        (void)check;
        (void)fact;
}

static struct check judged(judge_function *judge, const char *registers)
{
        struct evidence evidence = {0};
        struct judge j = {.check = {.tell = tell_nothing}, .evidence = &evidence};

        evidence.of[EVIDENCE_REGISTERS] = (struct bytes){(const uint8_t *)registers, strlen(registers)};
        judge(&j);
        return j.check;
}

static void passes(judge_function *judge, const char *registers)
{
        struct check check = judged(judge, registers);

        assert_true(check.held > 0);
        assert_int_equal(check.failed, 0);
        assert_int_equal(check.other, 0);
}

/* The registers with the value of one of them replaced: one check fails, no other. */
static void fails(judge_function *judge, const char *registers, const char *name, uint64_t value)
{
        char text[512];
        const char *at = strstr(registers, name), *end;
        struct check check;

        assert_non_null(at);
        end = strchr(at, '\n');
        snprintf(text, sizeof(text), "%.*s%s=0x%llx%s", (int)(at - registers), registers, name,
                 (unsigned long long)value, end);
        check = judged(judge, text);
        assert_int_equal(check.failed, 1);
        assert_int_equal(check.other, 0);
}

static void test_stock_firmware_passes_at_el1(void **state)
{
        (void)state;
        passes(judge_entry_is_at_el1, el1);
        passes(judge_mmu_and_caches_are_on, el1);
        passes(judge_translation_is_4k_by_ttbr0, el1);
        passes(judge_floating_point_works, el1);
        passes(judge_irqs_are_not_masked, el1);
}

static void test_stock_firmware_passes_at_el2_but_for_the_level(void **state)
{
        (void)state;
        assert_int_equal(judged(judge_entry_is_at_el1, el2).failed, 1);
        passes(judge_mmu_and_caches_are_on, el2);
        passes(judge_translation_is_4k_by_ttbr0, el2);
        passes(judge_floating_point_works, el2);
        passes(judge_irqs_are_not_masked, el2);
}

static void test_each_wrong_field_fails(void **state)
{
        (void)state;
        for (unsigned level = 0; level < 4; level++)
                if (level != 1)
                        fails(judge_entry_is_at_el1, el1, "CurrentEL", level);
        for (unsigned bit = 0; bit < 26; bit++)
                if (1u << bit & (1 << 0 | 1 << 1 | 1 << 2 | 1 << 3 | 1 << 12 | 1 << 25)) {
                        fails(judge_mmu_and_caches_are_on, el1, "SCTLR", 0x30d0198d ^ 1u << bit);
                        fails(judge_mmu_and_caches_are_on, el2, "SCTLR", 0x100d ^ 1u << bit);
                }
        fails(judge_translation_is_4k_by_ttbr0, el1, "TCR", 0x480807514);  /* TG0: 64 KiB */
        fails(judge_translation_is_4k_by_ttbr0, el1, "TCR", 0x2480803514); /* TBI0 */
        fails(judge_translation_is_4k_by_ttbr0, el1, "TCR", 0x580803514);  /* IPS above PARange */
        fails(judge_translation_is_4k_by_ttbr0, el1, "TCR", 0x480803594);  /* EPD0 */
        fails(judge_translation_is_4k_by_ttbr0, el1, "TCR", 0x480003514);  /* not EPD1 */
        fails(judge_translation_is_4k_by_ttbr0, el2, "TCR", 0x80943514);   /* TBI */
        fails(judge_translation_is_4k_by_ttbr0, el2, "TCR", 0x80853514);   /* PS above PARange */
        fails(judge_floating_point_works, el1, "CPACR_EL1", 0x100000);
        fails(judge_floating_point_works, el1, "FPCR", 0x1000000);
        fails(judge_floating_point_works, el2, "CPTR_EL2", 0x37ff);
        fails(judge_irqs_are_not_masked, el1, "DAIF", 0x380);
}

/* HCR_EL2.E2H gives the EL2 registers the layout of EL1. */
static void test_e2h_changes_the_layout(void **state)
{
        static const char e2h[] = "CurrentEL=0x2\nFPCR=0x0\nID_AA64MMFR0_EL1=0x1124\nTCR=0x480803514\n"
                                  "CPTR_EL2=0x300000\nHCR_EL2=0x400000000\n";

        (void)state;
        passes(judge_translation_is_4k_by_ttbr0, e2h);
        passes(judge_floating_point_works, e2h);
        fails(judge_translation_is_4k_by_ttbr0, e2h, "TCR", 0x2480803514);
        fails(judge_floating_point_works, e2h, "CPTR_EL2", 0x0);
}

static void test_nothing_recorded_is_no_pass(void **state)
{
        struct check check = judged(judge_mmu_and_caches_are_on, "CurrentEL=0x1\n");

        (void)state;
        assert_int_equal(check.held + check.failed, 0);
        assert_int_equal(check.other, 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_stock_firmware_passes_at_el1),
                cmocka_unit_test(test_stock_firmware_passes_at_el2_but_for_the_level),
                cmocka_unit_test(test_each_wrong_field_fails),
                cmocka_unit_test(test_e2h_changes_the_layout),
                cmocka_unit_test(test_nothing_recorded_is_no_pass),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
