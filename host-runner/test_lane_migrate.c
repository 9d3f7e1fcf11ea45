/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest that is moved goes on in one VM and no more; a move that fails is an ERROR with its reason, or the guest's
 * word that there is none, and leaves no VM behind. */
#define GUEST_CASE CASE_var_store_migrates
#include "test_lane.h"

enum { STORE = 256 * 1024 + 40, AT = 256 * 1024 - 10 }; /* a name may lie across the pieces that are read */

static char store_path[] = "/tmp/vmspec-store-XXXXXX";
static bool store_kept; /* what the guest writes behind its move is in the store of its VM */

static void variable_put(int store, const char *name, uint64_t value, off_t at)
{
        uint8_t bytes[80] = {0};
        size_t length = strlen(name) + 1;

        for (size_t i = 0; i < length; i++)
                wire_put16(bytes + 2 * i, (uint8_t)name[i]);
        wire_put64(bytes + 2 * length, value);
        assert_int_equal(pwrite(store, bytes, 2 * length + 8, at), 2 * length + 8);
}

static void tell_move(struct guest *guest)
{
        tell(guest, WIRE_REQUEST, "migrate", 7);
}

static void script_asks(struct guest *guest)
{
        tell_begin(guest, 0);
        tell(guest, WIRE_CASE_BEGIN, NULL, 0);
        tell_move(guest);
        vm_goes_on = true;
}

static void tell_other(struct guest *guest, enum fact_kind kind, const char *what, const char *got)
{
        struct fact fact = {.kind = kind, .place = "here"};
        uint8_t payload[WIRE_FACT_MAX];

        text_copy(fact.what, sizeof(fact.what), what);
        text_copy(fact.got, sizeof(fact.got), got);
        tell(guest, WIRE_FACT, payload, wire_fact_put(payload, &fact));
}

static void case_end(struct guest *guest)
{
        tell(guest, WIRE_CASE_END, NULL, 0);
        tell_end(guest, 0);
}

static struct wire_mailbox mailbox_read(const struct guest *guest)
{
        static uint8_t block[WIRE_STATE_SIZE];
        struct wire_mailbox mailbox = {0};

        assert_int_equal(pread(guest->disk, block, sizeof(block), (off_t)(journal_offset + WIRE_MAILBOX_OFFSET)),
                         sizeof(block));
        assert_true(wire_mailbox_get(block, NONCE, &mailbox));
        return mailbox;
}

static void moved_on(struct guest *guest)
{
        assert_int_equal(mailbox_read(guest).done, 1);
        tell_other(guest, FACT_NOTE, "moved", "1");
        tell_fact(guest);
        variable_put(guest->vm->store, WIRE_MOVED_BEFORE, NONCE, AT);
        if (store_kept)
                variable_put(guest->vm->store, WIRE_MOVED_AFTER, ~(uint64_t)NONCE, AT + 80);
        case_end(guest);
}

/* A second time is once too often. */
static void moved_twice(struct guest *guest)
{
        tell_move(guest);
        guest->vm->event(guest->vm->context, VM_OTHER, ""); /* which makes the lane read */
        lane_read(guest->vm->context);
        assert_int_equal(mailbox_read(guest).done, 0);
        assert_string_equal(mailbox_read(guest).text, "this guest was to be moved before");
        tell_other(guest, FACT_ERROR, "", "moved no more");
        case_end(guest);
}

static void moved_not(struct guest *guest)
{
        assert_int_equal(mailbox_read(guest).done, 0);
        assert_string_equal(mailbox_read(guest).text, WIRE_NOT_MIGRATABLE "a device");
        tell_other(guest, FACT_NOT_APPLICABLE, "", "there is none");
        case_end(guest);
}

static void move_run(enum move move, script_function *then, enum verdict verdict, const char *reason, unsigned vms)
{
        static struct lane_plan plan;
        struct machine machine = {.id = "fake", .firmware = FIRMWARE_FLASH, .vars = store_path, .boot_timeout = 5};
        struct ledger ledger = {0};

        vms_move = move;
        moved_script = then;
        plan = (struct lane_plan){.plan = {.catalogue = catalogue_hash, .nonce = NONCE, .boots = 1}};
        plan.plan.boot[0] = (struct plan_boot){.ending = ENDING_SHUTDOWN, .parts = 1, .part = {{GUEST_CASE, 1}}};
        plan_run(&plan, &machine, script_asks, &ledger);
        row_expect(&ledger, GUEST_CASE, verdict, reason);
        assert_int_equal(vms_started, vms);
        ledger_free(&ledger);
}

static void moved_guest_is_judged_by_its_store(void **state)
{
        (void)state;
        store_kept = true;
        move_run(MOVE_WORKS, moved_on, VERDICT_PASS, "", 2);
        store_kept = false;
        move_run(MOVE_WORKS, moved_on, VERDICT_FAIL, "on the new store: before 0x3fff6, after nowhere", 2);
}

static void guest_is_moved_once(void **state)
{
        (void)state;
        move_run(MOVE_WORKS, moved_twice, VERDICT_ERROR, "moved no more", 2);
}

static void guest_that_cannot_be_moved_runs_on(void **state)
{
        (void)state;
        move_run(MOVE_IMPOSSIBLE, moved_not, VERDICT_NOT_APPLICABLE, "there is none", 1);
}

static void move_that_fails_is_an_error(void **state)
{
        (void)state;
        move_run(MOVE_UNSAVED, NULL, VERDICT_ERROR, "could not be moved to another VMM process: no room", 1);
        move_run(MOVE_NOT_TAKEN, NULL, VERDICT_ERROR, "another VMM process: exit status 1: load of migration failed",
                 2);
        move_run(MOVE_DIES, NULL, VERDICT_ERROR, "could not be moved to another VMM process: exit status 0", 1);
        move_run(MOVE_HANGS, NULL, VERDICT_ERROR, "it was not done within 60 s", 1);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(moved_guest_is_judged_by_its_store),
                cmocka_unit_test(guest_is_moved_once),
                cmocka_unit_test(guest_that_cannot_be_moved_runs_on),
                cmocka_unit_test(move_that_fails_is_an_error),
        };
        int store = mkstemp(store_path), result = 1;

        if (store >= 0 && ftruncate(store, STORE + 80) == 0 && journal_find())
                result = cmocka_run_group_tests(tests, NULL, NULL);
        (void)unlink(store_path);
        return result;
}
