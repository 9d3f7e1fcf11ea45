/* SPDX-License-Identifier: BSD-2-Clause */
/* A boot in which the application does not start is a finding of its case alone: the boots behind it are made. */
#include "test_lane.h"

static struct machine machine = {
        .id = "fake", .firmware = FIRMWARE_BIOS, .boot_timeout = 5, .no_boot_text = "no prompt|Interactive Shell"};

/* What the VM of a number does: in which boot of the plan its application starts, or that it does not. */
enum { SILENT = -1, SHELL = -2, OTHER_DISK = -3, LAST = 8 };
static int does[LAST];

/* More than the lane keeps of what was said last, at once. */
#define MAPPING "BLK0: Alias(s): PciRoot(0x0)/Pci(0x10,0x0)/HD(1,GPT,9BE1F7A4-6F55-4F7C-8F0B-764D53504543)\r\n"

static void script_boots(struct guest *guest)
{
        int boot = does[vms_started - 1];

        if (boot >= 0) {
                tell_begin(guest, (unsigned)boot);
                if (boot == 2)
                        tell_case(guest);
                tell_end(guest, (unsigned)boot);
                return;
        }
        vms_silent++;
        vm_goes_on = boot == SHELL;
        vm_words = boot == SHELL
                           ? "\x1b[2J\x1b[01;01HUEFI Interactive \x1b[1mShell v2.2\r\n" MAPPING MAPPING MAPPING MAPPING
                   : boot == OTHER_DISK ? "VS1 stop: this is the other disk\r\n"
                                        : "firmware\r\n";
}

/* Two boots of a case of which only the host tells, and a third one with a case of the guest's. */
static struct lane_plan plan_make_missed(enum case_id id, bool again)
{
        struct lane_plan lane = {.plan = {.catalogue = catalogue_hash, .nonce = NONCE, .boots = 3},
                                 .arrival = {ARRIVAL_FIRST, ARRIVAL_POWER_OFF, ARRIVAL_POWER_OFF},
                                 .goes_on = {true, true, true},
                                 .again = again};

        for (unsigned b = 0; b < 3; b++)
                lane.plan.boot[b] = (struct plan_boot){.ending = ENDING_SHUTDOWN, .parts = 1};
        lane.plan.boot[0].part[0] = (struct plan_part){(uint16_t)id, 1};
        lane.plan.boot[1].part[0] = (struct plan_part){(uint16_t)id, 2};
        lane.plan.boot[2].part[0] = (struct plan_part){GUEST_CASE, 1};
        return lane;
}

static void missed_run(const struct lane_plan *plan, const int what[LAST], enum case_id id, enum verdict verdict,
                       const char *reason, unsigned starts)
{
        struct ledger ledger = {0};

        memcpy(does, what, sizeof(does));
        plan_run(plan, &machine, script_boots, &ledger);
        row_expect(&ledger, id, verdict, reason);
        row_expect(&ledger, GUEST_CASE, VERDICT_PASS, "");
        assert_int_equal(vms_started, starts);
        ledger_free(&ledger);
}

static void every_boot_comes(void **state)
{
        struct lane_plan plan = plan_make_missed(CASE_moved_disk_is_booted, false);

        (void)state;
        missed_run(&plan, (const int[LAST]){0, 1, 2}, CASE_moved_disk_is_booted, VERDICT_PASS, "", 3);
        assert_int_equal(vms_ended_hard, 0);
}

static void missed_boot_is_a_finding(void **state)
{
        struct lane_plan plan = plan_make_missed(CASE_moved_disk_is_booted, false);

        (void)state;
        missed_run(&plan, (const int[LAST]){0, SILENT, 2}, CASE_moved_disk_is_booted, VERDICT_FAIL,
                   "the VM ended before it did", 3);
        missed_run(&plan, (const int[LAST]){0, OTHER_DISK, 2}, CASE_moved_disk_is_booted, VERDICT_FAIL,
                   "that of the other disk did", 3);
}

/* What the machine's declaration names ends the wait, escapes or not: the VM itself would have run for ever. */
static void shell_ends_the_wait(void **state)
{
        struct lane_plan plan = plan_make_missed(CASE_moved_disk_is_booted, false);

        (void)state;
        missed_run(&plan, (const int[LAST]){0, SHELL, 2}, CASE_moved_disk_is_booted, VERDICT_FAIL,
                   "the firmware says \"Interactive Shell\"", 3);
        assert_int_equal(vms_ended_hard, 1);
}

/* Made again with a blank store it comes, which does not make the finding good. */
static void missed_boot_is_made_again(void **state)
{
        struct lane_plan plan = plan_make_missed(CASE_moved_disk_is_booted, true);

        (void)state;
        missed_run(&plan, (const int[LAST]){0, SHELL, 1, 2}, CASE_moved_disk_is_booted, VERDICT_FAIL,
                   "the firmware says \"Interactive Shell\"", 4);
}

/* With a blank store it does not come either: nothing is known of the cases behind. */
static void boot_missed_twice_ends_the_lane(void **state)
{
        struct lane_plan plan = plan_make_missed(CASE_moved_disk_is_booted, true);
        struct ledger ledger = {0};

        (void)state;
        memcpy(does, (const int[LAST]){0, SILENT, SILENT, SILENT, SILENT, SILENT, SILENT, SILENT}, sizeof(does));
        plan_run(&plan, &machine, script_boots, &ledger);
        row_expect(&ledger, CASE_moved_disk_is_booted, VERDICT_FAIL, "the VM ended before it did");
        row_expect(&ledger, GUEST_CASE, VERDICT_ERROR, "the VM died too often");
        ledger_free(&ledger);
}

static void first_boot_that_is_missed_judges_nothing(void **state)
{
        struct lane_plan plan = plan_make_missed(CASE_moved_disk_is_booted, false);

        (void)state;
        missed_run(&plan, (const int[LAST]){SILENT, 1, 2}, CASE_moved_disk_is_booted, VERDICT_SKIP,
                   "the boot before: the VM ended before it did", 3);
}

static void application_that_must_not_start(void **state)
{
        struct lane_plan plan = plan_make_missed(CASE_boot_order_of_the_host_is_followed, false);

        (void)state;
        plan.absent[1] = true;
        missed_run(&plan, (const int[LAST]){0, OTHER_DISK, 2}, CASE_boot_order_of_the_host_is_followed, VERDICT_PASS,
                   "", 3);
        missed_run(&plan, (const int[LAST]){0, 1, 2}, CASE_boot_order_of_the_host_is_followed, VERDICT_FAIL,
                   "this disk's did", 3);
        missed_run(&plan, (const int[LAST]){0, SHELL, 2}, CASE_boot_order_of_the_host_is_followed, VERDICT_FAIL,
                   "the firmware says", 3);
}

static void script_late(struct guest *guest)
{
        tell_begin(guest, 0);
        tell_case(guest);
        tell_end(guest, 0);
}

/* On a host that has no time for its VMs, what would be too late elsewhere is not; on one that has, it is. */
static void starved_guest_is_given_its_time_back(void **state)
{
        static struct machine hasty = {.id = "fake", .firmware = FIRMWARE_BIOS, .boot_timeout = 1};
        struct lane_plan plan = {.plan = {.catalogue = catalogue_hash, .nonce = NONCE, .boots = 1}};
        struct ledger ledger = {0};

        (void)state;
        plan.plan.boot[0] = (struct plan_boot){.ending = ENDING_SHUTDOWN, .parts = 1, .part = {{GUEST_CASE, 1}}};
        vms_delay = 1300;
        plan_run(&plan, &hasty, script_late, &ledger);
        row_expect(&ledger, GUEST_CASE, VERDICT_ERROR, "did not start within 1000 ms");
        ledger_free(&ledger);
        vms_starve = true;
        plan_run(&plan, &hasty, script_late, &ledger);
        row_expect(&ledger, GUEST_CASE, VERDICT_PASS, "");
        ledger_free(&ledger);
        vms_delay = 0;
        vms_starve = false;
}

static bool waits;

static void script_fails(struct guest *guest)
{
        const struct fact fact[] = {{.kind = FACT_NOTE, .place = "here", .what = FACT_WAITED, .got = "1000"},
                                    {.kind = FACT_FAILED, .place = "here", .what = "it", .got = "no", .want = "yes"}};
        uint8_t payload[WIRE_FACT_MAX];

        tell_begin(guest, 0);
        tell(guest, WIRE_CASE_BEGIN, NULL, 0);
        for (unsigned i = !waits; i < 2; i++)
                tell(guest, WIRE_FACT, payload, wire_fact_put(payload, &fact[i]));
        tell(guest, WIRE_CASE_END, NULL, 0);
        tell_end(guest, 0);
}

static void fails_as(bool guest_waits, unsigned hunger_ms, enum verdict verdict, const char *reason)
{
        struct lane_plan plan = {.plan = {.catalogue = catalogue_hash, .nonce = NONCE, .boots = 1}};
        struct ledger ledger = {0};

        plan.plan.boot[0] = (struct plan_boot){.ending = ENDING_SHUTDOWN, .parts = 1, .part = {{GUEST_CASE, 1}}};
        waits = guest_waits;
        vms_hunger = hunger_ms * UINT64_C(1000000);
        plan_run(&plan, &machine, script_fails, &ledger);
        row_expect(&ledger, GUEST_CASE, verdict, reason);
        ledger_free(&ledger);
        vms_hunger = 0;
}

/* What did not come in time is held against the platform only where it had the time. */
static void failure_of_a_starved_guest_is_doubted(void **state)
{
        (void)state;
        fails_as(true, 0, VERDICT_FAIL, "it: got no, want yes");
        fails_as(true, 700, VERDICT_FAIL, "it: got no, want yes");
        fails_as(true, 800, VERDICT_ERROR, "the host gave the VMM no processor meanwhile: it: got no, want yes");
        fails_as(false, 800, VERDICT_FAIL, "it: got no, want yes");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(every_boot_comes),
                cmocka_unit_test(missed_boot_is_a_finding),
                cmocka_unit_test(shell_ends_the_wait),
                cmocka_unit_test(missed_boot_is_made_again),
                cmocka_unit_test(boot_missed_twice_ends_the_lane),
                cmocka_unit_test(first_boot_that_is_missed_judges_nothing),
                cmocka_unit_test(application_that_must_not_start),
                cmocka_unit_test(starved_guest_is_given_its_time_back),
                cmocka_unit_test(failure_of_a_starved_guest_is_doubted),
        };

        return journal_find() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
