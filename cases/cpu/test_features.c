/* SPDX-License-Identifier: BSD-2-Clause */
/* The judges of the AArch32 entry state and of the processor's features fail on each field that is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "judge.h"

static const char el1[] = "CurrentEL=0x1\nID_AA64MMFR0_EL1=0x1124\nID_AA64PFR0_EL1=0x22\nSCTLR=0x30d0198d\n";
static const char svc[] = "CPSR=0x33\nDACR=0x33333333\nSCTLR=0xc5187d\n";

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

/* The registers with the value of one of them replaced. */
static unsigned failures(judge_function *judge, const char *registers, const char *name, uint64_t value)
{
        const char *at = strstr(registers, name);
        char text[256];

        assert_non_null(at);
        snprintf(text, sizeof(text), "%.*s%s=0x%llx%s", (int)(at - registers), registers, name,
                 (unsigned long long)value, strchr(at, '\n'));
        return judged(judge, text).failed;
}

static void test_right_registers_pass(void **state)
{
        (void)state;
        assert_int_equal(failures(judge_aarch32_entry_state, svc, "SCTLR", 0xc5187d), 0);
        assert_int_equal(judged(judge_aarch32_entry_state, svc).held, 9);
        assert_int_equal(judged(judge_processor_has_base_features, el1).held, 6);
        assert_int_equal(judged(judge_processor_has_base_features, el1).failed, 0);
        assert_int_equal(judged(judge_el2_is_not_offered, el1).failed, 0);
}

static void test_each_wrong_field_fails(void **state)
{
        static const unsigned bits[] = {0, 1, 2, 7, 12, 28, 29};

        (void)state;
        for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
                assert_int_equal(failures(judge_aarch32_entry_state, svc, "SCTLR", 0xc5187d ^ 1u << bits[i]), 1);
        assert_int_equal(failures(judge_aarch32_entry_state, svc, "DACR", 0x55555555), 1);
        assert_int_equal(failures(judge_aarch32_entry_state, svc, "CPSR", 0x30), 1);
        assert_int_equal(failures(judge_processor_has_base_features, el1, "ID_AA64PFR0_EL1", 0x20), 1);
        assert_int_equal(failures(judge_processor_has_base_features, el1, "ID_AA64PFR0_EL1", 0x02), 1);
        assert_int_equal(failures(judge_processor_has_base_features, el1, "ID_AA64PFR0_EL1", 0xf0022), 1);
        assert_int_equal(failures(judge_processor_has_base_features, el1, "ID_AA64PFR0_EL1", 0xf00022), 1);
        assert_int_equal(failures(judge_processor_has_base_features, el1, "ID_AA64MMFR0_EL1", 0xf0001124), 1);
        assert_int_equal(failures(judge_processor_has_base_features, el1, "SCTLR", 0x32d0198d), 1);
        assert_int_equal(failures(judge_el2_is_not_offered, el1, "ID_AA64PFR0_EL1", 0x222), 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_right_registers_pass),
                cmocka_unit_test(test_each_wrong_field_fails),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
