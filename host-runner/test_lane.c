/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest that lies, repeats itself, floods or tears its records earns an ERROR, never a PASS, and its VM is ended. The
 * VMM here is a table of functions of this file; what its guest writes is put on the lane's disk by hand.
 */
#include "test_lane.h"

/* The run ---------------------------------------------------------------------------------------------------------- */

/* One lane of one boot with one case, whose guest does what the script says in every VM; then its row. */
static void lane_run(script_function *what, enum verdict verdict, const char *reason)
{
        static struct lane_plan plan;
        struct machine machine = {.id = "fake", .firmware = FIRMWARE_BIOS, .boot_timeout = 5};
        struct ledger ledger = {0};

        plan = (struct lane_plan){.plan = {.catalogue = catalogue_hash, .nonce = NONCE, .boots = 1}};
        plan.plan.boot[0] = (struct plan_boot){.ending = ENDING_SHUTDOWN, .parts = 1, .part = {{GUEST_CASE, 1}}};
        plan_run(&plan, &machine, what, &ledger);
        row_expect(&ledger, GUEST_CASE, verdict, reason);
        ledger_free(&ledger);
}

/* Scripts ---------------------------------------------------------------------------------------------------------- */

static void script_honest(struct guest *guest)
{
        tell_begin(guest, 0);
        tell_case(guest);
        tell_end(guest, 0);
}

static void honest_guest_passes(void **state)
{
        (void)state;
        lane_run(script_honest, VERDICT_PASS, "");
        assert_int_equal(vms_started, 1);
        assert_int_equal(vms_ended_hard, 0);
}

static void script_other_run(struct guest *guest)
{
        guest->nonce++;
        script_honest(guest);
}

static void script_other_start(struct guest *guest)
{
        guest->attempt += 3;
        script_honest(guest);
}

static void script_gap(struct guest *guest)
{
        tell_begin(guest, 0);
        guest->sequence++;
        tell_case(guest);
        tell_end(guest, 0);
}

static void script_no_begin(struct guest *guest)
{
        tell_case(guest);
        tell_end(guest, 0);
}

static void script_two_begins(struct guest *guest)
{
        tell_begin(guest, 0);
        tell_begin(guest, 0);
        tell_case(guest);
}

static void script_wrong_boot(struct guest *guest)
{
        tell_begin(guest, 7);
        tell_case(guest);
        tell_end(guest, 0);
}

static void script_stale(struct guest *guest)
{
        static const char text[] = "arch=aarch64\ncatalogue=0x1\nboot=0x0\n";

        tell(guest, WIRE_BOOT_BEGIN, text, sizeof(text) - 1);
        tell_case(guest);
}

/* An end of another case, and twice the same: neither stands for the one that did not come. */
static void script_foreign_end(struct guest *guest)
{
        tell_begin(guest, 0);
        tell(guest, WIRE_CASE_BEGIN, NULL, 0);
        tell_fact(guest);
        tell_as(guest, WIRE_CASE_END, CASE_var_survives_reset, 1, HALF_G, NULL, 0);
        tell_end(guest, 0);
}

static void script_two_ends(struct guest *guest)
{
        tell_begin(guest, 0);
        tell(guest, WIRE_CASE_END, NULL, 0);
        tell(guest, WIRE_CASE_END, NULL, 0);
        tell_end(guest, 0);
}

static void script_twice(struct guest *guest)
{
        tell_begin(guest, 0);
        tell(guest, WIRE_CASE_BEGIN, NULL, 0);
        tell(guest, WIRE_CASE_BEGIN, NULL, 0);
        tell_fact(guest);
        tell(guest, WIRE_CASE_END, NULL, 0);
}

static void script_unplanned(struct guest *guest)
{
        tell_begin(guest, 0);
        tell_as(guest, WIRE_CASE_BEGIN, CASE_var_survives_reset, 1, HALF_G, NULL, 0);
        tell_case(guest);
}

static void script_no_such_case(struct guest *guest)
{
        tell_begin(guest, 0);
        tell_as(guest, WIRE_CASE_BEGIN, CASE_COUNT + 5, 1, HALF_G, NULL, 0);
        tell_case(guest);
}

static void script_part_9(struct guest *guest)
{
        tell_begin(guest, 0);
        tell_as(guest, WIRE_CASE_BEGIN, GUEST_CASE, 9, HALF_G, NULL, 0);
        tell_case(guest);
}

static void script_fact_before_case(struct guest *guest)
{
        tell_begin(guest, 0);
        tell_fact(guest);
        tell_case(guest);
}

static void script_broken_fact(struct guest *guest)
{
        tell_begin(guest, 0);
        tell(guest, WIRE_CASE_BEGIN, NULL, 0);
        tell(guest, WIRE_FACT, "\x01\x02", 2);
        tell(guest, WIRE_CASE_END, NULL, 0);
}

static void script_facts_for_ever(struct guest *guest)
{
        tell_begin(guest, 0);
        tell(guest, WIRE_CASE_BEGIN, NULL, 0);
        while (guest->length < WIRE_SLOT_SIZE - 4096)
                tell_fact(guest);
}

static void script_requests_for_ever(struct guest *guest)
{
        tell_begin(guest, 0);
        tell(guest, WIRE_CASE_BEGIN, NULL, 0);
        for (unsigned i = 0; i < 5000; i++)
                tell(guest, WIRE_REQUEST, "plug blk", 8);
}

static void script_evidence_twice(struct guest *guest)
{
        uint8_t payload[16] = {EVIDENCE_FDT, 0, 0, 0, 0, 0, 32};

        tell_begin(guest, 0);
        tell(guest, WIRE_CASE_BEGIN, NULL, 0);
        tell(guest, WIRE_EVIDENCE, payload, sizeof(payload));
        tell(guest, WIRE_EVIDENCE, payload, sizeof(payload));
        tell(guest, WIRE_CASE_END, NULL, 0);
}

static void script_dies_in_case(struct guest *guest)
{
        tell_begin(guest, 0);
        tell(guest, WIRE_CASE_BEGIN, NULL, 0);
        tell_fact(guest);
}

static void script_torn(struct guest *guest)
{
        static const uint8_t byte = 0x5a;
        size_t last;

        tell_begin(guest, 0);
        tell(guest, WIRE_CASE_BEGIN, NULL, 0);
        last = guest->length;
        tell_fact(guest);
        assert_int_equal(pwrite(guest->disk, &byte, 1, (off_t)(guest->slot + last + WIRE_HEADER + 3)), 1);
        tell(guest, WIRE_CASE_END, NULL, 0);
        tell_end(guest, 0);
}

static void script_ends_early(struct guest *guest)
{
        tell_begin(guest, 0);
        tell_end(guest, 0);
        tell_case(guest);
}

static void script_lost_log(struct guest *guest)
{
        static const uint8_t log[12] = {0, 0, 0, 0x40, 0, 0, 0, 0, 0, 16, 0, 0};

        tell_begin(guest, 0);
        tell(guest, WIRE_MEMORY_LOG, log, sizeof(log));
}

static void script_nothing(struct guest *guest)
{
        (void)guest;
}

static void lying_guest_is_an_error(void **state)
{
        static const struct {
                script_function *script;
                const char *reason;
        } lies[] = {
                {script_other_run, "a record of another run"},
                {script_other_start, "a record of another start"},
                {script_gap, "a gap in the sequence"},
                {script_no_begin, "a record before the beginning"},
                {script_two_begins, "a second beginning"},
                {script_wrong_boot, "the guest runs boot 7, expected boot 0"},
                {script_stale, "the suite's disk is stale"},
                {script_foreign_end, "the end of a case that had not begun"},
                {script_two_ends, "the end of a case that had not begun"},
                {script_twice, "a case that begins twice"},
                {script_unplanned, "a case that is not planned for this boot"},
                {script_no_such_case, "a case that is not planned for this boot"},
                {script_part_9, "a case that is not planned for this boot"},
                {script_fact_before_case, "a fact of no case"},
                {script_broken_fact, "a fact that does not parse"},
                {script_facts_for_ever, "more facts than a case can have"},
                {script_requests_for_ever, "more requests than a start can have"},
                {script_evidence_twice, "told already"},
                {script_ends_early, "a record after the end"},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
                lane_run(lies[i].script, VERDICT_ERROR, lies[i].reason);
                assert_true(vms_started <= 6);
                assert_true(vms_ended_hard >= 1);
        }
}

static void unheard_guest_is_an_error(void **state)
{
        (void)state;
        lane_run(script_torn, VERDICT_ERROR, "torn");
        lane_run(script_lost_log, VERDICT_ERROR, "log-lost");
        lane_run(script_nothing, VERDICT_ERROR, "the VM ended before the application ever started");
        assert_int_equal(vms_started, 1);
}

/* The VM powered off inside the case: that the platform did. */
static void death_inside_a_case_fails(void **state)
{
        (void)state;
        lane_run(script_dies_in_case, VERDICT_FAIL, "it reset, powered off or crashed inside it");
        assert_true(vms_started <= 6);
}

/* Requests over the console --------------------------------------------------------------------------------------- */

static void hear(struct guest *guest, const char *format, unsigned long long nonce, unsigned number)
{
        char text[2 * WIRE_LINE_MAX];
        int length = snprintf(text, sizeof(text), format, nonce, number);

        guest->vm->console(guest->vm->context, text, (size_t)length);
}

static void script_requests_over_console(struct guest *guest)
{
        static const uint8_t log[12] = {0, 0, 0, 0x40, 0, 0, 0, 0, 0, 16, 0, 0};
        static char flood[4096];

        tell_begin(guest, 0);
        if (vms_started > 1)
                return;
        hear(guest, WIRE_LINE_REQUEST "plug blk\r\n", NONCE, 0); /* before ExitBootServices */
        tell(guest, WIRE_MEMORY_LOG, log, sizeof(log));
        hear(guest, WIRE_LINE_REQUEST "plug blk\r\n", NONCE + 1, 0);
        hear(guest, WIRE_LINE_REQUEST "plug blk\r\n", NONCE, 7);
        hear(guest, " " WIRE_LINE_REQUEST "plug blk\r\n", NONCE, 0);
        hear(guest, WIRE_LINE_REQUEST "\r\n", NONCE, 0);
        hear(guest, WIRE_LINE_REQUEST "plug\x1b blk\r\n", NONCE, 0);
        memset(flood, 'A', sizeof(flood) - 1);
        guest->vm->console(guest->vm->context, flood, sizeof(flood) - 1);
        hear(guest, WIRE_LINE_REQUEST "plug blk\r\n", NONCE, 0); /* the end of the line before */
        hear(guest, "VMSPEC-RE", NONCE, 0);
        hear(guest, "QUEST %016llx %u plug blk\r\n", NONCE, 0);
        hear(guest, WIRE_LINE_REQUEST "plug blk\r\n", NONCE, 0); /* again */
        hear(guest, WIRE_LINE_REQUEST "burn\r\n", NONCE, 1);
}

static void only_the_next_line_is_a_request(void **state)
{
        (void)state;
        vms_plugged = 0;
        vms_typed[0] = 0;
        lane_run(script_requests_over_console, VERDICT_ERROR, "");
        assert_int_equal(vms_plugged, 1);
        assert_string_equal(vms_typed, "VMSPEC-ANSWER 0000000000005eed 0 1 \r"
                                       "VMSPEC-ANSWER 0000000000005eed 1 0 unknown request\r");
}

/* A runner that is held up ----------------------------------------------------------------------------------------- */

static void boot_tell(struct guest *guest, unsigned boot)
{
        tell_begin(guest, boot);
        tell_part(guest, CASE_var_survives_reset, (uint8_t)(boot + 1), true, true);
        tell_end(guest, boot);
}

/* All boots are over before the runner hears of the first reset. */
static void script_ahead(struct guest *guest)
{
        boot_tell(guest, 0);
        *guest = (struct guest){.vm = guest->vm,
                                .disk = guest->disk,
                                .slot = guest->slot + WIRE_SLOT_SIZE,
                                .attempt = 1,
                                .nonce = NONCE};
        boot_tell(guest, 1);
        guest->vm->event(guest->vm->context, VM_RESET, "");
}

static void resets_may_be_heard_late(void **state)
{
        struct lane_plan plan = {.plan = {.catalogue = catalogue_hash, .nonce = NONCE, .boots = 2},
                                 .arrival = {ARRIVAL_FIRST, ARRIVAL_RESET}};
        struct machine machine = {.id = "fake", .firmware = FIRMWARE_BIOS, .boot_timeout = 5};
        struct ledger ledger = {0};

        (void)state;
        for (unsigned b = 0; b < 2; b++)
                plan.plan.boot[b] = (struct plan_boot){
                        .ending = ENDING_SHUTDOWN, .parts = 1, .part = {{CASE_var_survives_reset, (uint8_t)(b + 1)}}};
        plan_run(&plan, &machine, script_ahead, &ledger);
        row_expect(&ledger, CASE_var_survives_reset, VERDICT_PASS, "");
        assert_int_equal(vms_started, 1);
        ledger_free(&ledger);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(honest_guest_passes),       cmocka_unit_test(lying_guest_is_an_error),
                cmocka_unit_test(unheard_guest_is_an_error), cmocka_unit_test(death_inside_a_case_fails),
                cmocka_unit_test(resets_may_be_heard_late),  cmocka_unit_test(only_the_next_line_is_a_request),
        };

        return journal_find() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
