/* SPDX-License-Identifier: BSD-2-Clause */
/* A lane goes on from a machine that stands still, and finds there what its first boot would have left; where that
 * fails, the boot is made, and nobody notices but the journal. */
#include "frozen.h"
#include "test_lane.h"

static struct machine machine = {.id = "fake", .firmware = FIRMWARE_BIOS, .boot_timeout = 5};
static char said[] = "firmware\r\n";
static unsigned thawed, booted;
static bool plan_found;

static void whole_boot(struct guest *guest)
{
        tell_begin(guest, 0);
        tell_case(guest);
        tell_end(guest, 0);
}

static void script_thawed(struct guest *guest)
{
        static uint8_t plan[WIRE_PLAN_MAX];
        static struct plan got;

        thawed++;
        guest->disk = guest->vm->disk;
        guest->slot = journal_offset + WIRE_SLOT_OFFSET;
        guest->nonce = NONCE;
        assert_int_equal(pread(guest->disk, plan, sizeof(plan), (off_t)journal_offset), sizeof(plan));
        plan_found = plan_get((struct bytes){plan, sizeof(plan)}, &got) && got.nonce == NONCE;
        whole_boot(guest);
}

static void script_booted(struct guest *guest)
{
        booted++;
        whole_boot(guest);
}

static void frozen_run(enum move move)
{
        static const struct plan hold = {.defect = WIRE_HOLD};
        struct lane_plan plan = {
                .plan = {.catalogue = catalogue_hash,
                         .nonce = NONCE,
                         .boots = 1,
                         .boot = {{.ending = ENDING_SHUTDOWN, .parts = 1, .part = {{GUEST_CASE, 1}}}}}};
        struct frozen frozen = {.memory = private_file(0), .state = private_file(1), .store = -1, .console = said};
        struct ledger ledger = {0};
        char error[300];

        assert_int_equal(suite_disk_copy(TEST_BUILD_DIR "/suite.img", &frozen.disk, error, sizeof(error)), 0);
        assert_int_equal(suite_disk_plan(&frozen.disk, &hold), 0);
        frozen.console_size = strlen(said);
        thawed = booted = 0;
        plan_found = false;
        vms_move = move;
        moved_script = script_thawed;
        memset(&moved_guest, 0, sizeof(moved_guest));
        lane_frozen = &frozen;
        plan_run(&plan, &machine, script_booted, &ledger);
        lane_frozen = NULL;
        row_expect(&ledger, GUEST_CASE, VERDICT_PASS, "");
        ledger_free(&ledger);
        close(frozen.memory);
        close(frozen.state);
        close(frozen.disk.fd);
}

static void frozen_machine_goes_on(void **state)
{
        (void)state;
        frozen_run(MOVE_WORKS);
        assert_int_equal(vms_started, 1);
        assert_int_equal(thawed, 1);
        assert_int_equal(booted, 0);
        assert_true(plan_found);
}

static void boot_is_made_where_it_does_not_go_on(void **state)
{
        (void)state;
        frozen_run(MOVE_NOT_TAKEN);
        assert_int_equal(vms_started, 2);
        assert_int_equal(thawed, 0);
        assert_int_equal(booted, 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(frozen_machine_goes_on),
                cmocka_unit_test(boot_is_made_where_it_does_not_go_on),
        };

        return journal_find() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
