/* SPDX-License-Identifier: BSD-2-Clause */
/* Where something from outside ends a VMM, what fails behind that is held against nobody; what failed before stands. */
#include "test_lane.h"

#define TWO_PARTS CASE_var_survives_power_off

static struct machine machine = {.id = "fake", .firmware = FIRMWARE_BIOS, .boot_timeout = 5};
static unsigned kills;     /* the VM of that number is; 0: none */
static unsigned fails;     /* the part that does; 0: none */
static bool kills_in_case; /* not behind it */

/* One part in each of two boots; a boot in which the VM was killed is begun again, and its part is not. */
static void script_two_parts(struct guest *guest)
{
        unsigned number = vms_started, boot = number - 1 - (kills && number > kills);
        bool again = kills && number == kills + 1;

        tell_begin(guest, boot);
        if (!again)
                tell_part(guest, TWO_PARTS, (uint8_t)(boot + 1), boot + 1 != fails,
                          !(number == kills && kills_in_case));
        vm_is_killed = number == kills;
        if (!vm_is_killed)
                tell_end(guest, boot);
}

static void killed_run(unsigned kill, bool in_case, unsigned fail, enum verdict verdict, const char *reason)
{
        struct lane_plan plan = {.plan = {.catalogue = catalogue_hash, .nonce = NONCE, .boots = 2},
                                 .arrival = {ARRIVAL_FIRST, ARRIVAL_POWER_OFF}};
        struct ledger ledger = {0};

        for (unsigned b = 0; b < 2; b++)
                plan.plan.boot[b] = (struct plan_boot){
                        .ending = ENDING_SHUTDOWN, .parts = 1, .part = {{TWO_PARTS, (uint8_t)(b + 1)}}};
        kills = kill;
        kills_in_case = in_case;
        fails = fail;
        plan_run(&plan, &machine, script_two_parts, &ledger);
        row_expect(&ledger, TWO_PARTS, verdict, reason);
        assert_int_equal(vms_started, kill ? 3 : 2);
        ledger_free(&ledger);
}

static void undisturbed_failure_fails(void **state)
{
        (void)state;
        killed_run(0, false, 0, VERDICT_PASS, "");
        killed_run(0, false, 1, VERDICT_FAIL, "it: got lost, want kept");
        killed_run(0, false, 2, VERDICT_FAIL, "it: got lost, want kept");
}

static void failure_behind_a_kill_is_an_error(void **state)
{
        (void)state;
        killed_run(1, false, 2, VERDICT_ERROR, "the VMM was ended from outside before: it: got lost, want kept");
        killed_run(1, true, 2, VERDICT_ERROR, "the VMM was ended from outside before");
}

static void failure_before_a_kill_stands(void **state)
{
        (void)state;
        killed_run(2, false, 1, VERDICT_FAIL, "it: got lost, want kept");
        killed_run(2, true, 1, VERDICT_FAIL, "it: got lost, want kept");
}

static void kill_alone_fails_nothing(void **state)
{
        (void)state;
        killed_run(1, false, 0, VERDICT_PASS, "");
        killed_run(1, true, 0, VERDICT_ERROR, "killed by signal 9");
        killed_run(2, true, 0, VERDICT_ERROR, "killed by signal 9");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(undisturbed_failure_fails),
                cmocka_unit_test(failure_behind_a_kill_is_an_error),
                cmocka_unit_test(failure_before_a_kill_stands),
                cmocka_unit_test(kill_alone_fails_nothing),
        };

        return journal_find() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
