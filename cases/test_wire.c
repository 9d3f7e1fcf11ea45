/* SPDX-License-Identifier: BSD-2-Clause */
/* What was put comes back the same, and not one flipped bit or missing byte goes unseen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "case.h"
#include "wire.h"

static const struct wire_record samples[] = {
        {WIRE_BOOT_BEGIN, WIRE_NO_CASE, 0x0123456789abcdef, 0, 0, 0, 0, {(const uint8_t *)"arch=aarch64\n", 13}},
        {WIRE_CASE_BEGIN, 0, 0x0123456789abcdef, 3, 1, HALF_G, 1, {NULL, 0}},
        {WIRE_CASE_END,
         1,
         UINT64_MAX,
         0xffff,
         3,
         HALF_J,
         UINT32_MAX,
         {(const uint8_t *)"\1\0\0\0\2\0\0\0\0\0\0\0", 12}},
        {WIRE_REQUEST, WIRE_NO_CASE, 1, 1, 0, 0, 7, {(const uint8_t *)"unplug!!", 8}},
};
enum { SAMPLES = sizeof(samples) / sizeof(samples[0]) };

static void assert_record_equal(const struct wire_record *a, const struct wire_record *b)
{
        assert_int_equal(a->kind, b->kind);
        assert_int_equal(a->case_id, b->case_id);
        assert_true(a->nonce == b->nonce);
        assert_int_equal(a->attempt, b->attempt);
        assert_int_equal(a->part, b->part);
        assert_int_equal(a->half, b->half);
        assert_int_equal(a->sequence, b->sequence);
        assert_int_equal(a->payload.size, b->payload.size);
        if (a->payload.size)
                assert_memory_equal(a->payload.data, b->payload.data, a->payload.size);
}

static size_t samples_put(uint8_t *to, size_t room)
{
        size_t at = 0;

        for (size_t i = 0; i < SAMPLES; i++) {
                size_t used = wire_record_put(to + at, room - at, &samples[i]);

                assert_int_not_equal(used, 0);
                assert_int_equal(used % 8, 0);
                at += used;
        }
        return at;
}

static void test_records_round_trip(void **state)
{
        uint8_t bytes[512] = {0};
        size_t used = samples_put(bytes, sizeof(bytes)), at = 0;
        struct wire_record record;

        (void)state;
        for (size_t i = 0; i < SAMPLES; i++) {
                assert_int_equal(wire_record_get((struct bytes){bytes, sizeof(bytes)}, &at, &record), WIRE_OK);
                assert_record_equal(&record, &samples[i]);
        }
        assert_int_equal(at, used);
        assert_int_equal(wire_record_get((struct bytes){bytes, sizeof(bytes)}, &at, &record), WIRE_END);
        assert_int_equal(wire_record_get((struct bytes){bytes, used}, &at, &record), WIRE_END);
        assert_int_equal(at, used);
}

static void test_record_needs_room(void **state)
{
        uint8_t bytes[128];
        struct wire_record large = samples[0];

        (void)state;
        for (size_t room = 0; room < 48; room++)
                assert_int_equal(wire_record_put(bytes, room, &samples[0]), 0);
        assert_int_equal(wire_record_put(bytes, 48, &samples[0]), 48);
        large.payload.size = WIRE_PAYLOAD_MAX + 1;
        assert_int_equal(wire_record_put(bytes, SIZE_MAX, &large), 0);
}

/* A record in memory of just its size, so that a sanitizer sees every byte read past it. */
static enum wire_result record_get_copy(const uint8_t *bytes, size_t size)
{
        uint8_t *copy = malloc(size ? size : 1);
        struct wire_record record, untouched;
        size_t at = 0;
        enum wire_result result;

        assert_non_null(copy);
        memcpy(copy, bytes, size);
        memset(&record, 0x5a, sizeof(record));
        untouched = record;
        result = wire_record_get((struct bytes){copy, size}, &at, &record);
        if (result != WIRE_OK) {
                assert_int_equal(at, 0);
                assert_int_equal(record.sequence, untouched.sequence);
                assert_true(record.payload.data == untouched.payload.data);
        }
        free(copy);
        return result;
}

static void test_every_flipped_bit_of_a_record_is_seen(void **state)
{
        (void)state;
        for (size_t i = 0; i < SAMPLES; i++) {
                uint8_t bytes[128];
                size_t used = wire_record_put(bytes, sizeof(bytes), &samples[i]);

                for (size_t bit = 0; bit < 8 * used; bit++) {
                        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
                        if (record_get_copy(bytes, used) != WIRE_TORN)
                                fail_msg("sample %zu: bit %zu of byte %zu", i, bit % 8, bit / 8);
                        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
                }
                assert_int_equal(record_get_copy(bytes, used), WIRE_OK);
        }
}

static void test_every_cut_of_a_record_is_seen(void **state)
{
        (void)state;
        for (size_t i = 0; i < SAMPLES; i++) {
                uint8_t bytes[128];
                size_t used = wire_record_put(bytes, sizeof(bytes), &samples[i]);

                assert_int_equal(record_get_copy(bytes, 0), WIRE_END);
                for (size_t size = 1; size < used; size++)
                        assert_int_equal(record_get_copy(bytes, size), WIRE_TORN);
        }
}

static const struct fact fact_sample = {FACT_FAILED, "vars.c:14", "status", "NOT_FOUND", "SUCCESS"};

static void test_fact_round_trip(void **state)
{
        uint8_t bytes[WIRE_FACT_MAX];
        struct fact fact, full = {.kind = FACT_ERROR};
        size_t length = wire_fact_put(bytes, &fact_sample);

        (void)state;
        assert_true(wire_fact_get((struct bytes){bytes, length}, &fact));
        assert_int_equal(fact.kind, FACT_FAILED);
        assert_string_equal(fact.place, "vars.c:14");
        assert_string_equal(fact.what, "status");
        assert_string_equal(fact.got, "NOT_FOUND");
        assert_string_equal(fact.want, "SUCCESS");
        memset(full.place, 'p', sizeof(full.place) - 1);
        memset(full.what, 'w', sizeof(full.what) - 1);
        memset(full.got, 'g', sizeof(full.got) - 1);
        memset(full.want, 'x', sizeof(full.want) - 1);
        length = wire_fact_put(bytes, &full);
        assert_int_equal(length, WIRE_FACT_MAX);
        assert_true(wire_fact_get((struct bytes){bytes, length}, &fact));
        assert_memory_equal(&fact, &full, sizeof(fact));
}

static void test_bad_facts_are_refused(void **state)
{
        uint8_t bytes[WIRE_FACT_MAX + 1] = {0}, long_place[1 + FACT_PLACE + 4];
        size_t length = wire_fact_put(bytes, &fact_sample);
        struct fact fact = {.kind = FACT_NOTE};

        (void)state;
        for (size_t size = 0; size < length; size++)
                assert_false(wire_fact_get((struct bytes){bytes, size}, &fact));
        assert_false(wire_fact_get((struct bytes){bytes, length + 1}, &fact));
        bytes[0] = 0;
        assert_false(wire_fact_get((struct bytes){bytes, length}, &fact));
        bytes[0] = FACT_KIND_END;
        assert_false(wire_fact_get((struct bytes){bytes, length}, &fact));
        memset(long_place, 'p', sizeof(long_place));
        long_place[0] = FACT_PASSED;
        memset(long_place + 1 + FACT_PLACE, 0, 4);
        assert_false(wire_fact_get((struct bytes){long_place, sizeof(long_place)}, &fact));
        assert_int_equal(fact.kind, FACT_NOTE);
}

static void plan_sample(struct plan *plan)
{
        memset(plan, 0, sizeof(*plan));
        plan->catalogue = catalogue_hash;
        plan->nonce = 0xfedcba9876543210;
        plan->attended = true;
        plan->boots = 2;
        plan->boot[0] = (struct plan_boot){.ending = ENDING_RESET_COLD, .parts = 2, .part = {{0, 1}, {1, 1}}};
        plan->boot[1] = (struct plan_boot){.ending = ENDING_PSCI_OFF, .parts = 1, .part = {{CASE_COUNT - 1, 3}}};
        strcpy(plan->told, "arch=aarch64\n");
        strcpy(plan->defect, "name=value\n");
}

static void test_plan_round_trip(void **state)
{
        static uint8_t bytes[WIRE_PLAN_MAX];
        static struct plan plan, got;
        size_t length;

        (void)state;
        plan_sample(&plan);
        length = plan_put(bytes, sizeof(bytes), &plan);
        assert_int_not_equal(length, 0);
        assert_true(plan_get((struct bytes){bytes, sizeof(bytes)}, &got));
        assert_true(got.catalogue == plan.catalogue && got.nonce == plan.nonce && got.attended);
        assert_int_equal(got.boots, 2);
        for (unsigned b = 0; b < 2; b++) {
                assert_int_equal(got.boot[b].ending, plan.boot[b].ending);
                assert_int_equal(got.boot[b].parts, plan.boot[b].parts);
                for (unsigned p = 0; p < plan.boot[b].parts; p++) {
                        assert_int_equal(got.boot[b].part[p].case_id, plan.boot[b].part[p].case_id);
                        assert_int_equal(got.boot[b].part[p].part, plan.boot[b].part[p].part);
                }
        }
        assert_string_equal(got.told, plan.told);
        assert_string_equal(got.defect, plan.defect);
        assert_int_equal(plan_put(bytes, length - 1, &plan), 0);
}

static void test_damaged_plans_are_refused(void **state)
{
        static uint8_t bytes[WIRE_PLAN_MAX];
        static struct plan plan, got;
        size_t length;

        (void)state;
        plan_sample(&plan);
        length = plan_put(bytes, sizeof(bytes), &plan);
        for (size_t size = 0; size < length; size++)
                assert_false(plan_get((struct bytes){bytes, size}, &got));
        for (size_t bit = 0; bit < 8 * length; bit++) {
                bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
                if (plan_get((struct bytes){bytes, sizeof(bytes)}, &got))
                        fail_msg("bit %zu of byte %zu", bit % 8, bit / 8);
                bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        plan.boot[0].part[0].case_id = CASE_COUNT;
        length = plan_put(bytes, sizeof(bytes), &plan);
        assert_false(plan_get((struct bytes){bytes, length}, &got));
}

static void test_state_round_trip(void **state)
{
        const struct wire_state sample = {.nonce = 77, .attempt = 5, .boot = 2, .begun = 9, .finished = 1};
        uint8_t bytes[WIRE_STATE_SIZE];
        struct wire_state got = {0};

        (void)state;
        wire_state_put(bytes, &sample);
        assert_false(wire_state_get(bytes, 78, &got));
        for (size_t bit = 0; bit < 8 * sizeof(bytes); bit += bit < 8 * 64 ? 1 : 61) {
                bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
                assert_false(wire_state_get(bytes, 77, &got));
                bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        assert_int_equal(got.attempt, 0);
        assert_true(wire_state_get(bytes, 77, &got));
        assert_true(got.nonce == 77 && got.attempt == 5 && got.boot == 2 && got.begun == 9 && got.finished == 1);
}

static void test_mailbox_round_trip(void **state)
{
        const struct wire_mailbox sample = {.nonce = 77, .attempt = 5, .sequence = 8, .done = 1, .text = "unplugged"};
        uint8_t bytes[WIRE_STATE_SIZE];
        struct wire_mailbox got = {0};
        struct wire_state other;

        (void)state;
        wire_mailbox_put(bytes, &sample);
        assert_false(wire_mailbox_get(bytes, 78, &got));
        assert_false(wire_state_get(bytes, 77, &other));
        for (size_t bit = 0; bit < 8 * sizeof(bytes); bit += bit < 8 * 64 ? 1 : 61) {
                bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
                assert_false(wire_mailbox_get(bytes, 77, &got));
                bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        assert_true(wire_mailbox_get(bytes, 77, &got));
        assert_true(got.nonce == 77 && got.attempt == 5 && got.sequence == 8 && got.done == 1);
        assert_string_equal(got.text, "unplugged");
}

static void test_numbers_at_any_alignment(void **state)
{
        uint8_t bytes[16] = {0};

        (void)state;
        for (size_t at = 0; at < 8; at++) {
                wire_put64(bytes + at, 0x8877665544332211);
                assert_int_equal(bytes[at], 0x11);
                assert_true(wire_get64(bytes + at) == 0x8877665544332211);
                assert_true(wire_get32(bytes + at) == 0x44332211);
                assert_true(wire_get16(bytes + at) == 0x2211);
        }
}

int main(void)
{
        static const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_records_round_trip),
                cmocka_unit_test(test_record_needs_room),
                cmocka_unit_test(test_every_flipped_bit_of_a_record_is_seen),
                cmocka_unit_test(test_every_cut_of_a_record_is_seen),
                cmocka_unit_test(test_fact_round_trip),
                cmocka_unit_test(test_bad_facts_are_refused),
                cmocka_unit_test(test_plan_round_trip),
                cmocka_unit_test(test_damaged_plans_are_refused),
                cmocka_unit_test(test_state_round_trip),
                cmocka_unit_test(test_mailbox_round_trip),
                cmocka_unit_test(test_numbers_at_any_alignment),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
