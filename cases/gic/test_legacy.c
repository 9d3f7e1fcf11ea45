/* SPDX-License-Identifier: BSD-2-Clause */
/* Which hosts the clause of the legacy GICv2 is about, and what a boot on one of them must have shown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "host.h"
#include "own_machine.h"

static enum fact_kind worst;
static char told[FACT_TEXT];

static void tell(struct check *check, const struct fact *fact)
{
        (void)check;
        if (fact->kind == FACT_NOTE)
                return;
        worst = fact->kind;
        text_copy(told, sizeof(told), fact->got);
}

/* The verdict over a run on that host whose second boot was asked for with a GICv2; described 0: it never came up. */
static enum fact_kind judged(const char *arch, const char *gic, unsigned described)
{
        struct entry entry[2] = {{.part = 2, .half = HALF_G, .fact = {.kind = FACT_NOTE, .got = "0x2 (2)"}},
                                 {.part = 2, .half = HALF_G, .fact = {.kind = FACT_NOTE}}};
        struct row row = {.entries = described ? 2 : 0, .entry = entry};
        struct history history = {0};
        struct host host = {.check = {.tell = tell}, .history = &history, .row = &row};

        text_copy(entry[0].fact.what, sizeof(entry[0].fact.what), "GIC asked for");
        text_copy(entry[1].fact.what, sizeof(entry[1].fact.what), "GIC described");
        text_format(entry[1].fact.got, sizeof(entry[1].fact.got), "0x%x (%u)", described, described);
        text_copy(history.host_arch, sizeof(history.host_arch), arch);
        text_copy(history.host_gic, sizeof(history.host_gic), gic);
        worst = FACT_KIND_END;
        host_gicv2_works_on_gicv3_host(&host);
        return worst;
}

static void test_other_hosts_are_not_meant(void **state)
{
        (void)state;
        assert_int_equal(judged("x86_64", "", 2), FACT_NOT_APPLICABLE);
        assert_string_equal(told, "the host is x86_64, not an Arm machine with a GICv3");
        assert_int_equal(judged("aarch64", "GICv2", 2), FACT_NOT_APPLICABLE);
        assert_string_equal(told, "the host is aarch64 with a GICv2, not an Arm machine with a GICv3");
        assert_int_equal(judged("aarch64", "", 2), FACT_SKIP);
        assert_int_equal(judged("", "", 2), FACT_SKIP);
}

static void test_gicv3_hosts_are_judged(void **state)
{
        (void)state;
        assert_int_equal(judged("aarch64", "GICv3", 2), FACT_PASSED);
        assert_int_equal(judged("aarch64", "GICv4", 2), FACT_PASSED);
        assert_int_equal(judged("armv8l", "GICv3", 2), FACT_PASSED);
        assert_int_equal(judged("aarch64", "GICv3", 3), FACT_FAILED);
        assert_int_equal(judged("aarch64", "GICv3", 0), FACT_FAILED);
}

static void test_gic_is_found_by_name(void **state)
{
        static const struct {
                const char *text;
                const char *gic;
        } rows[] = {
                {"           CPU0\n 11:  31  GICv3  27 Level     arch_timer\n 13: 1 GICv3-23 level pmu\n", "GICv3"},
                {" 25:   0   GICv2  29 Level  arch_timer\n", "GICv2"},
                {"  2:   9  GIC-0  27 Level   arch_timer\n", "GICv2"},
                {"  2:   9  GIC-0  27 Level   x\n  3: 9 GICv3 1 Level y\n", "GICv3"},
                {"  0:  42  IO-APIC   2-edge  timer\n", ""},
                {"  1:   1  LOGICv3 7 Edge, GICv31\n", ""},
                {"", ""},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
                char gic[16];

                own_gic_find(rows[i].text, gic, sizeof(gic));
                assert_string_equal(gic, rows[i].gic);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_other_hosts_are_not_meant),
                cmocka_unit_test(test_gicv3_hosts_are_judged),
                cmocka_unit_test(test_gic_is_found_by_name),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
